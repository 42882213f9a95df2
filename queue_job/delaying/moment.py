# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Moments that people and code give: in UTC, or with a time zone."""

import math
from datetime import datetime, timedelta, timezone
from typing import Any

from odoo import fields
from odoo.exceptions import ValidationError

from ..core.text import shown
from .job_type import Job

#: Moments between them can be told in every time zone.
EARLIEST, LATEST = datetime(1, 1, 2), datetime(9999, 12, 30)
EXPECTED = "a time before the year 10000 (and from the year 1 on) in every time zone"


def naive_utc(value: Any) -> Any:
    """Return a moment that has a time zone, as ISO text or ``datetime``, as naive UTC;
    all else as it is.

    :raise ValueError: for one that is in no year of UTC's
    """
    if isinstance(value, str):
        return _naive_utc_text(value)
    if getattr(value, "tzinfo", None) is None or not hasattr(value, "astimezone"):
        return value
    try:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError(f"{value} is in no year of UTC: give {EXPECTED}") from error


def _naive_utc_text(value: str) -> Any:
    text = value.strip()
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return value  # for the field to refuse
    return value if moment.tzinfo is None else naive_utc(moment)


def moment_given(job: Job, value: Any, name: str = "eta") -> Any:
    """Return the moment that is given as such, or as a ``timedelta`` or seconds from
    now, as naive UTC; all else as it is.

    :param name: of the option that it is given for

    :raise ValueError: when that is in no year of UTC's
    """
    try:
        if not isinstance(value, timedelta | int):
            return naive_utc(value)
        wait = value if isinstance(value, timedelta) else timedelta(seconds=value)
        return job._now() + wait
    except (OverflowError, ValueError) as error:
        raise ValueError(_message(job, name, value)) from error


def moment_of(job: Job, name: str) -> datetime | None:
    """Return an option of a job as a moment, to be compared before all options are
    checked.

    :raise TypeError, ValueError: when it is none
    """
    value = getattr(job, name)
    try:
        moment: datetime | None = fields.Datetime.to_datetime(value)
    except (TypeError, ValueError) as error:
        raise type(error)(_message(job, name, value)) from error
    return moment


def _message(job: Job, name: str, value: Any) -> str:
    return (
        f"{job.job_function_name} cannot be delayed with {name}={shown(value)}: give"
        f" {EXPECTED}"
    )


class Moment(fields.Datetime):
    """A ``Datetime`` that understands a time zone, instead of refusing or (in texts)
    ignoring it."""

    def convert_to_column(
        self, value: Any, record: Any, values: Any = None, validate: bool = True
    ) -> Any:
        return super().convert_to_column(naive_utc(value), record, values, validate)

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        try:
            moment = super().convert_to_cache(naive_utc(value), record, validate)
        except (TypeError, ValueError) as error:
            raise self._refusal(value, record) from error
        if validate and moment and not EARLIEST <= moment <= LATEST:
            raise self._refusal(value, record)
        return moment

    def _refusal(self, value: Any, record: Any) -> ValidationError:
        return ValidationError(
            record.env._(
                "%(field)s cannot be %(value)s: give a date and time, in UTC or with a"
                " time zone, from the year 1 to 9999 in every time zone.",
                field=self._description_string(record.env),
                value=shown(value),
            )
        )


def whole_seconds(value: Any) -> int | None:
    """Return the seconds that a number or a ``timedelta`` means, rounded up; ``None``
    when it means none."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or isinstance(value, float) and not math.isfinite(value):
        return None
    seconds: int = math.ceil(value)
    return seconds
