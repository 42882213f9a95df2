# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a channel may be called, and the one spelling in which a name is stored.

Names come from programs, people and rows, so they have a bound: each level is a
channel that the runner holds, and that it goes through with each job.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

ROOT = "root"
#: Levels of a name, and its signs, at the most.
MOST_LEVELS, LONGEST = 20, 250
#: Other spellings that are kept in mind; they are only found in rows that an add-on
#: wrote past Odoo.
_MOST_SPELLINGS = 100


def full_name(name: str | None) -> str:
    """Return the one spelling of a name: ``root.sub`` for ``sub``, `` root.sub`` and
    ``root..sub``, ``root`` for nothing."""
    found = [part for level in (name or "").split(".") if (part := level.strip())]
    return ".".join(found if found[:1] == [ROOT] else [ROOT, *found])


def normalise_channel_name(name: str | None) -> str:
    """Return the spelling in which a name is stored.

    :raises ValueError: when no channel may be called so: names what is too much
    """
    full = full_name(name)
    if len(full) > LONGEST:
        raise ValueError(
            f"The name of channel {full[:40]!r}… has {len(full)} signs: give it"
            f" {LONGEST} at the most."
        )
    levels = full.count(".") + 1
    if levels > MOST_LEVELS:
        raise ValueError(
            f"The name of channel {full[:40]!r}… has {levels} levels: give it"
            f" {MOST_LEVELS} at the most."
        )
    return full


def pattern_below(full: str) -> str:
    """Return the pattern, of ``=like``, of the channels below one."""
    escaped = full.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    return f"{escaped}.%"


def served_name(name: str | None) -> str:
    """Return the channel in which jobs run whose row says so. Rows that were written
    past Odoo may say anything: where a name is too deep or too long, it is the nearest
    channel above that may be."""
    try:
        return normalise_channel_name(name)
    except ValueError:
        levels = full_name(name).split(".")[:MOST_LEVELS]
        while len(".".join(levels)) > LONGEST:
            levels.pop()
        return ".".join(levels)


def spellings(name: str) -> list[str]:
    """Tell how jobs may call a channel: with ``root.`` and without."""
    full = full_name(name)
    return sorted({full, full.removeprefix(f"{ROOT}.")})


class Sequential:
    """The sequential channels, as the rows of a database spell them.

    :param names: their full names
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(full_name(name) for name in names)
        self.spellings = {s for name in self._names for s in spellings(name)}

    def __contains__(self, name: object) -> bool:
        return name in self.spellings

    def learn(self, found: Collection[str]) -> bool:
        """Take notice of how rows spell channels.

        :return: whether one of them is another spelling of a sequential one
        """
        if not self._names or len(self.spellings) > _MOST_SPELLINGS:
            return False
        others = {
            spelt
            for spelt in found
            if spelt not in self.spellings and served_name(spelt) in self._names
        }
        self.spellings |= others
        return bool(others)


def levels(name: str | None) -> list[str]:
    """Return the complete names of a channel and of all above it."""
    parts = full_name(name or ROOT).split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def with_those_below(by_name: Mapping[str | None, int]) -> Counter[str]:
    """Return the sums of channels and of all below each, like capacities."""
    total: Counter[str] = Counter()
    for name, count in by_name.items():
        for level in levels(name):
            total[level] += count
    return total
