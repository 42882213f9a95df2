# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writing down how an attempt ended whose work was rolled back."""

import logging
import socket
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import odoo.addons

from ..core import text
from ..core.fingerprint import fingerprint
from ..core.outcome import Failed, Lost, Outcome, Postponed, Stopped, Succeeded
from ..core.states import State
from ..core.text import dotted_name, exception_message, is_storable, result_text
from ..db import server_clock
from ..db.transaction import side_transaction
from ..store import dispatch, failures, stopping
from .attempt import AttemptResult
from .confidential import WITHHELD, bare_traceback

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")


def traceback_text(result: AttemptResult) -> str:
    """Return the traceback of an attempt, causes included, as it can be stored."""
    if result.is_confidential:
        return bare_traceback(result.error)
    return error_text(result.error)


def error_text(error: BaseException) -> str:
    """Return the traceback of an exception, causes included, as it can be stored."""
    return text.traceback_text("".join(traceback.format_exception(error)))


def record(env: Any, result: AttemptResult, outcome: Outcome) -> Outcome:
    """Write an outcome down, committed, where the work has not done so.

    :return: the outcome; ``Lost`` when the job turned out to be another worker's
    """
    if result.error is None:
        _logger.debug("%s done", result.job)
        return outcome
    match outcome:
        case Succeeded():
            is_recorded = _record_nothing_done(env, result, outcome)
        case Postponed():
            is_recorded = _record_postponed(env, result, outcome)
        case Failed():
            is_recorded = _record_failed(env, result, outcome)
        case Stopped():
            is_recorded = _record_stopped(env, result, outcome)
        case Lost():
            is_recorded = False
    if is_recorded:
        return outcome
    # nothing may be written: the runner finds the job without its lock, or has
    # dispatched it again
    _logger.warning(
        "job %s is lost to this worker: %r", result.dispatched_job.uuid, outcome
    )
    return Lost(str(outcome))


def _move(
    cr: Any, name: str, result: AttemptResult, /, is_poll: bool = False, **values: Any
) -> bool:
    """Make a transition of the job under the number of this attempt, which is kept;
    False when the number does not count any more.

    :param is_poll: whether the job asked for another attempt, uncounted
    """
    if result.job is not None:
        values.update(retry=result.job.retry, repeats=result.job.repeats)
    dispatched_job = result.dispatched_job
    return bool(
        dispatch.move(
            cr, name, [dispatched_job.id], attempt=dispatched_job.attempt,
            kept=_kept(result, is_poll), **values,
        )
    )  # fmt: skip


def _kept(result: AttemptResult, is_poll: bool) -> dispatch.AttemptRecord:
    """Return what stays of the attempt, for the job's form."""
    name, message = dotted_name(type(result.error)), exception_message(result.error)
    if result.is_confidential:
        message = WITHHELD
    if (interruption := result.interruption) is not None:
        # whatever the work made of it, it was ended for this
        name = stopping.TIMED_OUT if interruption.is_timeout else stopping.STOPPED
        message = interruption.message
    return dispatch.AttemptRecord(
        duration=result.seconds,
        host=socket.gethostname(),
        exc_name=name,
        exc_message=message,
        exc_info=traceback_text(result),
        is_poll=is_poll,
    )


def _record_nothing_done(env: Any, result: AttemptResult, outcome: Succeeded) -> bool:
    """Record that what the job had to flush or commit found nothing to do:
    its work is rolled back."""
    job = result.job
    assert job is not None, "it said so itself"
    values: dict[str, Any] = {
        "result": result_text(outcome.result),
        "exec_time": result.seconds,
        "retry": job.retry,
        "repeats": job.repeats,
    }
    with side_transaction(env, waits=True) as side:
        moved = dispatch.succeed(
            side.cr, job.row_id, job.attempt, keeps_plan=False, **values
        )
    if moved:
        job.set_done(outcome.result)
        _afterwards(env, _announce_end, result, values)
        _store_additions(env, result)
    return bool(moved)


def _record_postponed(env: Any, result: AttemptResult, outcome: Postponed) -> bool:
    with side_transaction(env, waits=True) as side:
        eta = server_clock.now(side.cr) + timedelta(seconds=outcome.seconds)
        values = {"eta": eta, "result": outcome.message}
        moved = _move(side.cr, "postpone", result, is_poll=not outcome.counts, **values)
    _logger.debug("%s postponed", result.job or result.dispatched_job.uuid)
    if moved and result.job is not None:
        result.job.set_pending(outcome.message, reset_retry=False)
        result.job.eta = eta
        _store_additions(env, result)
    return moved


def _record_stopped(env: Any, result: AttemptResult, outcome: Stopped) -> bool:
    """Record that a job is cancelled because somebody asked to stop it; the request is
    done with."""
    dispatched_job = result.dispatched_job
    values: dict[str, Any] = {"result": outcome.message}
    with side_transaction(env, waits=True) as side:
        moved = _move(side.cr, "stop", result, exec_time=result.seconds, **values)
        if moved:
            stopping.forget(side.cr, dispatched_job.id, dispatched_job.attempt)
            side["queue.job.statistics"]._count_moved([dispatched_job.id])
    _logger.info("job %s was stopped: %s", dispatched_job.uuid, outcome.message)
    if moved:
        _afterwards(env, _announce_end, result, values)
        if result.job is not None:
            result.job.set_cancelled(outcome.message)
            _store_additions(env, result)
    return moved


def _record_failed(env: Any, result: AttemptResult, outcome: Failed) -> bool:
    """Commit the failure first: hooks and mails cannot undo it."""
    values = vars(outcome)
    _log_failure(result, outcome)
    with side_transaction(env, waits=True) as side:
        moved = _move(side.cr, "fail", result, **values)
    if moved:
        _tell(env, result, values)
        if result.job is not None:
            result.job.set_failed(**values)
            _store_additions(env, result)
            _afterwards(result.job.env, _call_on_fail, result, values)
            if result.job.notifies_user:
                _afterwards(env, _notify_user, result)
            if result.job.identity_key:
                _afterwards(env, _supersede, result)
    return moved


def _tell(env: Any, result: AttemptResult, values: dict[str, Any]) -> None:
    """Count the failure, and announce it. Where that fails, users are told of it with
    the next one of its kind."""
    failure_id = _afterwards(env, _note_failure, result, values, waits=True)
    was_told = bool(_afterwards(env, _announce_failure, result, values))
    if failure_id:
        _afterwards(env, _note_told, result, failure_id, was_told, waits=True)


def _log_failure(result: AttemptResult, outcome: Failed) -> None:
    """Once, with the exception itself: what collects errors groups them by it."""
    what = result.job.job_function_name if result.job is not None else "its call"
    whole = "".join(traceback.format_exception(result.error))
    # a log file may refuse what PostgreSQL does
    is_plain = is_storable(whole) and not result.is_confidential
    _logger.error(
        "job %s failed: %s in %s: %s",
        result.dispatched_job.uuid,
        outcome.exc_name,
        what,
        outcome.exc_message if is_plain else outcome.exc_info,
        exc_info=result.error if is_plain else None,
    )


def _store_additions(env: Any, result: AttemptResult) -> None:
    if result.job is not None and result.job.has_additions():
        _afterwards(env, _write_additions, result)


def _afterwards(
    env: Any,
    step: Callable[..., Any],
    result: AttemptResult,
    *args: Any,
    waits: bool = False,
) -> Any:
    """Do what follows the recorded end of an attempt, and cannot undo it.

    :return: what the step returns; ``None`` if it fails
    """
    try:
        with side_transaction(env, waits) as side:
            found = step(side, result, *args)
        return found
    except BaseException:  # a hook may raise anything, too
        _logger.exception(
            "job %s: what follows the end of an attempt has failed (%s)",
            result.dispatched_job.uuid,
            step.__name__,
        )
        return None


def _write_additions(env: Any, result: AttemptResult) -> None:
    job: Any = result.job
    with job.bound_to(job.env(cr=env.cr)):
        job.store_additions()


def _announce_end(env: Any, result: AttemptResult, values: dict[str, Any]) -> None:
    job = env["queue.job"].browse(result.dispatched_job.id)
    job._announce_state(values, {job.id: State.STARTED.value})


def _note_failure(
    env: Any, result: AttemptResult, values: dict[str, Any]
) -> int | None:
    """Count it with failures of the same cause, in a transaction that runs no code of
    others. Return that failure, if users are to be told of it with this job."""
    called = result.job.job_function_name if result.job is not None else ""
    seen = fingerprint(
        values["exc_name"],
        values["exc_message"],
        values["exc_info"],
        odoo.addons.__path__,
        called,
    )
    return failures.note(env.cr, result.dispatched_job, seen)


def _note_told(
    env: Any, result: AttemptResult, failure_id: int, was_told: bool
) -> None:
    failures.note_told(env.cr, result.dispatched_job, failure_id, was_told)


def _announce_failure(env: Any, result: AttemptResult, values: dict[str, Any]) -> bool:
    """Make the ORM write that posts the message, and that other add-ons override. To
    them it is the one that makes the job fail."""
    job = env["queue.job"].browse(result.dispatched_job.id)
    job.invalidate_recordset()
    if not dispatch.lock_failed(env.cr, result.dispatched_job):
        # another transaction is moving it on: that is not to be overwritten
        job._message_post_on_failure()
        return True
    for name in values:
        job._fields[name]._update_cache(job, None)
    move = {"state": State.FAILED.value, "date_failed": job.date_failed, **values}
    job._write_move(move, {job.id: State.STARTED.value})
    return True


def _notify_user(env: Any, result: AttemptResult) -> None:
    env["queue.job"].browse(result.dispatched_job.id)._notify_user_of_end()


def _supersede(env: Any, result: AttemptResult) -> None:
    """Supersede the job where a later call has begun meanwhile, so that the job is not
    needed for any more."""
    dispatch.supersede(env.cr, [result.dispatched_job.id])


def _call_on_fail(env: Any, result: AttemptResult, values: dict[str, Any]) -> None:
    """Call the method of the job's own: its user acts."""
    job: Any = result.job
    with job.bound_to(env):
        job.on_fail(values)
