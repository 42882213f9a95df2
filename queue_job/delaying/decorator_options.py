# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The options of ``@job`` that are given by name: what there are, and how each is
checked. What a declaration says becomes an attribute of the function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.kept_log import KeepLog
from ..core.limits import MOST_EXPIRY, MOST_IN_CHUNK, MOST_INTEGER
from ..core.listed_exceptions import declared
from ..core.text import shown
from .moment import whole_seconds

#: What may become of a job whose time is over.
ON_TIMEOUT = ("fail", "retry")


@dataclass(frozen=True)
class JobOption:
    """An option of a declaration.

    :param is_valid: tells whether a value may be given
    :param expected: what may, for the error
    :param absent: what the function says where nothing, or ``None``, is given
    :param kept: gets the value, and returns what is kept of it; may refuse it with a
        ``ValueError`` that says why
    """

    is_valid: Callable[[Any], bool]
    expected: str
    absent: Any = None
    kept: Callable[[Any], Any] = lambda value: value


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_method_name(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _is_duration(value: Any) -> bool:
    seconds = whole_seconds(value)
    return seconds is not None and 0 <= seconds <= MOST_INTEGER


def _are_names(value: Any) -> bool:
    names = (value,) if isinstance(value, str) else value
    return isinstance(names, list | tuple) and all(
        isinstance(name, str) and all(part.isidentifier() for part in name.split("."))
        for name in names
    )


def _aliases(value: Any) -> tuple[tuple[str | None, str], ...]:
    """Return (model, method) of each former name; no model: the method's own."""
    names = (value,) if isinstance(value, str) else value
    parts = (name.rpartition(".") for name in names)
    return tuple((model or None, method) for model, _dot, method in parts)


#: For what is judged when it is read.
_ANY = (lambda _value: True, "")

#: The options by name, in the order in which errors list them.
JOB_OPTIONS: dict[str, JobOption] = {
    "repeat_in_place": JobOption(_is_flag, "True or False", absent=True),
    "on_fail_method": JobOption(_is_method_name, "the name of a method"),
    "keep_log": JobOption(
        lambda value: value in list(KeepLog), f"one of {', '.join(KeepLog)}"
    ),
    "notify_user": JobOption(_is_flag, "True or False"),
    "retry_on": JobOption(*_ANY, absent=(), kept=declared),
    "give_up_on": JobOption(*_ANY, absent=(), kept=declared),
    "lock_key": JobOption(
        lambda value: callable(value) or isinstance(value, str),
        "a text such as 'partner-{self.id}', or a function",
    ),
    "lock_limit": JobOption(
        _whole(1, MOST_INTEGER), "a whole number of jobs, 1 or more"
    ),
    "expires": JobOption(
        _whole(1, MOST_EXPIRY), f"whole seconds, 1 to {MOST_EXPIRY}", absent=0
    ),
    "timeout": JobOption(
        _is_duration,
        "seconds, or a timedelta; 0 for no limit",
        absent=0,
        kept=whole_seconds,
    ),
    "on_timeout": JobOption(
        lambda value: value in ON_TIMEOUT, " or ".join(map(repr, ON_TIMEOUT))
    ),
    "aliases": JobOption(
        _are_names,
        "former names, such as 'old_method' or 'old.model.method'",
        absent=(),
        kept=_aliases,
    ),
    "sql": JobOption(_is_flag, "True or False", absent=False),
    "encrypted": JobOption(_is_flag, "True or False", absent=False),
    "chunk": JobOption(
        _whole(1, MOST_IN_CHUNK), f"a number of jobs, 1 to {MOST_IN_CHUNK}", absent=1
    ),
}


def declared_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a declaration says, and the defaults of what it does not.

    :param name: of the function, for errors
    :raise TypeError: for an option that there is not, or that is of another form
    """
    unknown = sorted(options.keys() - JOB_OPTIONS.keys())
    if unknown:
        there_are = ", ".join(["default_channel", "retry_pattern", *JOB_OPTIONS])
        raise TypeError(
            f"@job on {name}: there is no option {unknown[0]!r}; there are {there_are}"
        )
    said = {
        option: _declared(name, option, options.get(option)) for option in JOB_OPTIONS
    }
    if said["lock_limit"] and not said["lock_key"]:
        raise TypeError(f"@job on {name}: lock_limit goes with a lock_key")
    _check_sql(name, said)
    return said


def _check_sql(name: str, said: Mapping[str, Any]) -> None:
    """Refuse what ``queue_job_delay()`` would leave out without a word."""
    for option in ("encrypted", "lock_key"):
        if said["sql"] and said[option]:
            raise TypeError(
                f"@job on {name}: {option} does not go with sql=True: PostgreSQL has"
                " neither the key that encrypts nor the code that makes a lock key."
                " Declare two methods, of which one calls the other with with_delay()"
            )


def _declared(name: str, option: str, value: Any) -> Any:
    rule = JOB_OPTIONS[option]
    if value is None:
        return rule.absent
    if not rule.is_valid(value):
        raise TypeError(
            f"@job on {name}: {option} {shown(value)} must be {rule.expected}"
        )
    try:
        return rule.kept(value)
    except ValueError as error:
        raise TypeError(f"@job on {name}: {option}: {error}") from None
