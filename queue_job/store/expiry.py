# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that did not begin in time are cancelled, and those that wait for them follow.

Needs nothing but a cursor, as the store does: the runner looks for those that wait, a
worker meets those that were dispatched in time and reached it too late.
"""

from collections.abc import Collection
from typing import Any

from . import statistics
from .dependencies import Followed, release
from .dispatch import DispatchedJob
from .sql import load
from .transitions import IS_IN_TIME, Cursor, may_move, update_of

#: Jobs that expire in one statement.
MOST_AT_ONCE = 500

#: Parts of the statements: the moves that they make.
MOVES = {
    "is_in_time": IS_IN_TIME,
    "cancel": update_of("expire"),
    "may_expire": may_move("expire"),
    "cancel_dispatched": update_of("expire_dispatched"),
    "may_expire_dispatched": may_move("expire_dispatched"),
}
_SQL = load("expiry", **MOVES)


def expire_some(cr: Cursor, counts: bool = True) -> list[int]:
    """Cancel jobs that wait and did not begin in time, :data:`MOST_AT_ONCE` at most.
    Called by the runner.

    :param counts: whether statistics are kept
    :return: ids of the jobs that expired
    """
    return _expire(cr, _SQL.expire_some, counts, most=MOST_AT_ONCE)


def expire_among(cr: Cursor, ids: Collection[int], counts: bool = True) -> list[int]:
    """Cancel those of these jobs that wait and did not begin in time. Called by the
    runner, of jobs that it could not dispatch."""
    return _expire(cr, _SQL.expire_among, counts, ids=list(ids))


def expire_dispatched(cr: Cursor, job: DispatchedJob) -> bool:
    """Cancel a dispatched job that reached a worker too late. Called by the worker; it
    releases the dependents itself."""
    cr.execute(_SQL.expire_dispatched, {"id": job.id, "attempt": job.attempt})
    return bool(cr.fetchall())


def _expire(cr: Cursor, statement: str, counts: bool, **params: Any) -> list[int]:
    cr.execute(statement, params)
    expired: list[int] = [row[0] for row in cr.fetchall()]
    if not expired:
        return []
    # should the process die here, the search for jobs that were not released finds them
    followed: Followed = release(cr, expired)
    if counts:
        statistics.count_moved(cr, [*expired, *followed.cancelled])
    return expired
