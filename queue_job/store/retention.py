# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which failed jobs are kept no longer."""

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
