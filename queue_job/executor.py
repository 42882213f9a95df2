"""One job in an Odoo worker: acquire, perform, decide, record, release.

Only the work and ``done`` stand on the job's own cursor, and commit together. Every
other end is written afterwards, by the recorder, in transactions of its own.
"""

import logging
import time

import psycopg2

from odoo import SUPERUSER_ID

from . import liveness, recorder, store
from .core.outcome import Failed, Lost, Outcome, Postponed, Succeeded, Tries, decide
from .core.retry import is_exhausted
from .core.states import State
from .core.text import result_text
from .exception import FailedJobError, NothingToDoJob
from .job import Job
from .transaction import Work

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

#: How the answer to a runner calls the outcomes.
ANSWERS = {Succeeded: "done", Postponed: "postponed", Failed: "failed", Lost: "lost"}
#: ... and a job that was not to be had.
NOT_TAKEN = "not_taken"


class LostJobError(Exception):
    """The hand-out under which a job ran is not valid any more: somebody else has
    the job, and this work must not be committed."""


class JobFoundDeadError(FailedJobError):
    """The worker of the job was gone when the job was tried for the last time."""


def run_handout(env, uuid: str, attempt: int, try_perform) -> str:
    """Run a job that was handed out to its recorded end. Called by the controller.

    :param env: superuser environment; the work is done on its cursor
    :param attempt: number of the hand-out; the job is not taken under any other
    :param try_perform: called with (env, job): does the work and writes ``done``;
        see :func:`perform`
    :return: ``done``, ``postponed``, ``failed``, ``lost`` or ``not_taken``
    """
    job_id = acquire(env, uuid, attempt)
    if job_id is None:
        return NOT_TAKEN
    try:
        outcome = run(env, store.Handout(job_id, uuid, attempt), try_perform)
    finally:
        liveness.release(env, job_id)
    return ANSWERS[type(outcome)]


def acquire(env, uuid: str, attempt: int) -> int | None:
    """Take a handed-out job.

    :return: row id, or ``None``, logged, when it is not to be had under this number
    """
    job_id = liveness.acquire(env, uuid, attempt)
    if job_id is None:
        _logger.warning(
            "was requested to run job %s, but it does not exist, or is not in state"
            " %s, or is being handled by another worker",
            uuid,
            State.ENQUEUED,
        )
    return job_id


def run(env, handout: store.Handout, try_perform) -> Outcome:
    """Run an acquired job to its recorded end, whatever it raises."""
    started = time.monotonic()
    work = Work(env)
    job = None
    try:
        job = Job.load(env, handout.uuid)
        _check_tries(job)
        try_perform(env, job)
        work.commit()
    except Exception as error:  # a job may raise anything
        outcome = _decide(env, job, error)
        _roll_back(work, outcome)
        trial = recorder.Trial(handout, job, error, time.monotonic() - started)
        return recorder.record(env, trial, outcome)
    _logger.debug("%s done", job)
    return Succeeded(job.result)


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
        job.result = decide(nothing, _tries(job)).result
    env.flush_all()  # what the work breaks must show while it can still fail
    job.set_done()
    job.exec_time = time.monotonic() - begun
    _write_done(env, job)


def _write_done(env, job):
    values = {
        "result": result_text(job.result),
        "exec_time": job.exec_time,
        "retry": job.retry,
    }
    try:
        moved = store.move(
            env.cr, "succeed", [job.row_id], attempt=job.attempt, **values
        )
    except psycopg2.errors.SerializationFailure as error:
        raise LostJobError(f"{job} was changed by somebody else") from error
    if not moved:
        raise LostJobError(f"{job} is held by a later hand-out")
    record = env["queue.job"].browse(job.row_id)
    record.invalidate_recordset()
    record._announce_state(values)


def _check_tries(job):
    """A job out of tries was rescued after its last one: it must not take another
    worker with it."""
    if is_exhausted(job.retry, job.max_retries):
        raise JobFoundDeadError(store.FOUND_DEAD_INFO)


def _check_user(job):
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


def _tries(job) -> Tries:
    return Tries(job.retry, job.max_retries, job.retry_pattern)


def _decide(env, job, error) -> Outcome:
    if isinstance(error, LostJobError):
        return Lost(str(error))
    if isinstance(error, JobFoundDeadError):
        info = store.FOUND_DEAD_INFO
        return Failed(store.FOUND_DEAD, info, info)
    return decide(
        error,
        _tries(job) if job is not None else Tries(0, 0),
        exc_info=recorder.traceback_text(error),
        sqlstate=error.pgcode if isinstance(error, psycopg2.Error) else None,
        connection_lost=bool(env.cr.closed or env.cr._cnx.closed),
    )


def _roll_back(work, outcome):
    try:
        work.roll_back()
    except psycopg2.Error:
        if not isinstance(outcome, Lost):  # there is nothing left to roll back
            raise
