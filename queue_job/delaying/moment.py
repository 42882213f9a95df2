# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Moments that people and code give: in UTC, or with a time zone."""

import math
from datetime import datetime, timedelta, timezone
from typing import Any

from odoo import fields


def naive_utc(value: Any) -> Any:
    """Return a moment that has a time zone, as ISO text or ``datetime``, as naive UTC;
    all else as it is."""
    if isinstance(value, str):
        return _naive_utc_text(value)
    if getattr(value, "tzinfo", None) is None or not hasattr(value, "astimezone"):
        return value
    return value.astimezone(timezone.utc).replace(tzinfo=None)


def _naive_utc_text(value: str) -> Any:
    text = value.strip()
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return value  # for the field to refuse
    return value if moment.tzinfo is None else naive_utc(moment)


class Moment(fields.Datetime):
    """A ``Datetime`` that understands a time zone, instead of refusing or (in texts)
    ignoring it."""

    def convert_to_column(
        self, value: Any, record: Any, values: Any = None, validate: bool = True
    ) -> Any:
        return super().convert_to_column(naive_utc(value), record, values, validate)

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        return super().convert_to_cache(naive_utc(value), record, validate)


def whole_seconds(value: Any) -> int | None:
    """Return the seconds that a number or a ``timedelta`` means, rounded up; ``None``
    when it means none."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        return None
    return int(math.ceil(value))
