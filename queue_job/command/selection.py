# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which jobs a command line means."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any

from odoo import fields

from ..core.channels.name import normalise_channel_name, pattern_below
from ..db import server_clock
from .call import CommandError

_AGE = re.compile(r"^(\d{1,6})([smhdw])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FUNCTION = re.compile(r"^<(?P<model>[\w.]+)>\.(?P<method>\w+)$")


def has_filter(options: argparse.Namespace) -> bool:
    """Tell whether the command line narrows the jobs down."""
    names = ("uuids", "state", "channel", "function", "model", "since")
    return any(getattr(options, name, None) for name in names)


def domain_of(env: Any, options: argparse.Namespace) -> fields.Domain:
    """Return the domain of the jobs that a command line means.

    :raise CommandError: for a word that says nothing
    """
    parts = [
        [("uuid", "in", options.uuids)] if getattr(options, "uuids", None) else [],
        [("state", "in", options.state)] if options.state else [],
        _in_channel(options.channel),
        [("channel_method_name", "=", function_name(options.function))]
        if options.function
        else [],
        [("model_name", "=", options.model)] if options.model else [],
        [("date_created", ">=", moment(env, options.since))] if options.since else [],
    ]
    return fields.Domain.AND([fields.Domain(part or []) for part in parts])


def _in_channel(name: str | None) -> Any:
    """The channel and those below it."""
    if not name:
        return []
    full = channel_name(name)
    return ["|", ("channel", "=", full), ("channel", "=like", pattern_below(full))]


def channel_name(name: str) -> str:
    """Return the complete name of a channel.

    :raise CommandError: when no channel may be called so
    """
    try:
        return normalise_channel_name(name)
    except ValueError as error:
        raise CommandError(str(error)) from None


def function_name(name: str) -> str:
    """Return the name of a job function as jobs have it.

    :raise CommandError: for a word that names none
    """
    if _FUNCTION.match(name):
        return name
    model, _dot, method = name.rpartition(".")
    if not model:
        raise CommandError(
            f"{name!r} is no job function: write model.method or <model>.method, for"
            " example res.partner.export_record"
        )
    return f"<{model}>.{method}"


def moment(env: Any, word: str) -> datetime:
    """Return the time, naive UTC, that ``2h`` (so long ago) or an ISO date means.

    :raise CommandError: when it means none
    """
    if found := _AGE.match(word):
        count, unit = int(found[1]), _UNITS[found[2]]
        return server_clock.now(env.cr) - timedelta(**{unit: count})
    try:
        return datetime.fromisoformat(word).replace(tzinfo=None)
    except ValueError:
        raise CommandError(
            f"--since {word!r} is no time: write how long ago (30m, 2h, 7d) or a date"
            " and time in UTC (2026-01-31 or 2026-01-31T08:00)"
        ) from None
