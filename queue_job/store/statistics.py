# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What became of jobs, in counts that only grow: written, read back, rolled up.

Needs nothing but a cursor: the runner writes what it hears of ends, users what they
themselves do. Rows are added, and summed up by who reads them.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from ..core.states import DISPATCHED
from ..core.statistics import HOUR, MINUTE, Counts, Histogram, Key
from .sql import load
from .transitions import Cursor

_SQL = load("statistics")


class Standing(NamedTuple):
    """How a job stands under the number of a dispatch.

    :param at: when it ended, seconds since 1970 UTC
    :param took: seconds, where it ended and that is known
    """

    id: int
    state: str
    at: float
    took: float | None

    @property
    def is_over(self) -> bool:
        return self.state not in DISPATCHED


def insert(cr: Cursor, counted: Sequence[tuple[Key, Counts]]) -> None:
    """Add what was counted, in one statement. Called by the runner."""
    keys = [key for key, _counts in counted]
    counts = [found for _key, found in counted]
    params = {
        "seconds": MINUTE,
        **{name: [getattr(key, name) for key in keys] for name in Key._fields},
        **{
            name: [getattr(found, name) for found in counts]
            for name in ("done", "failed", "retried", "waited", "took")
        },
        "waiting": [_as_json(found.waiting) for found in counts],
        "duration": [_as_json(found.duration) for found in counts],
    }
    cr.execute(_SQL.insert, params)


def standing(cr: Cursor, dispatches: Collection[tuple[int, int]]) -> list[Standing]:
    """Tell how jobs stand of whose end no answer told. Called by the runner.

    :param dispatches: row id and number of each
    :return: those that are dispatched, done or failed under this very number
    """
    params = {
        "ids": [job_id for job_id, _attempt in dispatches],
        "attempts": [attempt for _job_id, attempt in dispatches],
    }
    cr.execute(_SQL.ends, params)
    return [Standing(*row) for row in cr.fetchall()]


def count_moved(cr: Cursor, ids: Collection[int]) -> None:
    """Count jobs that were cancelled or set to done in the caller's transaction."""
    if ids:
        cr.execute(_SQL.count_moved, {"ids": list(ids), "seconds": MINUTE})


def roll_up(cr: Cursor, before: datetime, most: int) -> int:
    """Replace rows of minutes by rows of hours, the oldest first.

    :param before: naive UTC; younger ones stay
    :param most: how many at most
    :return: how many were replaced
    """
    params = {"before": before, "most": most, "minute": MINUTE, "hour": HOUR}
    cr.execute(_SQL.roll_up, params)
    return int(cr.fetchall()[0][0])


def drop_old(cr: Cursor, before: datetime, most: int) -> int:
    """Delete rows, the oldest first.

    :param before: naive UTC; younger ones stay
    :param most: how many at most
    :return: how many were deleted
    """
    params = {"before": before, "most": most, "minute": MINUTE}
    cr.execute(_SQL.drop_old, params)
    return int(cr.fetchall()[0][0])


class Totals(NamedTuple):
    """What was ever counted of a channel; never less than it was before."""

    channel: str
    done: float
    failed: float
    retried: float
    cancelled: float
    waiting_seconds: float
    duration_seconds: float


def totals(cr: Cursor) -> list[Totals]:
    """Return what was ever counted, by channel, for monitors."""
    cr.execute(_SQL.totals_by_channel)
    return [Totals(row[0], *(sums or 0 for sums in row[1:])) for row in cr.fetchall()]


def _as_json(histogram: Histogram) -> str | None:
    return json.dumps(histogram) if histogram else None
