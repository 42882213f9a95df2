"""One job in an Odoo worker: acquire, perform, decide, record, release.

Only the work and ``done`` stand on the job's own cursor, and commit together. Every
other end is written afterwards, in side transactions.
"""

import logging
import os
import socket
import time
import traceback
from datetime import datetime, timedelta

import psycopg2

from odoo import SUPERUSER_ID

from . import liveness, store
from .core.outcome import (
    Failed,
    Lost,
    Outcome,
    Postponed,
    Succeeded,
    Tries,
    decide,
)
from .core.retry import is_exhausted
from .core.states import State
from .core.text import result_text
from .exception import FailedJobError, NothingToDoJob, NotReadableJobError
from .job import Job
from .transaction import Work, side_transaction

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

#: How the answer to a runner calls the outcomes.
ANSWERS = {Succeeded: "done", Postponed: "postponed", Failed: "failed", Lost: "lost"}
#: ... and a job that was not to be had.
NOT_TAKEN = "not_taken"


class LostJobError(Exception):
    """The hand-out under which a job ran is not valid any more: somebody else has
    the job, and this work must not be committed."""


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
    """Run an acquired job to its recorded end, whatever it does. Never raises an
    ``Exception``.

    :param env: superuser environment; the work is done on its cursor
    :param try_perform: called with (env, job): does the work and writes ``done``;
        see :func:`perform`
    """
    started = time.monotonic()
    work = Work(env)
    job = None
    try:
        job = Job.load(env, handout.uuid)
        _check_tries(job)
        try_perform(env, job)
        work.commit()
        _logger.debug("%s done", job)
        return Succeeded(job.result)
    except Exception as error:
        outcome = _decide(env, job, error)
        _give_up(work, outcome)
        if isinstance(outcome, Succeeded):  # unreachable: see perform
            raise
    return _record(env, handout, job, outcome, time.monotonic() - started)


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
    values = {"result": result_text(job.result), "exec_time": job.exec_time}
    retry = {"retry": job.retry}
    try:
        moved = store.move(
            env.cr, "succeed", [job.row_id], attempt=job.attempt, **values, **retry
        )
    except psycopg2.errors.SerializationFailure as error:
        raise LostJobError(f"{job} was changed by somebody else") from error
    if not moved:
        raise LostJobError(f"{job} is held by a later hand-out")
    record = env["queue.job"].browse(job.row_id)
    record.invalidate_recordset()
    record._announce_state(values)


# --- decide ---------------------------------------------------------------------


def _tries(job) -> Tries:
    return Tries(job.retry, job.max_retries, job.retry_pattern)


def _check_tries(job):
    """A job out of tries was rescued after its last one: it must not kill another
    worker."""
    if is_exhausted(job.retry, job.max_retries):
        raise JobFoundDead(store.FOUND_DEAD_INFO)


class JobFoundDead(FailedJobError):  # noqa: N818  # the name that is stored
    """The worker of the job was gone after the job's last try."""


def _check_user(job):
    user = job.env["res.users"].sudo().browse(job.user_id)
    if not user.exists():
        raise FailedJobError(
            f"The user of the job (id {job.user_id}) does not exist any more: set"
            " another user on the job, and requeue it"
        )
    if user.id != SUPERUSER_ID and not user.active and not user._is_public():
        raise FailedJobError(
            f"The user of the job, {user.login}, is archived: unarchive him or set"
            " another user on the job, and requeue it"
        )


def _decide(env, job, error) -> Outcome:
    if isinstance(error, LostJobError):
        return Lost(str(error))
    text = "".join(traceback.format_exception(error))
    if isinstance(error, JobFoundDead):
        return Failed(store.FOUND_DEAD, store.FOUND_DEAD_INFO, store.FOUND_DEAD_INFO)
    sqlstate = error.pgcode if isinstance(error, psycopg2.Error) else None
    tries = _tries(job) if job is not None else Tries(0, 0)
    return decide(
        error,
        tries,
        exc_info=text,
        sqlstate=sqlstate,
        connection_lost=_is_connection_lost(env.cr),
    )


def _is_connection_lost(cr) -> bool:
    return bool(cr.closed or cr._cnx.closed)


def _give_up(work, outcome):
    try:
        work.roll_back()
    except psycopg2.Error:
        if not isinstance(outcome, Lost):
            raise


# --- record ---------------------------------------------------------------------


def _record(env, handout, job, outcome, duration) -> Outcome:
    """Write down an end other than ``done``."""
    retry = {} if job is None else {"retry": job.retry}
    if isinstance(outcome, Postponed):
        return _record_postponed(env, handout, outcome, retry, duration)
    if isinstance(outcome, Failed):
        return _record_failed(env, handout, job, outcome, retry, duration)
    # nothing may be written here: the runner finds the job without its lock
    _logger.warning("job %s is lost to this worker: %s", handout.uuid, outcome)
    return outcome


def _record_postponed(env, handout, outcome, retry, duration):
    tried = store.Try(
        duration, socket.gethostname(), exc_message=outcome.message
    )
    eta = datetime.now() + timedelta(seconds=outcome.seconds)
    with side_transaction(env) as side:
        store.move(
            side.cr, "postpone", [handout.id], attempt=handout.attempt, tried=tried,
            eta=eta, result=outcome.message, **retry,
        )  # fmt: skip
    _logger.debug("job %s postponed", handout.uuid)
    return outcome


def _record_failed(env, handout, job, outcome, retry, duration):
    """First the failure is committed; hooks and mails cannot undo it."""
    values = {
        "exc_name": outcome.exc_name,
        "exc_message": outcome.exc_message,
        "exc_info": outcome.exc_info,
    }
    _logger.error("job %s failed: %s", handout.uuid, outcome.exc_info)
    tried = store.Try(duration, socket.gethostname(), **values)
    with side_transaction(env) as side:
        moved = store.move(
            side.cr, "fail", [handout.id], attempt=handout.attempt, tried=tried,
            **values, **retry,
        )  # fmt: skip
    if not moved:
        return Lost(f"job {handout.uuid} is held by a later hand-out")
    _after_failure(env, _announce_failure, handout, values)
    if job is not None and job.on_fail_method_name:
        _after_failure(env, _call_on_fail, job, values)
    return outcome


def _after_failure(env, step, subject, values):
    try:
        with side_transaction(env) as side:
            step(side, subject, values)
    except Exception:
        _logger.exception("error after the failure of a job, in %s", step.__name__)


def _announce_failure(env, handout, values):
    record = env["queue.job"].browse(handout.id)
    record.invalidate_recordset()
    record.write({"state": State.FAILED.value, **values})


def _call_on_fail(env, job, values):
    job.env = job.env(cr=env.cr)
    getattr(job.recordset, job.on_fail_method_name)(**values)
