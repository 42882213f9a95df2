# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One job in an Odoo worker: acquire, start, attempt, decide, record, release.

Only the work and ``done`` stand on the job's own cursor, and commit together
(:mod:`.perform`). Every other end is written afterwards, in transactions of its own
(:mod:`.record`).
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice, takewhile
from typing import Any, NamedTuple, TypeAlias

import psycopg2

from ..core.outcome import (
    Attempts,
    Failed,
    Lost,
    Outcome,
    Postponed,
    Stopped,
    Succeeded,
    decide,
)
from ..core.protocol import End, RunAnswer, RunRequest
from ..core.states import State
from ..core.stopping import Interruption
from ..db.transaction import side_transaction
from ..exception import NotReadableJobError
from ..job import Job
from ..store import dispatch, expiry, started_row, stopping
from . import job_locks, shutdown
from .attempt import AttemptResult, Load, Steps, attempt
from .chunk import ChunkSizes, run_together
from .confidential import withheld
from .job_locks import Locks
from .log_keeping import AttemptLog
from .record import record, traceback_text

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

_NOT_TO_BE_HAD = (
    "was requested to run job %s, but it does not exist, or is not in state %s, or is"
    " being handled by another worker"
)


def run_batch(env: Any, request: RunRequest, steps: Steps) -> RunAnswer:
    """Run jobs that were dispatched together, one after the other, each in its own
    transaction and to its recorded end. Called by the controller.

    Jobs behind a lost connection are left alone.

    :param env: superuser environment; the work is done on its cursor
    """
    answer = RunAnswer.to(request)
    locks = job_locks.locks_of(env)
    locked = _acquire(locks, request)
    try:
        backend = _backend(env)
        with locks.unlock_late(locked):
            waiting = deque(_in_order(locked, request))
            may_chunk = steps.may_chunk and not request.stops_at_failure
            sizes = ChunkSizes(env) if may_chunk else None
            start = partial(locks.start, tells_begin=request.tells_begin)
            while waiting and not shutdown.is_stopping():
                ends = _run_next(env, start, waiting, backend, steps, sizes)
                for end in ends:
                    answer.outcomes[end.uuid] = End.of(end.outcome)
                    answer.seconds[end.uuid] = end.seconds
                if env.cr.closed or request.stops_at_failure and not _is_good(ends):
                    break
    finally:
        locks.unlock(locked)
    return answer


def acquire(env: Any, uuid: str, number: int) -> Job | None:
    """Take and start one dispatched job.

    :param number: of its dispatch
    :return: the job, or ``None``, logged, when it is not to be had under this number,
        or cannot be read and so has failed
    """
    locks = job_locks.locks_of(env)
    for dispatched_job in _acquire(locks, RunRequest((uuid,), (number,))):
        row = locks.start(dispatched_job, _backend(env))
        if row is None:
            locks.unlock([dispatched_job])
            _logger.warning(_NOT_TO_BE_HAD, uuid, State.ENQUEUED)
            return None
        try:
            job: Job = Job._from_row(env, row)
        except NotReadableJobError:
            # an attempt that fails of it: nobody else would end the job
            try:
                _run_alone(env, dispatched_job, row, Steps())
            finally:
                locks.unlock([dispatched_job])
            return None
        return job
    return None


def run_started(env: Any, job: Job, steps: Steps) -> Outcome:
    """Run a started job to its recorded end, and unlock it."""
    dispatched_job = dispatch.DispatchedJob(job.row_id, job.uuid, job.attempt)
    retry, repeats = job.retry, job.repeats

    def load() -> Job:
        job.repeats = repeats
        job.retry = retry  # one dispatch counts once, however often it is repeated
        job.state = State.STARTED.value  # whatever the work before made of it
        return job

    try:
        return _execute(env, dispatched_job, load, steps)
    finally:
        job_locks.locks_of(env).unlock([dispatched_job])


def _acquire(locks: Locks, request: RunRequest) -> list[dispatch.DispatchedJob]:
    locked = locks.lock(list(request.uuids), list(request.attempts))
    for uuid in set(request.uuids).difference(job.uuid for job in locked):
        _logger.warning(_NOT_TO_BE_HAD, uuid, State.ENQUEUED)
    return locked


def _in_order(
    locked: list[dispatch.DispatchedJob], request: RunRequest
) -> list[dispatch.DispatchedJob]:
    """Return those to run; none behind one that is not to be had, if that is asked
    for."""
    if not request.stops_at_failure:
        return locked
    by_uuid = {dispatched_job.uuid: dispatched_job for dispatched_job in locked}
    return [by_uuid[uuid] for uuid in takewhile(by_uuid.__contains__, request.uuids)]


#: Marks an acquired job as started, for the session that it will work on.
Start: TypeAlias = Callable[[dispatch.DispatchedJob, int], started_row.Row | None]


class _Ended(NamedTuple):
    """How a job of a batch ended, and how long it took."""

    uuid: str
    outcome: Outcome
    seconds: float


def _is_good(ends: list[_Ended]) -> bool:
    return bool(ends) and all(isinstance(end.outcome, Succeeded) for end in ends)


def _run_next(
    env: Any,
    start: Start,
    waiting: deque[dispatch.DispatchedJob],
    backend: int,
    steps: Steps,
    sizes: ChunkSizes | None,
) -> list[_Ended]:
    """Start the next of the acquired jobs, and run it; where its method wants that,
    with those behind it that differ only in their records.

    :param sizes: ``None``: each alone
    """
    first = waiting.popleft()
    row = _start(env, start, first, backend)
    if row is None:
        return []
    if sizes is not None and waiting and (most := sizes.most_at_once(row)) > 1:
        started = {first: row}
        for _mate in range(_count_mates(env, row, waiting, most - 1)):
            mate = waiting.popleft()
            mate_row = _start(env, start, mate, backend)
            if mate_row is not None:
                started[mate] = mate_row
        if len(started) > 1:
            return _run_chunk(env, started, steps)
    return [_run_alone(env, first, row, steps)]


def _start(
    env: Any, start: Start, dispatched_job: dispatch.DispatchedJob, backend: int
) -> started_row.Row | None:
    """Mark an acquired job as started; ``None`` when it is not to be had any more."""
    try:
        row = start(dispatched_job, backend)
        # of what it has unlocked, the runner sees to
        is_ours = row is None and job_locks.locks_of(env).holds(dispatched_job)
        has_expired = is_ours and _expire(env, dispatched_job)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        # another transaction takes long to change the row, or the connection is gone
        row, has_expired = None, False
    if row is None and not has_expired:
        _logger.debug("job %s was returned before it began", dispatched_job.uuid)
    return row


def _count_mates(
    env: Any, row: started_row.Row, waiting: Iterable[dispatch.DispatchedJob], most: int
) -> int:
    """Return how many of the next jobs, at most, are run as one call with a started
    one."""
    ids = [dispatched_job.id for dispatched_job in islice(waiting, most)]
    # on that connection, what cannot be compared harms no transaction
    locks = job_locks.locks_of(env)
    alike: set[int] = locks.ask(set(), dispatch.alike, row.id, ids)
    return len(list(takewhile(alike.__contains__, ids)))


def _run_alone(
    env: Any,
    dispatched_job: dispatch.DispatchedJob,
    row: started_row.Row,
    steps: Steps,
    stop: Interruption | None = None,
) -> _Ended:
    """Run a started job to its recorded end.

    :param stop: that it was to end already
    """
    began = time.monotonic()

    def load() -> Job:
        job: Job = Job._from_row(env, row)
        job.call.keep_config()
        return job

    outcome = _execute(env, dispatched_job, load, steps, stop)
    return _Ended(dispatched_job.uuid, outcome, time.monotonic() - began)


def _run_chunk(
    env: Any, started: dict[dispatch.DispatchedJob, started_row.Row], steps: Steps
) -> list[_Ended]:
    """Run started jobs as one call; where that is given up, each alone."""
    chunk = run_together(env, list(started.values()))
    for job in chunk.jobs:
        if job.graph_uuid:
            steps.release(env, job)
    if chunk.was_to_stop:
        for dispatched_job in started:
            _forget_request(env, dispatched_job)  # it was quicker
    ends = [
        _Ended(job.uuid, Succeeded(job.result), chunk.seconds) for job in chunk.jobs
    ]
    if ends:
        return ends
    asked = _asked_to_stop(env, started)
    for dispatched_job, row in started.items():
        if not chunk.is_connected or env.cr.closed:
            job_locks.locks_of(env).forget_session(dispatched_job)
        elif dispatch.is_current(env.cr, dispatched_job):
            # else it is done: what failed came behind the commit
            stop = asked.get(dispatched_job)
            ends.append(_run_alone(env, dispatched_job, row, steps, stop))
    return ends


def _expire(env: Any, dispatched_job: dispatch.DispatchedJob) -> bool:
    """Cancel a job that could not be started, if that is because it was to begin
    before; then release those that wait for it. Where that fails, the runner does it.

    :return: whether it has expired
    :raise psycopg2.Error: when the database is gone
    """
    try:
        with side_transaction(env) as side:
            if not expiry.expire_dispatched(side.cr, dispatched_job):
                return False
            record = side["queue.job"].browse(dispatched_job.id)
            record.invalidate_recordset()
            record._announce_state({}, {record.id: State.ENQUEUED.value})
            record._after_move("cancel")
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise
    except Exception:  # what others make of a job's end, too
        _logger.exception("job %s is left to the runner", dispatched_job.uuid)
        return False
    _logger.info("job %s has expired: it is not begun", dispatched_job.uuid)
    return True


def _execute(
    env: Any,
    dispatched_job: dispatch.DispatchedJob,
    load: Load,
    steps: Steps,
    stop: Interruption | None = None,
) -> Outcome:
    """Run a started job to its recorded end, whatever it raises; then release the jobs
    that wait for it."""
    outcome: Outcome = Lost("not recorded")
    log = AttemptLog()
    try:
        result = attempt(env, dispatched_job, log.begun_by(load), steps, stop)
        log.end()
        outcome = record(env, result, _decide(env, result))
    finally:
        log.end()
        if isinstance(outcome, Lost):
            job_locks.locks_of(env).forget_session(dispatched_job)
    log.store(env, dispatched_job, outcome)
    is_over = isinstance(outcome, Succeeded | Failed | Stopped)
    if isinstance(outcome, Succeeded) and result.interruption is not None:
        _forget_request(env, dispatched_job)  # it was quicker
    if is_over and result.job is not None and result.job.graph_uuid:
        steps.release(env, result.job)
    return outcome


def _decide(env: Any, result: AttemptResult) -> Outcome:
    job = result.job
    if result.error is None and job is not None:
        return decide(None, result=job.result)
    outcome = _judge(env, result, result.interruption)
    if isinstance(outcome, Postponed):
        named = result.dispatched_job
        if asked := _asked_to_stop(env, [named]):
            outcome = _judge(env, result, asked[named])  # it must not run again
    return withheld(outcome) if result.is_confidential else outcome


def _judge(
    env: Any, result: AttemptResult, interruption: Interruption | None
) -> Outcome:
    job = result.job
    has_cursor = result.is_connected and not env.cr.closed
    is_timeout = interruption is not None and interruption.is_timeout
    return decide(
        result.error,
        _attempts(job, has_cursor),
        exc_info=traceback_text(result),
        sqlstate=result.sqlstate,
        connection_lost=not result.is_connected,
        interruption=interruption,
        retries_timeout=bool(
            is_timeout and has_cursor and job and job.is_retried_on_timeout
        ),
    )


def _asked_to_stop(
    env: Any, jobs: Iterable[dispatch.DispatchedJob]
) -> dict[dispatch.DispatchedJob, Interruption]:
    """Ask which of these are to be stopped, once more: nobody has since the last
    second."""
    named = {(job.id, job.attempt): job for job in jobs}
    locks = job_locks.locks_of(env)
    found: dict[tuple[int, int], str] = locks.ask({}, stopping.standing, list(named))
    return {named[one]: Interruption(result) for one, result in found.items()}


def _forget_request(env: Any, dispatched_job: dispatch.DispatchedJob) -> None:
    locks = job_locks.locks_of(env)
    locks.ask(None, stopping.forget, dispatched_job.id, dispatched_job.attempt)


def _attempts(job: Job | None, has_cursor: bool) -> Attempts:
    if job is None:
        return Attempts()
    if not has_cursor:
        return Attempts(job.retry, job.max_retries)
    return Attempts(job.retry, job.max_retries, job.retry_pattern, job.retry_rules)


def _backend(env: Any) -> int:
    """Process id, in PostgreSQL, of the session that the work is done on."""
    return int(env.cr._cnx.info.backend_pid)
