# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``@job`` and ``@related_action``, and how a method's declaration is found again."""

from functools import partial
from typing import Any

from ..core.channels.name import normalise_channel_name
from ..core.limits import MOST_EXPIRY
from ..core.retry import Exponential
from ..core.retry_on import declared

#: Names of all decorated methods: models are searched for these, not for everything.
DECORATED_NAMES: set[str] = set()
#: ... of them, those that had other names.
ALIASED_NAMES: set[str] = set()
#: ... those that may be delayed in SQL.
SQL_NAMES: set[str] = set()
#: The options that list exceptions.
_EXCEPTIONS = ("retry_on", "give_up_on")
#: All options that are given by name only.
_OPTIONS = (
    "repeat_in_place",
    "on_fail_method",
    *_EXCEPTIONS,
    "expires",
    "aliases",
    "sql",
)


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
        next: ``{1: 10, 5: 60}``; a value may be a pair (min, max) to draw from. Or
        ``exponential(first=10, factor=2, most=3600, jitter=0.1)``
    :param retry_on: a class of exceptions, its dotted name, or several of them: a job
        that raises one is retried by the pattern, as after ``RetryableJobError``.
        Subclasses count, the causes of an exception do not
    :param int expires: seconds after it is due within which a job has to begin, unless
        the delaying call says otherwise; one that has not is cancelled
    :param aliases: former names of the method, one or several: ``"old_method"``, or
        ``"old.model.method"``. Jobs that were delayed under such a name run this one
    :param bool sql: whether the method may also be delayed by the function
        ``queue_job_delay()`` of PostgreSQL. Default: ``False``
    :param give_up_on: of those, the ones that fail the job at once all the same
    :param bool repeat_in_place: ``False`` for a method that touches the world outside
        of the database: when it meets a concurrent transaction, its work is not done
        again at once by the same worker, but postponed. Default: ``True``
    :param str on_fail_method: name of a method of the model that is called on the
        job's records when a job fails for good, unless a manager chooses another one
    :raise AssertionError: for a channel or a pattern of another form
    :raise TypeError: for an option that there is not, or that is of another form

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
    func.expires = options.get("expires") or 0
    func.sql = options.get("sql", False)
    if func.sql:
        SQL_NAMES.add(func.__name__)
    func.aliases = _aliases(options.get("aliases") or ())
    if func.aliases:
        ALIASED_NAMES.add(func.__name__)
    for name in _EXCEPTIONS:
        setattr(func, name, declared(options.get(name) or ()))
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
    if pattern is not None and not isinstance(pattern, dict | Exponential):
        raise AssertionError(
            f"@job on {name}: retry_pattern {pattern!r} must be a dictionary"
            " from numbers of attempts to seconds, or exponential(…)"
        )


def _check_options(name: str, options: dict[str, Any]) -> None:
    unknown = sorted(options.keys() - {*_OPTIONS})
    if unknown:
        raise TypeError(
            f"@job on {name}: there is no option {unknown[0]!r}; there are"
            f" default_channel, retry_pattern, {', '.join(_OPTIONS)}"
        )
    method = options.get("on_fail_method")
    if method is not None and not (isinstance(method, str) and method.isidentifier()):
        raise TypeError(
            f"@job on {name}: on_fail_method {method!r} must be the name of a method"
        )
    _check_expires(name, options.get("expires"))
    if not isinstance(options.get("sql", False), bool):
        raise TypeError(f"@job on {name}: sql {options['sql']!r} must be True or False")
    _check_aliases(name, options.get("aliases") or ())
    for option in _EXCEPTIONS:
        try:
            declared(options.get(option) or ())
        except ValueError as error:
            raise TypeError(f"@job on {name}: {option}: {error}") from None


def _check_expires(name: str, expires: Any) -> None:
    is_whole = isinstance(expires, int) and not isinstance(expires, bool)
    if expires is not None and not (is_whole and 0 < expires <= MOST_EXPIRY):
        raise TypeError(
            f"@job on {name}: expires {expires!r} must be whole seconds,"
            f" 1 to {MOST_EXPIRY}"
        )


def _aliases(given: Any) -> tuple[tuple[str | None, str], ...]:
    """Return (model, method) of each former name; no model: the method's own."""
    names = (given,) if isinstance(given, str) else given
    parts = (name.rpartition(".") for name in names)
    return tuple((model or None, method) for model, _dot, method in parts)


def _check_aliases(name: str, given: Any) -> None:
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(
        isinstance(alias, str) and all(part.isidentifier() for part in alias.split("."))
        for alias in names
    ):
        raise TypeError(
            f"@job on {name}: aliases {given!r} must be former names, such as"
            " 'old_method' or 'old.model.method'"
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
