# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``@job`` and ``@related_action``, and how a method's declaration is found again."""

from functools import partial
from typing import Any

from ..core.channels.name import normalise_channel_name
from ..core.retry import Exponential
from .decorator_options import declared_options

#: Names of all decorated methods: models are searched for these, not for everything.
DECORATED_NAMES: set[str] = set()
#: ... of them, those that declare a lock key: of others none is looked for.
LOCKED_NAMES: set[str] = set()
#: ... those that had other names.
ALIASED_NAMES: set[str] = set()
#: ... those that may be delayed in SQL.
SQL_NAMES: set[str] = set()
_NAMES = {"lock_key": LOCKED_NAMES, "aliases": ALIASED_NAMES, "sql": SQL_NAMES}
#: Where the class of a model keeps what was found in its bases, which may be fifty; by
#: method and mark, with what tells whether it still holds.
_FOUND = "_queue_job_declarations"


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
        ``queue_job_delay()`` of PostgreSQL; not with ``encrypted`` or ``lock_key``.
        Default: ``False``
    :param give_up_on: of those, the ones that fail the job at once all the same
    :param bool repeat_in_place: ``False`` for a method that touches the world outside
        of the database: when it meets a concurrent transaction, its work is not done
        again at once by the same worker, but postponed. Default: ``True``
    :param str on_fail_method: name of a method of the model that is called on the
        job's records when a job fails for good, unless a manager chooses another one
    :param bool encrypted: whether the arguments of its jobs are stored encrypted, with
        a key of the server's configuration; the menu, the log and attempts then show
        neither them nor what an error says. Default: ``False``
    :param int chunk: how many due jobs that differ only in their records may be run as
        one call on all these records. Default: 1
    :param str keep_log: of which attempts the lines are kept that the job logs:
        ``off`` (default), ``on_failure`` or ``always``, unless a manager chooses
        otherwise
    :param bool notify_user: whether the user who delayed a job is told in his web
        client when it is done or has failed, whatever he looks at by then, unless a
        manager chooses otherwise. Default: if the job told its progress
    :param lock_key: of the jobs that have the same key, no more than ``lock_limit`` run
        at a time, in whatever channels. A text in which ``{self.id}``,
        ``{company.id}``, ``{argument}`` or ``{argument.id}`` stand for what the job
        has, or a function that is called with what the method gets, and returns the
        key; none where it returns ``None``
    :param int lock_limit: how many jobs of a key run at a time; default 1
    :param timeout: seconds, or a ``timedelta``, that an attempt may take before it is
        ended; 0: no limit. A delaying call may say another
    :param str on_timeout: ``"fail"``, or ``"retry"`` to retry the job then, by the
        pattern. Default: ``"fail"``
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
    said = declared_options(func.__qualname__, options)
    func.delayable = True
    func.default_channel = normalise_channel_name(default_channel)
    func.retry_pattern = retry_pattern
    for name, value in said.items():
        setattr(func, name, value)
    for option, names in _NAMES.items():
        if said[option]:
            names.add(func.__name__)
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
    model_class = type(recordset)
    topmost = getattr(model_class, method_name, None)
    if hasattr(topmost, mark):
        return topmost  # mostly it is that one
    if _FOUND not in model_class.__dict__:
        setattr(model_class, _FOUND, {})
    known = model_class.__dict__[_FOUND].get((method_name, mark))
    if known is None or known[0] is not topmost or known[1] is not model_class.__mro__:
        found = _below(model_class, method_name, mark)
        known = topmost, model_class.__mro__, found
        model_class.__dict__[_FOUND][method_name, mark] = known
    return known[2]


def _below(model_class: type, method_name: str, mark: str) -> Any:
    for klass in model_class.__mro__:
        definition = klass.__dict__.get(method_name)
        if definition is not None and hasattr(definition, mark):
            return definition
    return None
