# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One attempt of a job: its work, until that is committed or given up.

Work that met a concurrent transaction is sound: it is repeated in place, a few times,
before the job is postponed for it. All that is one attempt.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import psycopg2

from odoo.sql_db import Cursor

from ..core.outcome import FoundDeadError, LostDispatchError, is_contended
from ..core.retry import is_exhausted, pauses_in_place
from ..core.stopping import Interruption, timeout_message
from ..core.text import dotted_name
from ..db.acting import acting_as
from ..db.transaction import Work
from ..exception import JobTimeout
from ..job import Job
from ..store import dispatch, stopping
from .dependents import release_dependents
from .guard import Guard
from .perform import perform
from .watch import watched

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

#: So many times a statement of the queue's own is made that is cancelled in place of
#: the job's.
_CANCELS = 3

#: Makes a job of its row; an error of it is one of the job.
Load: TypeAlias = Callable[[], Job]


@dataclass(frozen=True)
class Steps:
    """What add-ons may replace of an attempt; they do so on the controller.

    :param perform: called with (env, job): does the work and writes ``done``
    :param release: called with (env, job) when one has ended that others may wait for
    :param may_chunk: whether jobs that call the same may be run as one call, which is
        not done by ``perform``
    :param wait: lets so many seconds pass before work is repeated in place
    """

    perform: Callable[[Any, Job], None] = perform
    release: Callable[[Any, Job], None] = release_dependents
    wait: Callable[[float], None] = time.sleep
    may_chunk: bool = False


class AttemptResult(NamedTuple):
    """What an attempt came to, before it is judged.

    :param dispatched_job: the dispatch under which it was made
    :param job: ``None`` when it could not even be read
    :param error: why the work was given up; ``None`` when it is committed
    :param sqlstate: what PostgreSQL calls the error, if it is one of the work's own
        connection
    :param is_connected: whether that connection is still there
    :param seconds: how long it took, if it was given up
    :param interruption: why it was to end before its end
    """

    dispatched_job: dispatch.DispatchedJob
    job: Job | None
    error: Any = None  # an exception
    sqlstate: str | None = None
    is_connected: bool = True
    seconds: float = 0.0
    interruption: Interruption | None = None

    @property
    def is_confidential(self) -> bool:
        """Whether the text of the error is not to be told."""
        return self.job is not None and self.job.call.is_encrypted

    @property
    def told_error(self) -> str:
        """The error as the log may have it."""
        return (
            dotted_name(type(self.error)) if self.is_confidential else str(self.error)
        )

    @property
    def may_repeat(self) -> bool:
        """Whether the work is sound, and only met another transaction."""
        is_sound = self.is_connected and is_contended(self.sqlstate)
        return is_sound and (self.job is None or self.job.may_repeat_in_place)


def attempt(
    env: Any,
    dispatched_job: dispatch.DispatchedJob,
    load: Load,
    steps: Steps,
    stop: Interruption | None = None,
) -> AttemptResult:
    """Do the work of a started job, each time in a fresh transaction.

    :param load: makes the :class:`~.job.Job`, as it was when it was started; an error
        of it is one of the job
    :param stop: that it is to end before it begins its work
    """
    with watched(env, dispatched_job) as guard:
        if stop is not None:
            guard.interruption = stop
        result = _attempt_until_done(env, guard, load, steps)
    if guard.interruption is None:
        return result
    return result._replace(interruption=guard.interruption)


def _attempt_until_done(
    env: Any, guard: Guard, load: Load, steps: Steps
) -> AttemptResult:
    began = time.monotonic()
    result = _attempt_once(env, guard, load, steps)
    if result.may_repeat:
        result = _repeated(env, guard, result, load, steps)
    if result.error is None:
        return result
    return result._replace(seconds=time.monotonic() - began)


def _repeated(
    env: Any, guard: Guard, result: AttemptResult, load: Load, steps: Steps
) -> AttemptResult:
    """Do the work again, as long as it is sound and meets other transactions, a few
    times."""
    dispatched_job = result.dispatched_job
    for number, pause in enumerate(pauses_in_place(), 1):
        _logger.info(
            "job %s is repeated in place: %s", dispatched_job.uuid, result.told_error
        )
        steps.wait(pause)
        reload = _load_if_current(env, dispatched_job, load, number)
        result = _attempt_once(env, guard, reload, steps)
        if not result.may_repeat:
            break
    return result


def _attempt_once(env: Any, guard: Guard, load: Load, steps: Steps) -> AttemptResult:
    """Do the work in a transaction of its own; commit it, or give it up."""
    work = Work(env)
    job = None
    try:
        work.begin()
        job = load()
        _check_attempts(env, job)
        job.guard, guard.timeout = guard, job.timeout
        with acting_as(job.acting_env):
            guard.run(steps.perform, env, job)
            work.commit()
    except BaseException as error:  # a job may raise anything: the worker lives on
        sqlstate = _sqlstate_of(error, env.cr)
        # first of all: business rows get free, and what decides can be read again
        is_connected = roll_back(env, work)
        if job is not None:
            job.call.forget_config()  # a failure goes by what is chosen by then
        return AttemptResult(guard.job, job, error, sqlstate, is_connected)
    return AttemptResult(guard.job, job)


def _load_if_current(
    env: Any, dispatched_job: dispatch.DispatchedJob, load: Load, number: int
) -> Load:
    """``load`` for a repetition, after a check whether the dispatch still counts: the
    attempt may have been ended from outside."""

    def load_current() -> Job:
        if not dispatch.is_current(env.cr, dispatched_job):
            raise LostDispatchError(
                f"job {dispatched_job.uuid} belongs to a later dispatch"
            )
        job = load()
        job.repeats += number
        return job

    return load_current


def _check_attempts(env: Any, job: Job) -> None:
    """Refuse a job that was rescued after its last attempt: it must not take
    another worker with it. So does one whose worker had to end because the job's time
    was over, unless it is to be retried then."""
    if job.timeout and job.retry and not job.is_retried_on_timeout:
        if stopping.has_timed_out(env.cr, job.row_id):
            raise JobTimeout(timeout_message(job.timeout))
    if is_exhausted(job.retry, job.max_retries):
        raise FoundDeadError


def _sqlstate_of(error: BaseException, cr: Any) -> str | None:
    """Return the SQLSTATE of an error, unless a connection of the job's own making has
    it: that one says nothing about this work."""
    if not isinstance(error, psycopg2.Error) or cr.closed:
        return None
    if error.cursor is not None:
        is_own = error.cursor.connection is cr._cnx
    else:
        is_own = _is_of_commit(error, cr)  # which has no cursor
    return error.pgcode if is_own else None


def _is_of_commit(error: BaseException, cr: Any) -> bool:
    """Tell whether the commit of ``cr`` itself raised the error, and no hook of it."""
    *_callers, (frame, _line) = traceback.walk_tb(error.__traceback__)
    return frame.f_code is Cursor.commit.__code__ and frame.f_locals["self"] is cr


def roll_back(env: Any, work: Work) -> bool:
    """Give up the work.

    :return: False when the connection is gone, and the work with it
    """
    if env.cr.closed:
        return not env.cr._cnx.closed  # else the job itself closed its cursor
    for _try in range(_CANCELS):
        try:
            work.roll_back()
        except psycopg2.errors.QueryCanceled:
            continue  # meant for the work: a pooler passed it on late
        except psycopg2.Error:  # whatever its class: a crash has none of its own
            return False
        return True
    return False
