# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text of values and exceptions that PostgreSQL takes as it is.

A job may raise or return anything: an object whose ``str()`` fails, text with NUL
characters, half of a surrogate pair. None of it may keep the job from ending in a
state that says what happened.
"""

import re
from functools import lru_cache

from .limits import MOST_MESSAGE, MOST_RESULT, MOST_TRACEBACK

#: What PostgreSQL refuses in a text: NUL, and halves of surrogate pairs. Searched for
#: without a call of Python where each job is stored.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

#: ... and the cure.
STORABLE_TEXT = "a text without NUL characters and halves of surrogate pairs"


def storable(value: object) -> str:
    """Return the text of ``value`` without the characters PostgreSQL refuses.

    Never raises: a value whose ``str()`` fails is described by its class.
    """
    try:
        text = str(value)
    # a value may raise anything, and the worker lives on; but a job that is stopped
    # just now is
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit) as error:
        text = f"<{dotted_name(type(value))} without text: {type(error).__name__}>"
    return UNSTORABLE.sub("", text)


def shown(value: object) -> str:
    """Return how an error shows a value that it refuses: in short.

    Never raises: Python itself refuses to write out whole numbers of thousands of
    digits.
    """
    try:
        text = f"{value!r:.80}"
    except Exception:
        text = f"<{dotted_name(type(value))}>"
    return UNSTORABLE.sub("", text)


def summary_of(func: object) -> str:
    """Return the first line of a docstring; empty, where there is none."""
    return _first_line(getattr(func, "__doc__", None) or "")


@lru_cache(1024)  # asked of each job that is stored, of few methods
def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def clipped(text: str, most: int) -> str:
    """``text``, or its beginning and how much was cut off, ``most`` characters in all.

    What was clipped before stays as it is.
    """
    return text if len(text) <= most else _cut(text, most, 0)


def _cut(text: str, most: int, end: int) -> str:
    """Cut the middle out, and keep ``end`` characters behind it."""
    kept = most - end - len(f"… ({len(text):,} more characters)")
    note = f"… ({len(text) - kept - end:,} more characters)"
    return text[:kept] + note + (text[-end:] if end else "")


def traceback_text(text: object) -> str:
    """Return a traceback, storable; of one that is too long beginning and end stay."""
    stored = storable(text)
    if len(stored) <= MOST_TRACEBACK:
        return stored
    return _cut(stored, MOST_TRACEBACK, MOST_TRACEBACK // 2)


def shown_part(text: str, most: int) -> str:
    """Return what a page shows of a text: beginning and end of one that is too long."""
    return text if len(text) <= most else _cut(text, most, most // 2)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL, and a log file, take the text as it is."""
    return not UNSTORABLE.search(text)


def dotted_name(cls: type) -> str:
    """``module.Class``, the form in which exceptions are shown and filtered; those of
    Python itself have their name alone."""
    if cls.__module__ == "builtins":
        return cls.__name__
    return f"{cls.__module__}.{cls.__name__}"


def short_name(name: str | None) -> str:
    """Return the last part of a dotted name: that of the class alone."""
    return (name or "").rpartition(".")[2]


def exception_message(exception: BaseException) -> str:
    """Return the first argument of an exception, storable and not too long.

    When the first of several arguments is not text (``OSError(2, "No such file")``)
    the text of the whole exception says more.
    """
    args = exception.args
    if len(args) == 1 or (args and isinstance(args[0], str)):
        return message_text(args[0])
    return message_text(exception)


def message_text(value: object) -> str:
    """Return the text of what an exception says, storable and not too long."""
    return clipped(storable(value), MOST_MESSAGE)


def result_text(result: object) -> str | None:
    """Return what is stored of a job's result: its text when it is truthy, else
    nothing."""
    try:
        is_something = bool(result)
    except Exception:  # an object without truth value is something to show
        is_something = True
    return clipped(storable(result), MOST_RESULT) if is_something else None
