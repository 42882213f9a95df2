"""The work of a job, tried until it is committed or given up.

Work that met a concurrent transaction is sound: it is tried again at once, a few times,
before the job is postponed for it.
"""

import logging
from dataclasses import dataclass

import psycopg2

from odoo.sql_db import Cursor

from ..core.outcome import is_contended
from ..core.retry import is_exhausted, pauses_in_place
from ..db.acting import acting_as
from ..db.transaction import Work
from ..exception import FailedJobError
from ..job import Job
from ..store import dispatch

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")


class LostJobError(Exception):
    """The dispatch under which a job ran is not valid any more: somebody else has
    the job, and this work must not be committed."""


class JobFoundDeadError(FailedJobError):
    """The worker of the job was gone when the job was tried for the last time."""


@dataclass(frozen=True)
class Tried:
    """One try of the work.

    :param job: ``None`` when it could not even be read
    :param error: why the work was given up; ``None`` when it is committed
    :param sqlstate: what PostgreSQL calls the error, if it is one of the work's own
        connection
    :param is_connected: whether that connection is still there
    """

    job: Job | None
    error: BaseException | None = None
    sqlstate: str | None = None
    is_connected: bool = True

    @property
    def may_repeat(self) -> bool:
        """Whether the work is sound, and only met somebody else's."""
        is_sound = self.is_connected and is_contended(self.sqlstate)
        return is_sound and (self.job is None or self.job.may_repeat_in_place)


def try_in_place(
    env, dispatched_job: dispatch.DispatchedJob, load, try_perform, wait
) -> Tried:
    """Try the work of a started job, each time in a fresh transaction.

    One dispatch counts as one try, however often its work was tried.

    :param load: makes the :class:`~.job.Job`, as it was when it was started
    :param try_perform: called with (env, job): does the work and writes ``done``
    :param wait: lets so many seconds pass
    """
    tried = _try(env, load, try_perform)
    for number, pause in enumerate(pauses_in_place(), 1):
        if not tried.may_repeat:
            break
        _logger.info(
            "job %s is tried again in place: %s", dispatched_job.uuid, tried.error
        )
        wait(pause)
        tried = _try(env, _if_held(env, dispatched_job, load, number), try_perform)
    return tried


def _try(env, load, try_perform) -> Tried:
    """Do the work in a transaction of its own; commit it, or give it up."""
    work = Work(env)
    job = None
    try:
        job = load()
        _check_tries(job)
        with acting_as(job.acting_env):
            try_perform(env, job)
            work.commit()
    except BaseException as error:  # a job may raise anything: the worker lives on
        sqlstate = _sqlstate_of(error, env.cr)
        # first of all: business rows get free, and what decides can be read again
        return Tried(job, error, sqlstate, _roll_back(env, work))
    return Tried(job)


def _if_held(env, dispatched_job, load, number):
    """``load`` for a further time, after a look whether the dispatch still holds the
    job: somebody may have ended the try meanwhile."""

    def load_held():
        if not dispatch.is_held(env.cr, dispatched_job):
            raise LostJobError(f"job {dispatched_job.uuid} is held by a later hand-out")
        job = load()
        job.repeats += number
        return job

    return load_held


def _check_tries(job):
    """A job out of tries was rescued after its last one: it must not take another
    worker with it."""
    if is_exhausted(job.retry, job.max_retries):
        raise JobFoundDeadError(dispatch.FOUND_DEAD_INFO)


def _sqlstate_of(error, cr) -> str | None:
    """The SQLSTATE of an error, unless a connection of the job's own making has it:
    that one says nothing about this work."""
    if not isinstance(error, psycopg2.Error) or cr.closed:
        return None
    if error.cursor is not None:
        is_own = error.cursor.connection is cr._cnx
    else:
        is_own = _is_of_commit(error, cr)  # which has no cursor
    return error.pgcode if is_own else None


def _is_of_commit(error, cr) -> bool:
    """Whether the commit of ``cr`` itself raised the error, and no hook of it."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    return frame.f_code is Cursor.commit.__code__ and frame.f_locals["self"] is cr


def _roll_back(env, work) -> bool:
    """Give up the work.

    :return: False when the connection is gone, and the work with it
    """
    if env.cr.closed:
        return not env.cr._cnx.closed  # else the job itself closed its cursor
    try:
        work.roll_back()
    except psycopg2.Error:  # whatever its class: that of a crash has none of its own
        return False
    return True
