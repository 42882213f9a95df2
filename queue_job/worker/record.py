"""Writing down how a try ended that did not succeed, after its work was rolled back."""

import logging
import socket
import traceback
from dataclasses import dataclass
from datetime import timedelta

from ..core import text
from ..core.outcome import Failed, Lost, Outcome, Postponed
from ..core.states import State
from ..core.text import dotted_name, exception_message, is_storable
from ..db import server_clock
from ..db.transaction import side_transaction
from ..job import Job
from ..store import dispatch

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")


@dataclass(frozen=True)
class Trial:
    """One try of a job that did not succeed.

    :param job: ``None`` when it could not even be read
    :param duration: seconds
    """

    dispatched_job: dispatch.DispatchedJob
    job: Job | None
    error: BaseException
    duration: float

    def kept(self, is_poll=False) -> dispatch.Try:
        """What stays of the try, for the job's form."""
        return dispatch.Try(
            duration=self.duration,
            host=socket.gethostname(),
            exc_name=dotted_name(type(self.error)),
            exc_message=exception_message(self.error),
            exc_info=traceback_text(self.error),
            is_poll=is_poll,
        )

    def move(self, cr, name, is_poll=False, **values):
        """Make a move of the job under the number of this try; False when the job is
        no longer held under it.

        :param is_poll: whether the job asked to be tried later, uncounted
        """
        if self.job is not None:
            values.update(retry=self.job.retry, repeats=self.job.repeats)
        dispatched_job = self.dispatched_job
        return bool(
            dispatch.move(
                cr, name, [dispatched_job.id], attempt=dispatched_job.attempt,
                tried=self.kept(is_poll), **values,
            )
        )  # fmt: skip


def traceback_text(error: BaseException) -> str:
    """The traceback, causes included, as it can be stored."""
    return text.traceback_text("".join(traceback.format_exception(error)))


def record(env, trial: Trial, outcome: Outcome) -> Outcome:
    """Write an outcome down, committed.

    :return: the outcome; ``Lost`` when the job turned out to be somebody else's
    """
    match outcome:
        case Postponed():
            is_recorded = _record_postponed(env, trial, outcome)
        case Failed():
            is_recorded = _record_failed(env, trial, outcome)
        case _:
            is_recorded = False
    if is_recorded:
        return outcome
    # nothing may be written: the runner finds the job without its lock, or has
    # handed it to somebody else
    _logger.warning(
        "job %s is lost to this worker: %r", trial.dispatched_job.uuid, outcome
    )
    return Lost(str(outcome))


def _record_postponed(env, trial, outcome) -> bool:
    with side_transaction(env, is_patient=True) as side:
        eta = server_clock.now(side.cr) + timedelta(seconds=outcome.seconds)
        values = {"eta": eta, "result": outcome.message}
        moved = trial.move(side.cr, "postpone", is_poll=not outcome.counts, **values)
    _logger.debug("%s postponed", trial.job or trial.dispatched_job.uuid)
    if moved and trial.job is not None:
        trial.job.set_pending(outcome.message, reset_retry=False)
        trial.job.eta = eta
        _store_additions(env, trial)
    return moved


def _record_failed(env, trial, outcome) -> bool:
    """The failure is committed first: hooks and mails cannot undo it."""
    values = vars(outcome)
    _log_failure(trial, outcome)
    with side_transaction(env, is_patient=True) as side:
        moved = trial.move(side.cr, "fail", **values)
    if moved:
        _afterwards(env, _announce_failure, trial, values)
        if trial.job is not None:
            trial.job.set_failed(**values)
            _store_additions(env, trial)
            _afterwards(trial.job.env, _call_on_fail, trial, values)
    return moved


def _log_failure(trial, outcome):
    """Once, with the exception itself: what collects errors groups them by it."""
    what = trial.job.job_function_name if trial.job is not None else "its call"
    whole = "".join(traceback.format_exception(trial.error))
    is_plain = is_storable(whole)  # a log file may refuse what PostgreSQL does
    _logger.error(
        "job %s failed: %s in %s: %s",
        trial.dispatched_job.uuid,
        outcome.exc_name,
        what,
        outcome.exc_message if is_plain else outcome.exc_info,
        exc_info=trial.error if is_plain else None,
    )


def _store_additions(env, trial):
    if trial.job.has_additions():
        _afterwards(env, _write_additions, trial)


def _afterwards(env, step, trial, *args):
    """Do what follows the recorded end of a try, and cannot undo it."""
    try:
        with side_transaction(env) as side:
            step(side, trial, *args)
    except BaseException:  # a hook may raise anything, too
        _logger.exception(
            "job %s: what follows the end of a try has failed (%s)",
            trial.dispatched_job.uuid,
            step.__name__,
        )


def _write_additions(env, trial):
    trial.job.env = trial.job.env(cr=env.cr)
    trial.job.store_additions()


def _announce_failure(env, trial, values):
    """The ORM write that posts the message, and that other add-ons override. To them
    it is the one that makes the job fail."""
    job = env["queue.job"].browse(trial.dispatched_job.id)
    job.invalidate_recordset()
    if not dispatch.lock_failed(env.cr, trial.dispatched_job):
        # somebody is moving it on: that is not to be overwritten
        job._message_post_on_failure()
        return
    for name in values:
        job._fields[name]._update_cache(job, None)
    move = {"state": State.FAILED.value, "date_failed": job.date_failed, **values}
    job._write_move(move, {job.id: State.STARTED.value})


def _call_on_fail(env, trial, values):
    """It is the job's own: its user acts."""
    trial.job.env = env
    trial.job.on_fail(values)
