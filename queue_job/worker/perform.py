# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The work of a job, and ``done``, on the job's own cursor: committed together."""

import logging
import time
from typing import Any

import psycopg2

from odoo import SUPERUSER_ID

from ..config import goes_past_pooler
from ..core.explanation.facts import Flaw
from ..core.outcome import LostDispatchError, nothing_to_do
from ..core.states import State
from ..core.text import result_text
from ..db.acting import acting_as
from ..db.transaction import flush, in_test
from ..exception import FailedJobError, NothingToDoJob
from ..job import Job
from ..store import dispatch

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")


def perform(env: Any, job: Job) -> None:
    """Do the work and write ``done`` on the job's cursor, uncommitted.

    :raise Exception: whatever the job raised, unless that means success
    """
    _logger.debug("%s started", job)
    check_user(job)
    begun = time.monotonic()
    try:
        job.perform()
    except NothingToDoJob as nothing:
        job.result = nothing_to_do(nothing)
    flush(env.transaction)  # what the work breaks must show while it can still fail
    job.set_done()
    job.exec_time = time.monotonic() - begun
    write_done(env, job)


def write_done(env: Any, job: Job) -> None:
    """Write the end of a job on its cursor.

    :raise LostDispatchError: when another dispatch has the job
    :raise FailedJobError: when the job has changed its own state, or deleted its row
    """
    values: dict[str, Any] = {
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
        raise LostDispatchError(f"{job} was changed by another transaction") from error
    if not moved:
        raise _why_not_moved(env, job)
    jobs = env["queue.job"]
    if job.notifies_user:
        jobs.browse(job.row_id)._notify_user_of_end()
    is_overridden = jobs._is_write_overridden()
    if not is_overridden and not job.has_additions():
        return
    with acting_as(env):  # not the job's user: the row is not his
        if is_overridden:
            record = jobs.browse(job.row_id)
            record.invalidate_recordset()
            record._announce_state(values, {record.id: State.STARTED.value})
        job.store_additions()
        env.flush_all()


def _why_not_moved(env: Any, job: Job) -> Exception:
    """Return what keeps the end of a job from being written. Should the job belong to
    another worker after all, the failure cannot be written either."""
    standing = dispatch.standing(env.cr, job.row_id)
    if standing is None:
        return FailedJobError("The job deleted its own row: its end cannot be kept")
    attempt, state = standing
    if attempt == job.attempt and state != State.STARTED:
        return FailedJobError(
            f"The job made itself {state}: return, or raise an exception, instead"
        )
    return LostDispatchError(f"{job} belongs to a later dispatch")


def user_flaw(user: Any) -> Flaw | None:
    """Tell why no job can run as a user, whether he exists or not."""
    if not user.exists():
        return Flaw.USER_GONE
    is_archived = user.id != SUPERUSER_ID and not user.active and not user._is_public()
    return Flaw.USER_ARCHIVED if is_archived else None


def check_user(job: Job) -> None:
    """Refuse to run a job as a user who is gone or archived.

    :raise FailedJobError: says so
    """
    if job.is_user_active:  # known from the row already
        return
    user = job.env["res.users"].sudo().browse(job.user_id)
    match user_flaw(user):
        case Flaw.USER_GONE:
            raise FailedJobError(
                f"The user of the job (id {job.user_id}) does not exist any more: set"
                " another user on the job, and requeue it"
            )
        case Flaw.USER_ARCHIVED:
            raise FailedJobError(
                f"The user of the job, {user.login}, is archived: unarchive the user"
                " or set another one on the job, and requeue it"
            )
