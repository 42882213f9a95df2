# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept no longer."""

from datetime import datetime

from .sql import load
from .transitions import Cursor

_SQL = load("retention")


def expired_failed(
    cr: Cursor,
    channels: list[str],
    deadline: datetime,
    *,
    is_elsewhere: bool,
    most: int,
) -> list[int]:
    """Return ids of jobs that failed by the deadline (UTC), the oldest first. Called by
    the housekeeping.

    :param channels: complete names; with ``is_elsewhere``, those of other channels
    """
    statement = _SQL.expired_failed_elsewhere if is_elsewhere else _SQL.expired_failed
    params = {"channels": channels, "deadline": deadline, "most": most}
    cr.execute(statement, params)
    return [row[0] for row in cr.fetchall()]


def drop_left_over(cr: Cursor, most: int) -> int:
    """Delete what lies beside jobs that are gone, so many rows of each kind at most.
    Attempts and records need no look: they are written with the job's own row. Called
    by the housekeeping.

    :return: how many rows were deleted
    """
    dropped = 0
    for statement in (
        _SQL.left_over_logs,
        _SQL.left_over_progress,
        _SQL.left_over_checkpoints,
        _SQL.left_over_stops,
    ):
        cr.execute(statement, {"most": most})
        dropped += len(cr.fetchall())
    return dropped
