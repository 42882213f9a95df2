# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The options of a delaying call: what there are, and how each is checked.

They stand here and nowhere else. What takes options takes ``*given, **options``, is
marked with :func:`takes_options`, and makes a :class:`DelayOptions` of them.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from difflib import get_close_matches
from types import FunctionType
from typing import Any, TypeVar

from odoo import fields as odoo_fields
from odoo import models

from ..core.calls import refusal_of
from ..core.channels.name import normalise_channel_name
from ..core.limits import MOST_DESCRIPTION, MOST_INTEGER, MOST_KEY_BYTES
from ..core.retry import DEFAULT_MAX_RETRIES
from ..core.text import STORABLE_TEXT, UNSTORABLE, clipped, shown, storable
from . import lock_keys
from .decorators import origin_of
from .identity import Identity
from .job_type import Job
from .moment import EARLIEST, EXPECTED, LATEST, whole_seconds

DEFAULT_PRIORITY = 10  # smaller runs earlier

#: Checks one option of a job that is to be stored; gets the job and the option's name.
Check = Callable[[Job, str], Any]
Function = TypeVar("Function", bound=Callable[..., Any])


# --- the checks: a wrong option is not to fail in the worker, or to be understood as
# another -------------------------------------------------------------------------


def _whole_number(least: int, expected: str) -> Check:
    def check(job: Job, name: str) -> None:
        value = getattr(job, name)
        if not isinstance(value, int):
            raise TypeError(_message(job, name, expected))
        if not least <= value <= MOST_INTEGER:
            bounds = f"{expected}, {least} to {MOST_INTEGER}"
            raise ValueError(_message(job, name, bounds))

    return check


def _text(job: Job, name: str) -> None:
    _check_text(job, name, getattr(job, name))


def _check_text(job: Job, name: str, value: Any) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(_message(job, name, "text"))


def _described(text: str) -> str:
    return clipped(storable(text), MOST_DESCRIPTION)


def _channel(job: Job, name: str) -> None:
    channel = job.channel  # asks for the configuration of the method
    _check_text(job, name, channel)
    if channel and UNSTORABLE.search(channel):
        raise ValueError(_message(job, name, STORABLE_TEXT))
    try:
        job.channel = normalise_channel_name(channel)
    except ValueError as error:
        called = job.job_function_name
        raise ValueError(f"{called} cannot be delayed: {error}") from None


def _key(job: Job, name: str) -> None:
    _text(job, name)
    key = job.identity_key
    if key and len(key.encode("utf-8", "replace")) > MOST_KEY_BYTES:
        expected = (
            f"at most {MOST_KEY_BYTES} bytes; a hash of a longer one, for example"
        )
        raise ValueError(_message(job, name, expected))


def _moment(job: Job, name: str) -> Any:
    """Return the moment, naive UTC, or ``None``."""
    expected = (
        "whole seconds from now, a timedelta, or a datetime in UTC or with a time zone"
    )
    value = getattr(job, name)
    if value is None:
        return None
    if not isinstance(value, datetime | str):
        raise TypeError(_message(job, name, expected))
    try:
        moment = odoo_fields.Datetime.to_datetime(value)
    except ValueError as error:
        raise ValueError(_message(job, name, expected)) from error
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(_message(job, name, EXPECTED))
    return moment


def _expires(job: Job, name: str) -> None:
    moment = _moment(job, name)
    if moment is None:
        return
    eta = odoo_fields.Datetime.to_datetime(job.eta)
    if eta and eta >= moment:
        later = f"a time after the ETA, {eta}: the job would never begin"
        raise ValueError(_message(job, name, later))
    if job.identity.is_merging:
        alone = 'none with on_duplicate="merge": the records of others would go with it'
        raise ValueError(_message(job, name, alone))


def _timeout(job: Job, name: str) -> None:
    given = job.timeout
    if given is None:
        given = job.call.timeout  # asks for the configuration of the method
    seconds = whole_seconds(given)
    if seconds is None:
        raise TypeError(_message(job, name, "seconds, or a timedelta"))
    if not 0 <= seconds <= MOST_INTEGER:
        expected = f"0, for none, to {MOST_INTEGER} seconds"
        raise ValueError(_message(job, name, expected))
    job.timeout = seconds


def _unless_zero(seconds: int) -> int | None:
    return seconds or None


def _message(job: Job, name: str, expected: str) -> str:
    return (
        f"{job.job_function_name} cannot be delayed with"
        f" {name}={shown(getattr(job, name))}: give {expected}"
    )


# --- the options ------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What is known of an option besides its name.

    :param check: of the job's attribute of that name, when the job is stored
    :param absent: what the job takes where nothing, or ``None``, is given
    :param column: of ``queue.job``, where that has another name than the option
    :param is_fixed: whether it is stored when the job is made, and never again
    :param stored: gets the value and returns what is stored of it
    """

    check: Check
    absent: Any = None
    column: str | None = None
    is_fixed: bool = False
    stored: Callable[[Any], Any] | None = None


def _option(check: Check, **rule: Any) -> Any:
    return field(default=None, metadata={"rule": Rule(check, **rule)})


@dataclass(frozen=True)
class DelayOptions:
    """What a delaying call says of its job; ``None`` where it says nothing.

    A field that is added here is an option of ``with_delay()``, ``delayable()``,
    ``set()``, ``with_delay_each()``, ``delay_many()``, ``Job()`` and
    ``Job.enqueue()``; the job has it as an attribute, checks and stores it, and reads
    it back from the column of its name. New ones go to the end: options may be given
    by position.

    ``with_delay()`` says what each of them means.
    """

    priority: int | None = _option(
        _whole_number(-MOST_INTEGER, "a whole number; smaller runs earlier"),
        absent=DEFAULT_PRIORITY,
    )
    eta: datetime | timedelta | int | str | None = _option(_moment)
    max_retries: int | None = _option(
        _whole_number(0, "a number of attempts; 0 means endless"),
        absent=DEFAULT_MAX_RETRIES,
    )
    description: str | None = _option(
        _text, column="name", is_fixed=True, stored=_described
    )
    channel: str | None = _option(_channel, is_fixed=True)
    identity_key: "str | Callable[[Job], str | None] | Identity | None" = _option(_key)
    lock_key: "lock_keys.LockKey | None" = _option(lock_keys.check_key, is_fixed=True)
    lock_limit: int | None = _option(lock_keys.check_limit, is_fixed=True)
    expires: datetime | timedelta | int | str | None = _option(
        _expires, column="expires_at"
    )
    timeout: int | float | timedelta | None = _option(
        _timeout, is_fixed=True, stored=_unless_zero
    )

    @classmethod
    def of_call(
        cls, call: str, given: Sequence[Any], options: Mapping[str, Any]
    ) -> "DelayOptions":
        """Return what was passed to ``call``.

        :param given: by position
        :param options: by name
        :raise TypeError: for an option that there is not, or that is given twice;
            names it, and what there are
        """
        if len(given) <= len(_NAMES) and options.keys() <= _LATER[len(given)]:
            new = object.__new__(cls)  # three times a delaying call: past the setters
            by_position = dict(zip(_NAMES, given, strict=False))
            vars(new).update(_NOTHING, **by_position, **options)
            return new
        try:
            return cls(*given, **options)
        except TypeError:
            raise TypeError(f"{call}() {_misfit(given, options)}") from None

    def as_keywords(self) -> dict[str, Any]:
        """Return the six that there always were, given or not, and others that are
        given: tests of add-ons compare what is passed on."""
        return {
            name: value
            for name, value in vars(self).items()
            if value is not None or name in _ALWAYS
        }

    def or_absent(self) -> dict[str, Any]:
        """Return the options by name, with the defaults of those not given."""
        given = {name: v for name, v in vars(self).items() if v is not None}
        return {**_ABSENT, **given}


#: The options by name, in the order in which they may be given by position.
RULES: dict[str, Rule] = {
    option.name: option.metadata["rule"] for option in fields(DelayOptions)
}
#: ... and the columns that they are stored in.
COLUMNS = {name: rule.column or name for name, rule in RULES.items()}
_STORED = {
    is_fixed: [(n, rule) for n, rule in RULES.items() if rule.is_fixed is is_fixed]
    for is_fixed in (False, True)
}
_NAMES = tuple(RULES)
_ALWAYS = frozenset(_NAMES[:6])
_NOTHING: dict[str, Any] = dict.fromkeys(RULES)
_ABSENT: dict[str, Any] = {name: rule.absent for name, rule in RULES.items()}
#: What may be given by name, where so many are given by position.
_LATER = [frozenset(_NAMES[number:]) for number in range(len(_NAMES) + 1)]
THERE_ARE = f"there are {', '.join(RULES)}"


def _misfit(given: Sequence[Any], options: Mapping[str, Any]) -> str:
    for name in options:
        if name not in RULES:
            alike = get_close_matches(name, RULES, 1)
            hint = f" (is {alike[0]!r} meant?)" if alike else ""
            return f"has no option {name!r}{hint}; {THERE_ARE}"
    if len(given) > len(RULES):
        return f"was given {len(given)} options by position; {THERE_ARE}"
    twice = [name for name in list(RULES)[: len(given)] if name in options]
    return f"was given the option {twice[0]!r} twice, by position and by name"


def takes_options(func: Function) -> Function:
    """Show the options in the signature of a function that takes ``*given,
    **options``: in its help, to an IDE that runs the code, and to mocks."""
    signature = inspect.signature(func)
    own = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    shown = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)
        for name in RULES
        if name not in signature.parameters
    ]
    func.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own, *shown]
    )
    return func


# --- a job that is to be stored ---------------------------------------------------


def check_options(job: Job) -> None:
    """Check what was said of a job, and whether its method does its work when called
    so.

    :raise TypeError, ValueError: names the option, its value and what it may be; or
        says why the call would do nothing
    """
    _check_call(job)
    for name, rule in RULES.items():
        rule.check(job, name)


def stored_options(job: Job, is_fixed: bool) -> dict[str, Any]:
    """Return the options of a job as they are stored, by column.

    :param is_fixed: those that are stored when it is made, or those stored each time
    """
    values = {}
    for name, rule in _STORED[is_fixed]:
        value = getattr(job, name)
        if rule.stored is not None:
            value = rule.stored(value)
        values[COLUMNS[name]] = False if value is None else value
    return values


def _check_call(job: Job) -> None:
    name = job.method_name
    func = getattr(type(job.recordset), name, None)
    if not isinstance(func, FunctionType):  # some test put something in its place
        return
    if func is getattr(models.BaseModel, name, None) and not (job.args or job.kwargs):
        return  # add-ons take such a one in tests, to have any job: users.mapped
    refusal = refusal_of(origin_of(func), (job.recordset, *job.args), job.kwargs)
    if refusal:
        raise TypeError(f"{job.job_function_name} cannot be delayed: it {refusal}")
