# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which exceptions have a job retried, and which end it at once: listed by class, or by
the dotted name of one.

A name is looked up among the modules that are loaded, and none is imported for it: a
manager may write one, and an import runs code. An exception that was raised comes from
a module that is loaded.
"""

import re
import sys
from dataclasses import dataclass
from typing import TypeAlias

from ..exception import JobError
from .text import dotted_name

#: An exception, as code or a record lists it.
Listed: TypeAlias = type | str

_NAME = re.compile(r"(?:[^\W\d]\w*\.)*[^\W\d]\w*")
_EXAMPLE = "such as requests.exceptions.ConnectionError, or TimeoutError"
#: More names of one function are a mistake: each is looked at when a job fails.
MOST_NAMES = 50


@dataclass(frozen=True)
class RetryRules:
    """What is said of the exceptions of one function.

    :param retry_on: have the job retried, as if it had asked for it
    :param give_up_on: fail it all the same
    """

    retry_on: tuple[Listed, ...] = ()
    give_up_on: tuple[Listed, ...] = ()

    def is_retried(self, exception: BaseException) -> bool:
        """Tell whether a job is retried that raised this; its causes do not count.

        The errors of the queue say themselves what becomes of the job.
        """
        if not isinstance(exception, Exception) or isinstance(exception, JobError):
            return False
        return _is_among(exception, self.retry_on) and not _is_among(
            exception, self.give_up_on
        )


def _is_among(exception: Exception, listed: tuple[Listed, ...]) -> bool:
    classes = (loaded(item) if isinstance(item, str) else item for item in listed)
    return any(cls is not None and isinstance(exception, cls) for cls in classes)


def loaded(name: str) -> type[Exception] | None:
    """Return the exception of a dotted name; ``None`` when no loaded module has it."""
    module_name, _, class_name = name.rpartition(".")
    module = sys.modules.get(module_name or "builtins")
    found = getattr(module, "__dict__", {}).get(class_name)
    is_exception = isinstance(found, type) and issubclass(found, Exception)
    return found if is_exception else None


def declared(listed: object) -> tuple[Listed, ...]:
    """Return what a decorator lists: a class, a name, or several of them.

    :raise ValueError: names what is no exception
    """
    given = listed if isinstance(listed, list | tuple) else (listed,)
    for item in given:
        if isinstance(item, str):
            check_form(item)
        elif not (isinstance(item, type) and issubclass(item, Exception)):
            raise ValueError(
                f"{item!r} is no class of exceptions: give classes derived from"
                f" Exception, or their dotted names, {_EXAMPLE}"
            )
        else:
            _check_meant(item)
    return tuple(given)


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that somebody typed, separated by commas or white space.

    :raise ValueError: names what is no name of an exception of a loaded module
    """
    names = tuple(dict.fromkeys(re.split(r"[\s,]+", text.strip(" \t\n\r,"))))
    if len(names) > MOST_NAMES:
        raise ValueError(
            f"{len(names)} exceptions are too many: give {MOST_NAMES} at most, or a"
            " class that they have in common"
        )
    for name in names if names != ("",) else ():
        check_form(name)
        found = loaded(name)
        if found is None:
            raise ValueError(
                f"{name!r} is no exception of a module that is loaded: give its full"
                f" name, {_EXAMPLE}"
            )
        _check_meant(found)
    return names if names != ("",) else ()


def check_form(name: str) -> None:
    """Refuse a text that cannot be the dotted name of a class.

    :raise ValueError: names it
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no dotted name of an exception, {_EXAMPLE}")


def text_of(listed: tuple[Listed, ...]) -> str:
    """Return the names, as they can be typed."""
    names = (item if isinstance(item, str) else dotted_name(item) for item in listed)
    return ", ".join(names)


def _check_meant(cls: type[Exception]) -> None:
    if issubclass(cls, JobError):
        raise ValueError(
            f"{dotted_name(cls)} says itself what becomes of the job: it cannot be"
            " listed"
        )
