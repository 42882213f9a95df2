# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to stop running jobs, in a table beside the rows of the jobs."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from ..core.outcome import FOUND_DEAD
from ..core.stopping import Dead, Death, Verdict, judge
from ..core.text import dotted_name
from ..exception import JobStopped, JobTimeout
from .prepared import Prepared
from .sql import load
from .statistics import count_moved
from .transitions import LOCK_CLASS, AttemptRecord, Cursor, move

_SQL = load("stopping")
_LEADER_SQL = load("leader")
#: First key of the lock by which a leader says that it cannot end some job.
OVERDUE_CLASS = 719110721
STOPPED = dotted_name(JobStopped)
TIMED_OUT = dotted_name(JobTimeout)
_EXCEPTIONS = {Death.STOPPED: STOPPED, Death.TIMED_OUT: TIMED_OUT}


class Stopping(NamedTuple):
    """A job that runs and is to be stopped; times are naive UTC.

    :param is_stuck: whether its server cannot end it
    """

    id: int
    user_id: int | None
    date_asked: Any
    reason: str | None
    is_stuck: bool | None


class Overdue(NamedTuple):
    """A job that runs though it was to be stopped.

    :param session_name: of the session on which its worker has locked it
    """

    id: int
    attempt: int
    uuid: str
    session_name: str | None


def ask(
    cr: Cursor, ids: Collection[int], user_id: int, reason: str | None, result: str
) -> set[int]:
    """Ask that those of these jobs be stopped that run. Called by the models.

    :param result: what the result of the job is to be, storable
    :return: those that are to be stopped, whoever asked first
    """
    params = {
        "ids": list(ids),
        "user_id": user_id,
        "reason": reason or None,
        "result": result,
    }
    cr.execute(_SQL.ask, params)
    return set(stopping(cr, ids))


def stopping(cr: Cursor, ids: Collection[int]) -> dict[int, Stopping]:
    """Return, by id, those of these jobs that run and are to be stopped."""
    cr.execute(_SQL.stopping, {"ids": list(ids)})
    return {row[0]: Stopping(*row) for row in cr.fetchall()}


def standing(
    cr: Cursor, dispatches: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], str]:
    """Tell which dispatches, (row id, number) each, are to be stopped, and what their
    results are to be. Called by workers, about what they run."""
    asked = set(dispatches)
    cr.execute(_SQL.standing, {"ids": [job_id for job_id, _attempt in asked]})
    found = {(row[0], row[1]): row[2] for row in cr.fetchall()}
    return {one: found[one] for one in asked if one in found}


_OVERDUE = Prepared("queue_job_overdue", _SQL.overdue)


def overdue(cr: Cursor, seconds: float, session: Any = None) -> list[Overdue]:
    """Return the jobs that run though they were to be stopped so many seconds ago.
    Called by the runner.

    :param session: the connection of the cursor, if it is to keep the plan
    """
    _OVERDUE.execute(cr, {"seconds": seconds, "lock_class": LOCK_CLASS}, session)
    return [Overdue(*row) for row in cr.fetchall()]


def tell_overdue(cr: Cursor, is_needed: bool) -> None:
    """Say of the session of the cursor whether its runner needs others to end jobs.
    Called by the runner when that changes."""
    statement = _LEADER_SQL.tell_overdue if is_needed else _LEADER_SQL.forget_overdue
    cr.execute(statement, {"overdue": OVERDUE_CLASS})


def note_limit(cr: Cursor, dispatches: Iterable[tuple[int, int]], limit: str) -> None:
    """Note by which limit its server is about to end the worker of jobs.

    :param dispatches: row id and number of each
    """
    cr.execute(_SQL.note_limit, {**_named(dispatches), "limit": limit})


def note_stuck(cr: Cursor, dispatches: Iterable[tuple[int, int]]) -> None:
    """Note of those of these jobs that were to be stopped that they do not end, and
    that their server cannot end them.

    :param dispatches: row id and number of each
    """
    cr.execute(_SQL.note_stuck, _named(dispatches))


def _named(dispatches: Iterable[tuple[int, int]]) -> dict[str, list[int]]:
    ids, attempts = zip(*dispatches, strict=True)
    return {"ids": list(ids), "attempts": list(attempts)}


def forget(cr: Cursor, job_id: int, attempt: int) -> None:
    """Delete the request about a dispatch that is over."""
    cr.execute(_SQL.forget, {"id": job_id, "attempt": attempt})


def has_timed_out(cr: Cursor, job_id: int) -> bool:
    """Tell whether a job's worker ended at its last attempt because its time was
    over."""
    cr.execute(_SQL.has_timed_out, {"id": job_id, "timed_out": TIMED_OUT})
    return any(row[0] for row in cr.fetchall())


def drop_old(cr: Cursor, most: int) -> int:
    """Delete requests about attempts that are over; returns how many."""
    cr.execute(_SQL.drop_old, {"most": most})
    return len(cr.fetchall())


def bury(
    cr: Cursor, ids: list[int], real_limit: float = 0.0, *, is_counted: bool = True
) -> list[int]:
    """Move started jobs whose workers are gone, each by what it died of: one that was
    to be stopped is cancelled, the others are pending again. Called by the runner,
    which has locked them, outside of a transaction.

    :param real_limit: seconds after which the server ends a request; 0 = never
    :param is_counted: whether statistics are kept
    :return: those that are pending again
    """
    cr.execute(_SQL.found_dead, {"ids": ids})
    alike: dict[Verdict, list[int]] = {}
    for row in cr.fetchall():
        dead = Dead(*row)
        alike.setdefault(judge(dead, real_limit), []).append(dead.id)
    rescued = []
    for verdict, dead_ids in alike.items():
        kept = AttemptRecord(
            exc_name=_EXCEPTIONS.get(verdict.death, FOUND_DEAD),
            exc_message=verdict.message,
        )
        if verdict.death is Death.STOPPED:
            stopped = move(cr, "stop_dead", dead_ids, kept=kept, result=verdict.message)
            count_moved(cr, stopped if is_counted else ())
            cr.execute(_SQL.forget_dead, {"ids": stopped})
        else:
            rescued += move(cr, "rescue", dead_ids, kept=kept)
    return rescued
