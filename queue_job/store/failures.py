# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failures of jobs, counted by what they have in common.

Needs nothing but a cursor, as the store does.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from ..core.fingerprint import Fingerprint
from .dispatch import DispatchedJob
from .sql import load
from .transitions import Cursor

#: Characters of the names of functions that are kept, and a name more.
_MOST_FUNCTIONS = 1_000

_SQL = load("failures")


def note(cr: Cursor, dispatched_job: DispatchedJob, seen: Fingerprint) -> None:
    """Count the failure of a job, recorded under the number of its dispatch. Called by
    the worker in a transaction of its own, which waits for others that count it."""
    params = {**dispatched_job._asdict(), **seen._asdict(), "most": _MOST_FUNCTIONS}
    cr.execute(_SQL.note, params)


def hours(
    cr: Cursor, ids: Collection[int], since: datetime
) -> dict[int, dict[datetime, int]]:
    """Return by failure, and by hour (naive UTC), how often it was met since a time."""
    cr.execute(_SQL.hours, {"ids": list(ids), "since": since})
    found: dict[int, dict[datetime, int]] = defaultdict(dict)
    for failure_id, hour, times in cr.fetchall():
        found[failure_id][hour] = times
    return found


def forget(cr: Cursor, before: datetime) -> list[int]:
    """Delete the failures that were not met since then, and whose jobs are gone; and
    the counts of hours before.

    :return: ids of the failures deleted
    """
    cr.execute(_SQL.forget_hours, {"before": before})
    cr.execute(_SQL.forget, {"before": before})
    return [row[0] for row in cr.fetchall()]
