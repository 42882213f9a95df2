# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The grammar of ``per=company:2`` and ``fair=company``."""

from typing import NamedTuple

#: What the jobs of a channel may be told apart by.
KINDS = ("company", "user", "model", "function")
FAIR_KINDS = (*KINDS, "key")


class Per(NamedTuple):
    """How many jobs run at a time for each value of a kind."""

    kind: str
    limit: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.limit}"


def joined(words: list[str]) -> list[str]:
    """Return the words of an entry; the number behind ``per=company`` is none of its
    own.

    >>> joined(["4", "per=company", "2", "paused"])
    ['4', 'per=company:2', 'paused']
    """
    found: list[str] = []
    for word in words:
        begins = found and found[-1].split("=")[0].strip() == "per"
        if begins and ":" not in found[-1] and word.lstrip("-").isdigit():
            found[-1] = f"{found[-1]}:{word}"
        else:
            found.append(word)
    return found


def per(name: object, value: object) -> Per | None:
    """Return what ``per=`` says.

    :raises ValueError: names the wrong word and the cure
    """
    if value is None or isinstance(value, Per):
        return value
    kind, _colon, number = str(value).partition(":")
    if kind not in KINDS:
        raise _error(name, f"per={value}", f"{kind!r} is none of {_told(KINDS)}")
    if not number.isdigit() or int(number) < 1:
        raise _error(name, f"per={value}", "the number of jobs is missing")
    return Per(kind, int(number))


def fair(
    name: object, value: object, capacity: int | None, sequential: bool
) -> str | None:
    """Return what ``fair=`` says.

    :raises ValueError: names the wrong word and the cure
    """
    if value is None:
        return None
    if value not in FAIR_KINDS:
        raise _error(name, f"fair={value}", f"it is none of {_told(FAIR_KINDS)}")
    if sequential:
        raise _error(
            name,
            f"fair={value}",
            "a sequential channel has one order; leave out one of the two",
        )
    if not capacity:
        raise _error(
            name,
            f"fair={value}",
            "a channel without limit passes all its jobs on at once, and none has to"
            " wait for its turn; give it a capacity",
        )
    return str(value)


def _told(kinds: tuple[str, ...]) -> str:
    return ", ".join(kinds)


def _error(name: object, word: str, reason: str) -> ValueError:
    return ValueError(
        f"Invalid channel configuration of {name!r}: at {word!r}, {reason}; write"
        f" '{name}:4:per=company:2' or '{name}:4:fair=company'."
    )
