# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The facts by which :mod:`..core.health` judges a queue. Needs nothing but a cursor.

Each statement is bounded, so that a monitor may ask every few seconds, at any number
of jobs.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ..core.diagnosis import Transaction
from ..core.health import Facts
from ..core.runner.runner_watch import LEADER_KEY
from . import ceiling, copy_guard
from .sql import load
from .transitions import LOCK_CLASS, Cursor

_SQL = load("health")
#: Jobs of a state that are counted; beyond that it is only known that there are more.
MOST_COUNTED = 10_000
#: Channels, or jobs of a channel, that are looked at.
_HOPS = 200
#: What ``schema.sql`` makes: without it the runner would hear of new work late.
TRIGGERS = frozenset(
    {
        "queue_job_notify",
        "queue_job_notify_delete",
        "queue_job_notify_update",
        "queue_job_notify_rank",
        "queue_job_delete_beside",
        "queue_job_channel_notify",
        "queue_job_channel_notify_update",
    }
)


def read(cr: Cursor, most: int = MOST_COUNTED) -> Facts:
    """Tell how the queue of a cursor's database is just now.

    :param most: how far jobs are counted
    """
    ended, failed = _ended(cr)
    with _only_indexes(cr):
        return Facts(
            counts=dict(_rows(cr, _SQL.counts, most=most)),
            leader_age=_scalar(cr, _SQL.leader, key=LEADER_KEY),
            is_neutralized=_scalar(cr, _SQL.is_neutralized),
            oldest_due=_scalar(cr, _SQL.oldest_due, hops=_HOPS),
            unbegun=_scalar(cr, _SQL.unbegun, lock_class=LOCK_CLASS),
            copy=copy_guard.look(cr).difference,
            ended=ended,
            failed=failed,
            ceiling=ceiling.read(cr)[0],
        )


def counts_by_channel(cr: Cursor, most: int = MOST_COUNTED) -> list[tuple[Any, ...]]:
    """Return (channel, state, jobs), for states that are not over."""
    with _only_indexes(cr):
        return _rows(cr, _SQL.counts_by_channel, most=most)


def waiting_functions(cr: Cursor) -> list[tuple[str, str]]:
    """Return (model, method) of the jobs that come next in every channel."""
    with _only_indexes(cr):
        return _rows(cr, _SQL.waiting_functions, hops=_HOPS)


def marked_modules(cr: Cursor) -> list[str]:
    """Return the modules that are to be changed, each with what is to be done."""
    return [row[0] for row in _rows(cr, _SQL.marked_modules)]


def missing_triggers(cr: Cursor) -> list[str]:
    """Return the triggers that should be there, and are not or are disabled."""
    return sorted(TRIGGERS - {row[0] for row in _rows(cr, _SQL.triggers)})


def missing_indexes(cr: Cursor, declared: Collection[str]) -> list[str]:
    """Return which of these indexes of the table of jobs cannot be used."""
    return sorted(set(declared) - {row[0] for row in _rows(cr, _SQL.indexes)})


def old_transactions(cr: Cursor) -> list[Transaction]:
    """Return the transactions that have been open for longest."""
    return [Transaction(*row) for row in _rows(cr, _SQL.old_transactions)]


def table_rows(cr: Cursor) -> tuple[int, int]:
    """Return how many live and dead rows PostgreSQL believes the table of jobs has."""
    return next(iter(_rows(cr, _SQL.table_rows)), (0, 0))


def session(cr: Cursor) -> tuple[float, int]:
    """Return the time, seconds since 1970 UTC, and the process that answers."""
    [found] = _rows(cr, _SQL.session)
    return found


def _ended(cr: Cursor) -> tuple[int, int]:
    """Jobs that ended within an hour, and failed; zeros where no statistics are
    kept."""
    if not _scalar(cr, _SQL.has_statistics):
        return 0, 0
    [found] = _rows(cr, _SQL.ended)
    return found


@contextmanager
def _only_indexes(cr: Cursor) -> Iterator[None]:
    cr.execute(_SQL.only_indexes)
    yield  # an error ends the transaction, and this with it
    cr.execute(_SQL.all_plans)


def _rows(cr: Cursor, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    cr.execute(statement, parameters)
    return cr.fetchall()


def _scalar(cr: Cursor, statement: str, **parameters: Any) -> Any:
    rows = _rows(cr, statement, **parameters)
    return rows[0][0] if rows else None
