# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One job in an Odoo worker: acquire, start, attempt, decide, record, release.

Only the work and ``done`` stand on the job's own cursor, and commit together
(:mod:`.perform`). Every other end is written afterwards, in transactions of its own
(:mod:`.record`).
"""

import logging
import time
from functools import partial
from itertools import takewhile
from typing import Any

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
from ..job import Job
from ..store import dispatch, stopping
from . import job_locks, shutdown
from .attempt import AttemptResult, Load, Steps, attempt
from .job_locks import Locks
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
            for dispatched_job in _in_order(locked, request):
                if shutdown.is_stopping():
                    break
                began = time.monotonic()
                outcome = _run(env, locks, dispatched_job, backend, steps)
                if outcome is not None:
                    answer.outcomes[dispatched_job.uuid] = End.of(outcome).value
                    answer.seconds[dispatched_job.uuid] = time.monotonic() - began
                stops = request.stops_at_failure and not isinstance(outcome, Succeeded)
                if stops or env.cr.closed:
                    break
    finally:
        locks.unlock(locked)
    return answer


def acquire(env: Any, uuid: str, number: int) -> Job | None:
    """Take and start one dispatched job.

    :param number: of its dispatch
    :return: the job, or ``None``, logged, when it is not to be had under this number
    """
    locks = job_locks.locks_of(env)
    for dispatched_job in _acquire(locks, RunRequest((uuid,), (number,))):
        row = locks.start(dispatched_job, _backend(env))
        if row is not None:
            job: Job = Job._from_row(env, row)
            return job
        locks.unlock([dispatched_job])
        _logger.warning(_NOT_TO_BE_HAD, uuid, State.ENQUEUED)
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


def _run(
    env: Any,
    locks: Locks,
    dispatched_job: dispatch.DispatchedJob,
    backend: int,
    steps: Steps,
) -> Outcome | None:
    """Start an acquired job, and run it."""
    try:
        row = locks.start(dispatched_job, backend)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        # another transaction takes long to change the row, or the connection is gone
        row = None
    if row is None:
        _logger.debug("job %s was returned before it began", dispatched_job.uuid)
        return None
    return _execute(env, dispatched_job, partial(Job._from_row, env, row), steps)


def _execute(
    env: Any, dispatched_job: dispatch.DispatchedJob, load: Load, steps: Steps
) -> Outcome:
    """Run a started job to its recorded end, whatever it raises; then release the jobs
    that wait for it."""
    outcome: Outcome = Lost("not recorded")
    try:
        result = attempt(env, dispatched_job, load, steps)
        outcome = record(env, result, _decide(env, result))
    finally:
        if isinstance(outcome, Lost):
            job_locks.locks_of(env).forget_session(dispatched_job)
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
    if isinstance(outcome, Postponed) and (asked := _asked_to_stop(env, result)):
        return _judge(env, result, asked)  # it must not run again
    return outcome


def _judge(
    env: Any, result: AttemptResult, interruption: Interruption | None
) -> Outcome:
    job = result.job
    has_cursor = result.is_connected and not env.cr.closed
    is_timeout = interruption is not None and interruption.is_timeout
    return decide(
        result.error,
        _attempts(job, has_cursor),
        exc_info=traceback_text(result.error),
        sqlstate=result.sqlstate,
        connection_lost=not result.is_connected,
        interruption=interruption,
        retries_timeout=bool(
            is_timeout and has_cursor and job and job.is_retried_on_timeout
        ),
    )


def _asked_to_stop(env: Any, result: AttemptResult) -> Interruption | None:
    """Ask once more: nobody has since the last second."""
    dispatched_job = result.dispatched_job
    asked = [(dispatched_job.id, dispatched_job.attempt)]
    locks = job_locks.locks_of(env)
    found = locks.ask({}, stopping.standing, asked)
    return Interruption(found[asked[0]]) if found else None


def _forget_request(env: Any, dispatched_job: dispatch.DispatchedJob) -> None:
    locks = job_locks.locks_of(env)
    locks.ask(None, stopping.forget, dispatched_job.id, dispatched_job.attempt)


def _attempts(job: Job | None, has_cursor: bool) -> Attempts:
    if job is None:
        return Attempts()
    pattern = job.retry_pattern if has_cursor else None
    return Attempts(job.retry, job.max_retries, pattern)


def _backend(env: Any) -> int:
    """Process id, in PostgreSQL, of the session that the work is done on."""
    return int(env.cr._cnx.info.backend_pid)
