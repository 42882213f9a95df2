# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of jobs, as SQL: dispatched, started, done, rescued.

Needs nothing but a cursor: the runner passes a plain psycopg2 one, the Odoo worker
an Odoo one. Jobs move by the guarded statements of :mod:`.transitions`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple
from weakref import WeakSet

from ..core.states import State
from . import deduplication, started_row, stopping, ties
from .deduplication import supersede
from .prepared import Prepared
from .sql import load
from .transitions import (
    IS_FREE,
    IS_IN_TIME,
    LOCK_CLASS,
    AttemptRecord,
    Cursor,
    guarded,
    move,
    move_selected,
)

__all__ = [
    "LOCK_CLASS", "AttemptRecord", "Cursor", "DispatchedJob",
    "alike", "forget_session", "enqueue", "free", "return_pending", "return_orphans",
    "is_current", "is_unlocked", "lock_failed", "lock_run", "locked",
    "locks_of_workers", "move", "move_selected", "rescue", "standing", "start",
    "succeed", "supersede", "tell_begin", "unlock",
]  # fmt: skip

_SQL = load("jobs")


class DispatchedJob(NamedTuple):
    """One dispatch of a job: only its number may start, end or return the job."""

    id: int
    uuid: str
    attempt: int


def _of_one(
    name: str,
    columns: tuple[str, ...],
    returned: str,
    condition: str = "",
    at_once: bool = False,
) -> Prepared:
    """Return the move of one job under its number, planned once per session."""
    scope = "id = %(id)s AND attempt = %(attempt)s"
    statement = guarded(name, columns, scope, condition, returned=returned)
    return Prepared(f"queue_job_{name}", statement, at_once)


_ENQUEUE = Prepared(
    "queue_job_enqueue",
    guarded(
        "enqueue",
        condition=f"{IS_IN_TIME} AND {IS_FREE}",
        returned="id, uuid, attempt, identity_key",
    ),
)


def enqueue(
    cr: Cursor, ids: Collection[int], session: Any = None
) -> list[DispatchedJob]:
    """Dispatch pending jobs: each gets its next number. Called by the runner.

    What an identity key says of them is seen to: of jobs that count as the same, one
    is dispatched; the others end as done, or wait until they do not count as the same
    any more.

    :param ids: best job first
    :param session: the connection of the cursor, if it is to keep the plan
    :return: what is not in it was not to be had: moved on, expired, being changed just
        now, or tied to a transaction whose call it stands for
    """
    _ENQUEUE.execute(cr, {"ids": list(ids)}, session)
    rows = cr.fetchall()
    if len(rows) < len(ids):
        ties.pass_by(cr, set(ids).difference(row[0] for row in rows))
    keys = {row[3] for row in rows if row[3]}
    if not keys:
        return [DispatchedJob(*row[:3]) for row in rows]
    keyed = {row[0] for row in rows if row[3]}
    stay = deduplication.deduplicate(
        cr, keys, [job_id for job_id in ids if job_id in keyed]
    )
    return [DispatchedJob(*row[:3]) for row in rows if row[0] not in stay]


def free(cr: Cursor, ids: Collection[int]) -> set[int]:
    """Tell which of these jobs are pending, and not being changed by another
    transaction. Called by the runner, outside of a transaction."""
    cr.execute(_SQL.free, {"ids": list(ids)})
    return {row[0] for row in cr.fetchall()}


def alike(cr: Cursor, job_id: int, ids: Collection[int]) -> set[int]:
    """Tell which of these dispatched jobs call what a started one calls, as the same
    user, on other records, at their first attempt. Called by the worker."""
    cr.execute(_SQL.alike, {"id": job_id, "ids": list(ids)})
    return {row[0] for row in cr.fetchall()}


def return_pending(cr: Cursor, dispatched_jobs: Iterable[DispatchedJob]) -> list[int]:
    """Return what no worker took to pending, untried. Called by the runner.

    A job that a worker did start meanwhile, or that has a newer number, stays.
    """
    by_number = defaultdict(list)  # mostly it is the first dispatch of all of them
    for dispatched_job in dispatched_jobs:
        by_number[dispatched_job.attempt].append(dispatched_job.id)
    return [
        moved
        for number, ids in by_number.items()
        for moved in move(cr, "return_pending", ids, attempt=number)
    ]


_UNLOCKED_ENQUEUED = Prepared("queue_job_enqueued", _SQL.unlocked_enqueued)
_UNLOCKED_STARTED = Prepared("queue_job_started", _SQL.unlocked_started)


def return_orphans(
    cr: Cursor, in_flight: Collection[int], session: Any = None
) -> list[int]:
    """Return jobs to pending that are dispatched, but neither on their way
    (``in_flight``) nor taken by a worker. Called by the runner, outside of a
    transaction.

    :param session: the connection of the cursor, if it is to keep the plan
    """
    _UNLOCKED_ENQUEUED.execute(cr, _but(in_flight), session)
    return _with_locked(cr, lambda ids: move(cr, "return_pending", ids))


def rescue(
    cr: Cursor,
    real_limit: float = 0.0,
    *,
    is_counted: bool = True,
    session: Any = None,
) -> list[str]:
    """Return started jobs whose worker is gone to pending; the crash counts as an
    attempt. One that was to be stopped is cancelled. Called by the runner, outside of a
    transaction.

    :param real_limit: seconds after which the server ends a request; 0 = never
    :param is_counted: whether statistics are kept
    :param session: the connection of the cursor, if it is to keep the plan
    :return: uuids of the jobs rescued
    """

    def bring_back(ids: list[int]) -> list[int]:
        # a session that outlived its worker would keep rows locked, the job's among
        # them, or even finish the work
        cr.execute(_SQL.end_sessions, {"ids": ids})
        if cr.fetchall():
            cr.execute(_SQL.wait)
        return stopping.bury(cr, ids, real_limit, is_counted=is_counted)

    _UNLOCKED_STARTED.execute(cr, _but(()), session)
    moved = _with_locked(cr, bring_back)
    if not moved:
        return []
    cr.execute("SELECT uuid FROM queue_job WHERE id = ANY(%s) ORDER BY id", (moved,))
    return [row[0] for row in cr.fetchall()]


def locked(cr: Cursor, ids: Collection[int]) -> set[int]:
    """Tell which of these jobs a worker has locked, whatever their states."""
    cr.execute(_SQL.locked, {"lock_class": LOCK_CLASS, "ids": list(ids)})
    return {row[0] for row in cr.fetchall()}


def locks_of_workers(cr: Cursor) -> list[tuple[list[DispatchedJob], str]]:
    """Return what workers are at: the jobs that each has locked, whatever their states,
    and the channel of the first. The threads of a threaded server hold theirs together:
    then only those started are told apart."""
    cr.execute(_SQL.locks_of_workers, {"lock_class": LOCK_CLASS})
    found: dict[tuple[int, int], tuple[list[DispatchedJob], str]] = {}
    begun = set()
    for worker, state, channel, *dispatched_job in cr.fetchall():
        job = DispatchedJob(*dispatched_job)
        if state == State.STARTED:
            begun.add(worker)
            found[worker, job.id] = ([job], channel)
        elif worker not in begun:
            found.setdefault((worker, 0), ([], channel))[0].append(job)
    return list(found.values())


def _but(except_ids: Collection[int]) -> dict[str, Any]:
    return {"lock_class": LOCK_CLASS, "except_ids": list(except_ids)}


def _with_locked(cr: Any, act: Callable[[list[int]], list[int]]) -> list[int]:
    """Lock the jobs that the cursor has found unlocked, act on them, unlock: a worker
    that is just about to take one either has it already or will see it moved."""
    ids = [row[0] for row in cr.fetchall()]
    if not ids:
        return []
    cr.execute(_SQL.lock_all, {"lock_class": LOCK_CLASS, "ids": ids})
    locked = [row[0] for row in cr.fetchall()]
    try:
        return act(locked) if locked else []
    finally:
        unlock(cr, locked)


_LOCK_RUN = Prepared("queue_job_lock_run", _SQL.lock_run)


def lock_run(
    cr: Cursor, uuids: list[str], attempts: list[int], session: Any = None
) -> list[DispatchedJob]:
    """Take the locks of dispatched jobs. Called by the worker on its liveness
    connection, outside of the jobs' transactions.

    :param session: the connection of the cursor, if it is to keep the plan
    :return: the dispatches that are valid and free, in the order asked
    """
    params = {"uuids": uuids, "attempts": attempts, "lock_class": LOCK_CLASS}
    _LOCK_RUN.execute(cr, params, session)
    return [DispatchedJob(*row) for row in cr.fetchall()]


_START = _of_one(
    "start",
    ("worker_backend", "worker_host", "worker_pid"),
    started_row.COLUMNS,
    IS_IN_TIME,
)
_SUCCEED = _of_one(
    "succeed", ("exec_time", "result", "retry", "repeats"), "id", at_once=True
)
#: Cursors that wrote a job done: the next one is worth a plan to keep.
_writers: WeakSet[Cursor] = WeakSet()


def start(
    cr: Cursor,
    dispatched_job: DispatchedJob,
    pid: int,
    backend: int | None = None,
    session: Any = None,
    host: str | None = None,
) -> started_row.Row | None:
    """Mark a locked job as started, and read what is to be called.

    :param pid: the process that runs the job
    :param backend: process id, in PostgreSQL, of the session that the job works on
    :param session: the connection of the cursor, if others will follow on it and it
        is not shared
    :param host: name of the host that the process is on
    :return: ``None`` when the dispatch is no longer valid, or the job has expired
    """
    params = {
        "id": dispatched_job.id,
        "attempt": dispatched_job.attempt,
        "worker_pid": pid,
        "worker_backend": backend,
        "worker_host": host,
    }
    _START.execute(cr, params, session)
    try:
        rows = cr.fetchall()
    except (ValueError, OverflowError):  # a moment: the job is started all the same
        return _unreadable_row(cr, dispatched_job.id)
    return started_row.read(*rows[0]) if rows else None


def _unreadable_row(cr: Cursor, job_id: int) -> started_row.Row | None:
    cr.execute(
        f"SELECT {started_row.TEXT_COLUMNS} FROM queue_job WHERE id = %s", (job_id,)
    )
    rows = cr.fetchall()
    return started_row.read_unreadable(*rows[0]) if rows else None


def tell_begin(cr: Cursor) -> None:
    """Let the runner look at the rows: it waits for a job to begin."""
    cr.execute(_SQL.tell_begin)


def forget_session(cr: Cursor, dispatched_job: DispatchedJob) -> None:
    """Nothing works for this dispatch any more, though its end is not recorded: its
    session serves others from now on, and must not be ended by a rescue."""
    cr.execute(_SQL.forget_session, dispatched_job._asdict())


def is_current(cr: Cursor, dispatched_job: DispatchedJob) -> bool:
    """Tell whether a started job is still that of its dispatch's number."""
    cr.execute(
        _SQL.is_current, {"id": dispatched_job.id, "attempt": dispatched_job.attempt}
    )
    return bool(cr.fetchall()[0][0])


def standing(cr: Cursor, job_id: int) -> tuple[int, str] | None:
    """Number of the latest dispatch and state of a job, as the cursor's transaction
    sees them; ``None`` when there is no row."""
    cr.execute(_SQL.standing, {"id": job_id})
    return next(iter(cr.fetchall()), None)


def succeed(
    cr: Cursor,
    job_id: int,
    attempt: int,
    *,
    result: str | None,
    exec_time: float,
    retry: int,
    repeats: int,
    keeps_plan: bool,
) -> bool:
    """Write a job done that is started under this dispatch number. Called by the worker
    on the job's own cursor.

    :param keeps_plan: whether the cursor's session stays the same from one
        transaction to the next; not so behind a pooler
    :return: whether the job was still that of the number
    """
    values: dict[str, Any] = {
        "result": result,
        "exec_time": exec_time,
        "retry": retry,
        "repeats": repeats,
    }
    if not keeps_plan or cr not in _writers:
        _writers.add(cr)
        return bool(move(cr, "succeed", [job_id], attempt=attempt, **values))
    _SUCCEED.execute(cr, {"id": job_id, "attempt": attempt, **values}, session=cr)
    return bool(cr.fetchall())


def unlock(cr: Cursor, ids: list[int]) -> None:
    """Unlock jobs, on the session that locked them."""
    cr.execute(_SQL.unlock_all, {"lock_class": LOCK_CLASS, "ids": ids})


def lock_failed(cr: Cursor, dispatched_job: DispatchedJob) -> bool:
    """Tell whether a job is as failed as the dispatch left it, and stays so until the
    end of the caller's transaction."""
    cr.execute(
        _SQL.lock_failed, {"id": dispatched_job.id, "attempt": dispatched_job.attempt}
    )
    return bool(cr.fetchall())


def is_unlocked(cr: Cursor, job_id: int) -> bool:
    """Tell whether no other session has locked the job; if so, none will before the end
    of the caller's transaction."""
    cr.execute(_SQL.is_unlocked, {"lock_class": LOCK_CLASS, "id": job_id})
    return bool(cr.fetchall()[0][0])
