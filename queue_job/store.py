"""The one place whose SQL moves a job from state to state.

Needs nothing but a cursor: the runner passes a plain psycopg2 one, the Odoo worker
an Odoo one. Every move names its sources in the statement itself, so what is not
returned did not move: nobody else's change can be overwritten.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol

from .core.states import TRANSITIONS, State
from .sql import load

#: First key of the two-key session advisory lock of a job; the second is its id.
LOCK_CLASS = 719110719
#: What a rescued job's try is called.
FOUND_DEAD = "JobFoundDead"
FOUND_DEAD_INFO = "Job found dead after too many retries"

_SQL = load("jobs")


class Cursor(Protocol):
    """What the statements below need of a cursor."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Handout(NamedTuple):
    """One hand-out of a job: only its number may start, end or take back the job."""

    id: int
    uuid: str
    attempt: int


@dataclass(frozen=True)
class Try:
    """What is kept of a try that did not succeed; the rest is in the job's row."""

    duration: float | None = None  # seconds
    host: str | None = None
    exc_name: str | None = None
    exc_message: str | None = None
    exc_info: str | None = None


def move(
    cr: Cursor,
    name: str,
    ids: Collection[int],
    *,
    attempt: int | None = None,
    tried: Try | None = None,
    **columns: Any,
) -> list[int]:
    """Make the move ``name`` of ``TRANSITIONS`` for the jobs that may make it.

    :param ids: row ids of the jobs
    :param attempt: when given, only a job held under this hand-out number moves
    :param tried: when given, the try that ended is kept, in the same statement
    :param columns: further columns to set
    :return: ids of the jobs that moved
    """
    transition = TRANSITIONS[name]
    params = {
        **columns,
        "ids": list(ids),
        "sources": sorted(transition.sources),
        "target": str(transition.target),
        "attempt": attempt,
    }
    if tried is not None:
        params.update({f"try_{key}": value for key, value in vars(tried).items()})
    statement = _statement(name, tuple(sorted(columns)), tried is not None)
    cr.execute(statement, params)
    return [row[0] for row in cr.fetchall()]


@cache
def _statement(name: str, columns: tuple[str, ...], records_try: bool) -> str:
    transition = TRANSITIONS[name]
    now = "date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')"
    assignments = [
        "state = %(target)s",
        *(f"{column} = {now}" for column in transition.stamped),
        *(f"{column} = {column} + 1" for column in transition.counted),
        *(f"{c} = NULL" for c in transition.cleared if c not in columns),
        *(f"{column} = %({column})s" for column in columns),
    ]
    guard = (
        "id = ANY(%(ids)s) AND state = ANY(%(sources)s)"
        " AND (%(attempt)s IS NULL OR attempt = %(attempt)s)"
    )
    update = f"UPDATE queue_job SET {', '.join(assignments)}"
    if records_try:
        update = f"{_SQL.record_try} {update} FROM held"
        guard += " AND id = held_id"
    return f"{update} WHERE {guard} RETURNING id"


def enqueue(cr: Cursor, ids: Collection[int]) -> list[Handout]:
    """Hand out pending jobs: each gets its next number. Called by the runner."""
    statement = _statement("enqueue", (), False) + ", uuid, attempt"
    transition = TRANSITIONS["enqueue"]
    cr.execute(
        statement,
        {
            "ids": list(ids),
            "sources": sorted(transition.sources),
            "target": str(transition.target),
            "attempt": None,
        },
    )
    return [Handout(*row) for row in cr.fetchall()]


def hand_back(cr: Cursor, handouts: Iterable[Handout]) -> list[int]:
    """Return what no worker took to pending, untried. Called by the runner.

    A job that a worker did start meanwhile, or that has a newer number, stays.
    """
    return [
        moved
        for handout in handouts
        for moved in move(cr, "hand_back", [handout.id], attempt=handout.attempt)
    ]


def hand_back_orphans(cr: Cursor, in_flight: Collection[int]) -> list[int]:
    """Return jobs to pending that are handed out, but neither on their way
    (``in_flight``) nor taken by a worker. Called by the runner, outside of a
    transaction."""
    return _with_unheld(
        cr, State.ENQUEUED, in_flight, lambda ids: move(cr, "hand_back", ids)
    )


def rescue(cr: Cursor) -> list[str]:
    """Return started jobs whose worker is gone to pending; the crash counts as a
    try. Called by the runner, outside of a transaction.

    :return: uuids of the jobs rescued
    """
    crash = Try(exc_name=FOUND_DEAD, exc_message="The worker of the job is gone")
    moved = _with_unheld(
        cr, State.STARTED, (), lambda ids: move(cr, "rescue", ids, tried=crash)
    )
    if not moved:
        return []
    cr.execute("SELECT uuid FROM queue_job WHERE id = ANY(%s) ORDER BY id", (moved,))
    return [row[0] for row in cr.fetchall()]


def _with_unheld(cr, state, except_ids, act) -> list[int]:  # type: ignore[no-untyped-def]
    """Lock the jobs that nobody holds, act on them, unlock: a worker that is just
    about to take one either has it already or will see it moved."""
    params = {"lock_class": LOCK_CLASS, "state": state, "except_ids": list(except_ids)}
    cr.execute(_SQL.unheld, params)
    ids = [row[0] for row in cr.fetchall()]
    if not ids:
        return []
    cr.execute(_SQL.lock_all, {"lock_class": LOCK_CLASS, "ids": ids})
    locked = [row[0] for row in cr.fetchall()]
    try:
        return act(locked) if locked else []
    finally:
        cr.execute(_SQL.unlock_all, {"lock_class": LOCK_CLASS, "ids": locked})


def acquire(cr: Cursor, uuid: str, attempt: int, pid: int) -> int | None:
    """Take the lock of a handed-out job and mark it started. Called by the worker
    on its liveness connection, outside of the job's transaction.

    :return: row id, or ``None`` when the hand-out is no longer valid
    """
    params = {"uuid": uuid, "attempt": attempt, "lock_class": LOCK_CLASS}
    cr.execute(_SQL.try_lock, params)
    rows = cr.fetchall()
    if not rows:
        return None
    job_id: int = rows[0][0]
    if move(cr, "start", [job_id], attempt=attempt, worker_pid=pid):
        return job_id
    unlock(cr, job_id)
    return None


def unlock(cr: Cursor, job_id: int) -> None:
    """Let go of a job's liveness lock, on the session that took it."""
    cr.execute(_SQL.unlock, {"lock_class": LOCK_CLASS, "id": job_id})


def is_unheld(cr: Cursor, job_id: int) -> bool:
    """Whether no other session holds the job; if so, none will before the end of
    the caller's transaction."""
    cr.execute(_SQL.is_unheld, {"lock_class": LOCK_CLASS, "id": job_id})
    return bool(cr.fetchall()[0][0])
