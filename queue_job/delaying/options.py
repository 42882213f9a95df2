# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Options of a delaying call, checked there: a wrong one is not to fail in the worker,
or to be understood as another."""

from datetime import datetime
from types import FunctionType

from odoo import fields, models

from ..core.calls import refusal_of
from ..core.channels.name import normalise_channel_name
from ..core.limits import MOST_INTEGER, MOST_KEY_BYTES
from .decorators import origin_of


def check_options(job) -> None:
    """Check what was said of a job, and whether its method does its work when called
    so.

    :raise TypeError, ValueError: names the option, its value and what it may be; or
        says why the call would do nothing
    """
    _check_call(job)
    _check_number(
        job, "priority", -MOST_INTEGER, "a whole number; smaller runs earlier"
    )
    _check_number(job, "max_retries", 0, "a number of attempts; 0 means endless")
    for name in ("channel", "description", "identity_key"):
        value = getattr(job, name)
        if value is not None and not isinstance(value, str):
            raise TypeError(_message(job, name, value, "text"))
    _spell_channel(job)
    _check_key(job)
    _check_eta(job)


def _check_call(job):
    if hasattr(models.BaseModel, job.method_name):
        return  # no method to delay; add-ons take one in tests, to have any job
    func = getattr(type(job.recordset), job.method_name, None)
    if not isinstance(func, FunctionType):  # some test put something in its place
        return
    refusal = refusal_of(origin_of(func), (job.recordset, *job.args), job.kwargs)
    if refusal:
        raise TypeError(f"{job.job_function_name} cannot be delayed: it {refusal}")


def _spell_channel(job):
    try:
        spelt = normalise_channel_name(job.channel)
    except ValueError as error:
        name = job.job_function_name
        raise ValueError(f"{name} cannot be delayed: {error}") from None
    if spelt != job.channel:
        job.channel = spelt


def _check_number(job, name, least, expected):
    value = getattr(job, name)
    if not isinstance(value, int):
        raise TypeError(_message(job, name, value, expected))
    if not least <= value <= MOST_INTEGER:
        raise ValueError(
            _message(job, name, value, f"{expected}, {least} to {MOST_INTEGER}")
        )


def _check_key(job):
    key = job.identity_key
    if key and len(key.encode("utf-8", "replace")) > MOST_KEY_BYTES:
        expected = (
            f"at most {MOST_KEY_BYTES} bytes; a hash of a longer one, for example"
        )
        raise ValueError(_message(job, "identity_key", key, expected))


def _check_eta(job):
    expected = (
        "whole seconds from now, a timedelta, or a datetime in UTC or with a time zone"
    )
    if job.eta is None:
        return
    if not isinstance(job.eta, datetime | str):
        raise TypeError(_message(job, "eta", job.eta, expected))
    try:
        fields.Datetime.to_datetime(job.eta)
    except ValueError as error:
        raise ValueError(_message(job, "eta", job.eta, expected)) from error


def _message(job, name, value, expected):
    return (
        f"{job.job_function_name} cannot be delayed with {name}={value!r:.80}: give"
        f" {expected}"
    )
