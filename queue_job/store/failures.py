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
#: Seconds after which users who were not told of a failure, since its worker died, are
#: told with the next job that fails so.
_TOLD_AGAIN_AFTER = 300

_SQL = load("failures")


def note(cr: Cursor, dispatched_job: DispatchedJob, seen: Fingerprint) -> int | None:
    """Count the failure of a job, recorded under the number of its dispatch. Called by
    the worker in a transaction of its own, which waits for others that count it.

    :return: the failure, if it is with this job that users are to be told of it;
        whether they were has to be said with :func:`note_told`
    """
    params = {
        **dispatched_job._asdict(),
        **seen._asdict(),
        "most": _MOST_FUNCTIONS,
        "told_again_after": _TOLD_AGAIN_AFTER,
    }
    cr.execute(_SQL.note, params)
    found = cr.fetchall()
    return found[0][0] if found else None


def note_told(
    cr: Cursor, dispatched_job: DispatchedJob, failure_id: int, was_told: bool
) -> None:
    """Note whether users were told of a failure. Called by the worker, in a transaction
    of its own."""
    params = {
        "id": dispatched_job.id,
        "failure_id": failure_id,
        "was_told": was_told,
    }
    cr.execute(_SQL.told, params)


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
