"""Text of values and exceptions that PostgreSQL takes as it is.

A job may raise or return anything: an object whose ``str()`` fails, text with NUL
characters, half of a surrogate pair. None of it may keep the job from ending in a
state that says what happened.
"""

import re

#: What PostgreSQL refuses in a text: NUL, and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object) -> str:
    """The text of ``value`` without the characters PostgreSQL refuses.

    Never raises: a value whose ``str()`` fails is described by its class.
    """
    try:
        text = str(value)
    except Exception as error:
        text = f"<{dotted_name(type(value))} without text: {type(error).__name__}>"
    return _UNSTORABLE.sub("", text)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL, and a log file, take the text as it is."""
    return not _UNSTORABLE.search(text)


def dotted_name(cls: type) -> str:
    """``module.Class``, the form in which exceptions are shown and filtered; those of
    Python itself have their name alone."""
    if cls.__module__ == "builtins":
        return cls.__name__
    return f"{cls.__module__}.{cls.__name__}"


def exception_message(exception: BaseException) -> str:
    """The first argument of an exception, storable.

    When the first of several arguments is not text (``OSError(2, "No such file")``)
    the text of the whole exception says more.
    """
    args = exception.args
    if len(args) == 1 or (args and isinstance(args[0], str)):
        return storable(args[0])
    return storable(exception)


def result_text(result: object) -> str | None:
    """What is stored of a job's result: its text when it is truthy, else nothing."""
    try:
        is_something = bool(result)
    except Exception:  # an object without truth value is something to show
        is_something = True
    return storable(result) if is_something else None
