# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``@job`` and ``@related_action``, and how a method's declaration is found again."""

from functools import partial
from typing import Any

from ..core.channels.name import normalise_channel_name
from ..core.limits import MOST_INTEGER
from .moment import whole_seconds

#: Names of all decorated methods: models are searched for these, not for everything.
DECORATED_NAMES: set[str] = set()
#: What may become of a job whose time is over.
ON_TIMEOUT = ("fail", "retry")
_OPTIONS = {"repeat_in_place", "on_fail_method", "timeout", "on_timeout"}


def job(
    func: Any = None,
    default_channel: str = "root",
    retry_pattern: Any = None,
    **options: Any,
) -> Any:
    """Declare that a method may be delayed with ``with_delay()``.

    :param default_channel: ``root`` or the name of a sub-channel, ``root.…``; the
        channel of the method's jobs until a manager chooses another one
    :param retry_pattern: from which attempt on, how many seconds to wait before the
        next: ``{1: 10, 5: 60}``; a value may be a pair (min, max) to draw from
    :param bool repeat_in_place: ``False`` for a method that touches the world outside
        of the database: when it meets a concurrent transaction, its work is not done
        again at once by the same worker, but postponed. Default: ``True``
    :param str on_fail_method: name of a method of the model that is called on the
        job's records when a job fails for good, unless a manager chooses another one
    :param timeout: seconds, or a ``timedelta``, that an attempt may take before it is
        ended; 0: no limit. A delaying call may say another
    :param str on_timeout: ``"fail"``, or ``"retry"`` to retry the job then, by the
        pattern. Default: ``"fail"``
    :raise AssertionError: for a channel or a pattern of another form
    :raise TypeError: for an option that there is not

    Calling the method itself stays an ordinary call.
    """
    if func is None:
        return partial(
            job,
            default_channel=default_channel,
            retry_pattern=retry_pattern,
            **options,
        )
    _check_declaration(func.__qualname__, default_channel, retry_pattern)
    _check_options(func.__qualname__, options)
    func.delayable = True
    func.default_channel = normalise_channel_name(default_channel)
    func.retry_pattern = retry_pattern
    func.repeat_in_place = options.get("repeat_in_place", True)
    func.on_fail_method = options.get("on_fail_method")
    func.timeout = whole_seconds(options.get("timeout", 0))
    func.on_timeout = options.get("on_timeout")
    func.delay = _no_delay_attribute
    DECORATED_NAMES.add(func.__name__)
    return func


def _check_declaration(name: str, channel: Any, pattern: Any) -> None:
    # AssertionError is what callers know; raised by hand so that -O keeps the check
    if channel != "root" and not str(channel).startswith("root."):
        raise AssertionError(
            f"@job on {name}: default_channel {channel!r} must be 'root' or start"
            " with 'root.'"
        )
    try:
        normalise_channel_name(channel)
    except ValueError as error:
        raise AssertionError(f"@job on {name}: default_channel: {error}") from None
    if pattern is not None and not isinstance(pattern, dict):
        raise AssertionError(
            f"@job on {name}: retry_pattern {pattern!r} must be a dictionary"
            " from numbers of attempts to seconds"
        )


def _check_options(name: str, options: dict[str, Any]) -> None:
    unknown = sorted(options.keys() - _OPTIONS)
    if unknown:
        raise TypeError(
            f"@job on {name}: there is no option {unknown[0]!r}; there are"
            f" default_channel, retry_pattern, {', '.join(sorted(_OPTIONS))}"
        )
    method = options.get("on_fail_method")
    if method is not None and not (isinstance(method, str) and method.isidentifier()):
        raise TypeError(
            f"@job on {name}: on_fail_method {method!r} must be the name of a method"
        )
    _check_timeout(name, options.get("timeout", 0), options.get("on_timeout"))


def _check_timeout(name: str, timeout: Any, on_timeout: Any) -> None:
    seconds = whole_seconds(timeout)
    if seconds is None or not 0 <= seconds <= MOST_INTEGER:
        raise TypeError(
            f"@job on {name}: timeout {timeout!r} must be seconds, or a timedelta; 0"
            " for no limit"
        )
    if on_timeout not in (None, *ON_TIMEOUT):
        raise TypeError(
            f"@job on {name}: on_timeout {on_timeout!r} must be"
            f" {' or '.join(map(repr, ON_TIMEOUT))}"
        )


def _no_delay_attribute(*args: Any, **kwargs: Any) -> None:
    raise AttributeError(
        "A method has no 'delay()' of its own: call with_delay() on the recordset,"
        " e.g. record.with_delay().method()"
    )


def related_action(action: str | None = None, **kwargs: Any) -> Any:
    """Choose what the *Related* button of the method's jobs opens.

    :param action: name of a method of ``queue.job`` that returns an action;
        ``None`` takes the button's action away
    :param kwargs: passed to that method
    """

    def decorate(func: Any) -> Any:
        func.related_action = action
        func.kwargs = kwargs
        return func

    return decorate


def origin_of(func: Any) -> Any:
    """Return what a job of the method calls: what is beneath when ``func`` delays
    itself."""
    is_itself = getattr(func, "is_itself", None) is func
    return func.origin if is_itself else func


def declaration(recordset: Any, method_name: str) -> Any:
    """Return the nearest definition of the method that carries ``@job``, or ``None``.

    An override in another module need not repeat the decorator: the definitions
    below it are looked through.
    """
    return _nearest(recordset, method_name, "delayable")


def related_action_of(recordset: Any, method_name: str) -> Any:
    """Return the nearest definition of the method that carries ``@related_action``."""
    return _nearest(recordset, method_name, "related_action")


def _nearest(recordset: Any, method_name: str, mark: str) -> Any:
    # what stands on the recordset itself counts first: tests put mocks there
    if method_name in getattr(recordset, "__dict__", ()):
        return getattr(recordset, method_name)
    if hasattr(getattr(type(recordset), method_name, None), mark):
        return getattr(type(recordset), method_name)  # mostly it is the topmost one
    for klass in type(recordset).__mro__:
        definition = klass.__dict__.get(method_name)
        if definition is not None and hasattr(definition, mark):
            return definition
    return None
