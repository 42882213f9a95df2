"""One job in an Odoo worker: acquire, perform, decide, record, release.

Only the work and ``done`` stand on the job's own cursor, and commit together. Every
other end is written afterwards, by the recorder, in transactions of its own.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

import psycopg2

from odoo import SUPERUSER_ID

from ..config import goes_past_pooler
from ..core.outcome import Failed, Lost, Outcome, Postponed, Succeeded, Tries, decide
from ..core.states import State
from ..core.text import result_text
from ..db.acting import acting_as
from ..db.transaction import in_test
from ..exception import FailedJobError, NothingToDoJob
from ..job import Job
from ..store import dispatch
from . import job_locks, record, shutdown
from .attempt import JobFoundDeadError, LostJobError, try_in_place
from .dependents import release_dependents

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

#: How the answer to a runner calls the outcomes.
ANSWERS = {Succeeded: "done", Postponed: "postponed", Failed: "failed", Lost: "lost"}
#: ... and a job that was not to be had.
NOT_TAKEN = "not_taken"
_NOT_TO_BE_HAD = (
    "was requested to run job %s, but it does not exist, or is not in state %s, or is"
    " being handled by another worker"
)


@dataclass(frozen=True)
class Ended:
    """How one job of a run ended.

    :param answer: ``done``, ``postponed``, ``failed``, ``lost`` or ``not_taken``
    :param seconds: how long it took, whatever its end; 0 when it was not begun
    """

    answer: str = NOT_TAKEN
    seconds: float = 0.0


@dataclass(frozen=True)
class Steps:
    """The parts of a job's way that callers may replace.

    :param try_perform: called with (env, job): does the work and writes ``done``
    :param release: called with (env, job) when one has ended that others may wait for
    :param wait: lets so many seconds pass before work is tried again in place
    """

    try_perform: Callable
    release: Callable = release_dependents
    wait: Callable[[float], None] = time.sleep


def run_dispatched_jobs(
    env,
    uuids: list[str],
    attempts: list[int],
    try_perform,
    stops_at_failure=False,
    release=release_dependents,
    wait=time.sleep,
) -> dict[str, Ended]:
    """Run jobs that were dispatched together, one after the other, each in its own
    transaction and to its recorded end. Called by the controller.

    :param env: superuser environment; the work is done on its cursor
    :param attempts: number of each job's dispatch; it is not taken under any other
    :param try_perform: called with (env, job): does the work and writes ``done``;
        see :func:`perform`
    :param stops_at_failure: whether jobs behind one that did not succeed, or is not to
        be had, are left alone, as those behind a lost connection always are: in a
        sequential channel it may have to come first again
    :param release: called with (env, job) when one has ended that others may wait for
    :param wait: lets so many seconds pass before work is tried again in place
    :return: per uuid, also of those that were not begun
    """
    steps = Steps(try_perform, release, wait)
    ended = dict.fromkeys(uuids, Ended())
    locks = job_locks.holds_of(env)
    locked = locks.lock(uuids, attempts)
    for uuid in set(uuids).difference(dispatched_job.uuid for dispatched_job in locked):
        _logger.warning(_NOT_TO_BE_HAD, uuid, State.ENQUEUED)
    try:
        backend = _backend(env)
        with locks.lets_go_late(locked):
            for dispatched_job in (
                _beginning(locked, uuids) if stops_at_failure else locked
            ):
                if shutdown.is_stopping():
                    break
                began = time.monotonic()
                outcome = _run_held(env, locks, dispatched_job, backend, steps)
                if outcome is not None:
                    seconds = time.monotonic() - began
                    ended[dispatched_job.uuid] = Ended(ANSWERS[type(outcome)], seconds)
                stops = stops_at_failure and not isinstance(outcome, Succeeded)
                if stops or env.cr.closed:
                    break
    finally:
        locks.release(locked)
    return ended


def _beginning(locked, uuids) -> list[dispatch.DispatchedJob]:
    """Those before the first one that is not to be had."""
    by_uuid = {dispatched_job.uuid: dispatched_job for dispatched_job in locked}
    return [by_uuid[uuid] for uuid in takewhile(by_uuid.__contains__, uuids)]


def _run_held(env, locks, dispatched_job, backend, steps) -> Outcome | None:
    try:
        row = locks.start(dispatched_job, backend)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        # somebody takes long to change the row, or the connection is gone
        row = None
    if row is None:
        _logger.debug("job %s was taken back before it began", dispatched_job.uuid)
        return None
    return _run_started(env, dispatched_job, partial(Job._from_row, env, row), steps)


def _run_started(env, dispatched_job, load, steps) -> Outcome:
    """Run a job; if its end could not be recorded, at least say that the session is
    not its any more."""
    outcome: Outcome = Lost("not recorded")
    try:
        outcome = run(env, dispatched_job, load, steps)
    finally:
        if isinstance(outcome, Lost):
            job_locks.holds_of(env).disown(dispatched_job)
    return outcome


def _backend(env) -> int:
    """Process id, in PostgreSQL, of the session that the work is done on."""
    return env.cr._cnx.info.backend_pid


def acquire(env, uuid: str, attempt: int) -> Job | None:
    """Take and start one handed-out job.

    :return: the job, or ``None``, logged, when it is not to be had under this number
    """
    locks = job_locks.holds_of(env)
    for dispatched_job in locks.lock([uuid], [attempt]):
        row = locks.start(dispatched_job, _backend(env))
        if row is not None:
            return Job._from_row(env, row)
        locks.release([dispatched_job])
    _logger.warning(_NOT_TO_BE_HAD, uuid, State.ENQUEUED)
    return None


def run_job(env, job, try_perform, release=release_dependents) -> Outcome:
    """Run a started job to its recorded end, and let go of it."""
    dispatched_job = dispatch.DispatchedJob(job.row_id, job.uuid, job.attempt)
    retry, repeats = job.retry, job.repeats

    def load():
        job.repeats = repeats
        job.retry = retry  # one dispatch counts once, however often it was tried
        job.state = State.STARTED.value  # whatever an earlier try in place made of it
        return job

    try:
        return _run_started(env, dispatched_job, load, Steps(try_perform, release))
    finally:
        job_locks.holds_of(env).release([dispatched_job])


def run(env, dispatched_job: dispatch.DispatchedJob, load, steps: Steps) -> Outcome:
    """Run a held and started job to its recorded end, whatever it raises; then let
    those go on that waited for it.

    :param load: makes the :class:`~.job.Job`; an error of it is one of the job
    """
    outcome, job = _run(env, dispatched_job, load, steps)
    is_over = isinstance(outcome, Succeeded | Failed)
    if is_over and job is not None and job.graph_uuid:
        steps.release(env, job)
    return outcome


def _run(env, dispatched_job, load, steps):
    started = time.monotonic()
    tried = try_in_place(env, dispatched_job, load, steps.try_perform, steps.wait)
    if tried.error is None:
        _logger.debug("%s done", tried.job)
        return Succeeded(tried.job.result), tried.job
    outcome = _decide(env, tried)
    seconds = time.monotonic() - started
    trial = record.Trial(dispatched_job, tried.job, tried.error, seconds)
    return record.record(env, trial, outcome), tried.job


def perform(env, job) -> None:
    """Do the work and write ``done`` on the job's cursor, uncommitted.

    :raise Exception: whatever the job raised, unless that means success
    """
    _logger.debug("%s started", job)
    _check_user(job)
    begun = time.monotonic()
    try:
        job.perform()
    except NothingToDoJob as nothing:
        job.result = decide(nothing, Tries(job.retry, job.max_retries)).result
    except SystemExit as leaving:  # of a command line tool, say
        raise FailedJobError(
            f"The job called sys.exit({leaving.code!r}), which would end the worker:"
            " raise an exception instead"
        ) from leaving
    env.transaction.flush()  # what the work breaks must show while it can still fail
    job.set_done()
    job.exec_time = time.monotonic() - begun
    _write_done(env, job)


def _write_done(env, job):
    values = {
        "result": result_text(job.result),
        "exec_time": job.exec_time,
        "retry": job.retry,
        "repeats": job.repeats,
    }
    try:
        moved = dispatch.succeed(
            env.cr,
            job.row_id,
            job.attempt,
            keeps_plan=not (goes_past_pooler() or in_test()),
            **values,
        )
    except psycopg2.errors.SerializationFailure as error:
        raise LostJobError(f"{job} was changed by somebody else") from error
    if not moved:
        raise _why_not_moved(env, job)
    record = env["queue.job"].browse(job.row_id)
    is_overridden = record._is_write_overridden()
    if not is_overridden and not job.has_additions():
        return
    with acting_as(env):  # not the job's user: the row is not his
        if is_overridden:
            record.invalidate_recordset()
            record._announce_state(values, {record.id: State.STARTED.value})
        job.store_additions()
        env.flush_all()


def _why_not_moved(env, job) -> Exception:
    """What keeps the end of a job from being written. Should it be somebody else's
    doing after all, the failure cannot be written either."""
    standing = dispatch.standing(env.cr, job.row_id)
    if standing is None:
        return FailedJobError("The job deleted its own row: its end cannot be kept")
    attempt, state = standing
    if attempt == job.attempt and state != State.STARTED:
        return FailedJobError(
            f"The job made itself {state}: return, or raise an exception, instead"
        )
    return LostJobError(f"{job} is held by a later hand-out")


def _check_user(job):
    if job.is_user_active:  # known from the row already
        return
    user = job.env["res.users"].sudo().browse(job.user_id)
    if not user.exists():
        raise FailedJobError(
            f"The user of the job (id {job.user_id}) does not exist any more: set"
            " another user on the job, and requeue it"
        )
    if user.id != SUPERUSER_ID and not user.active and not user._is_public():
        raise FailedJobError(
            f"The user of the job, {user.login}, is archived: unarchive the user or"
            " set another one on the job, and requeue it"
        )


def _tries(env, job) -> Tries:
    if job is None:
        return Tries(0, 0)
    pattern = None if env.cr.closed else job.retry_pattern
    return Tries(job.retry, job.max_retries, pattern)


def _decide(env, tried) -> Outcome:
    job, error = tried.job, tried.error
    if isinstance(error, LostJobError):
        return Lost(str(error))
    if isinstance(error, JobFoundDeadError):
        info = dispatch.FOUND_DEAD_INFO
        return Failed(dispatch.FOUND_DEAD, info, info)
    return decide(
        error,
        _tries(env, job) if tried.is_connected else Tries(0, 0),
        exc_info=record.traceback_text(error),
        sqlstate=tried.sqlstate,
        connection_lost=not tried.is_connected,
    )
