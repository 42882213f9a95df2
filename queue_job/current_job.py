# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the code of a running job knows of it, and tells about it::

    job = current_job(self.env)
    for number, page in enumerate(pages, job.last_checkpoint or 0):
        ...
        job.progress(number, len(pages), self.env._("Page %s", number))

A job that does not ask pays nothing: its worker notes for the thread that it runs.
"""

import logging
from contextvars import ContextVar
from typing import Any

from psycopg2.extensions import STATUS_READY

from .core.outcome import LostDispatchError
from .core.progress import Progress, Throttle
from .db.transaction import beside_work
from .exception import JobStopped, NothingToDoJob
from .fields import from_plain, storable_text
from .store import progress as store

_logger = logging.getLogger(__name__)

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class NoJob:
    """Stands for the job where none runs: takes all calls, and does nothing."""

    uuid = None
    last_checkpoint = None
    should_stop = False

    def __bool__(self):
        return False

    def progress(self, done, total=None, text=None):
        pass

    def checkpoint(self, data):
        pass

    def log(self, message, level="info"):
        pass


class CurrentJob:
    """The job that runs, for its own code.

    :param running: what its worker keeps of it
    :param env: on whose cursor its work is done
    """

    __slots__ = ("_env", "_running")

    def __init__(self, running, env):
        self._running = running
        self._env = env

    @property
    def uuid(self):
        """Identifier of the job."""
        return self._running.job.uuid

    @property
    def should_stop(self):
        """Whether the job is to end soon: somebody asked to stop it, or its time is
        over. Code that has something to clean up does so and raises
        :class:`~.exception.JobStopped`; a job that returns is done. It is known within
        a second or two, and costs nothing to ask."""
        return self._running.is_to_stop

    def progress(self, done, total=None, text=None):
        """Tell how far the job has come. Written beside its transaction, so that
        others see it at once; at most twice a second, and the last one at the end.

        :param done: how much is done
        :param total: of how much; ``None`` when that is not known
        :param text: what the job is at, 200 characters at most
        :raise TypeError: when a number is none
        :raise JobStopped: when the job is to end
        """
        self._running.raise_if_stopped()
        self._running.tell(Progress.told(done, total, text))

    def checkpoint(self, data):
        """Tell where the next attempt is to go on, should this one not come to its
        end.

        What was written since the last commit is work of this transaction: then the
        checkpoint is committed, or rolled back, with it. When nothing was, as right
        after a commit, it is about what is committed, and counts at once.

        :param data: what may be an argument of a job; ``None``: at the beginning
        :raise TypeError: when a part of it cannot be stored, named
        :raise LostDispatchError: when another worker has the job by now
        :raise JobStopped: when the job is to end; the checkpoint is told before
        """
        text = None if data is None else storable_text(data, "checkpoint")
        self._running.keep(self._env, text, data)
        self._running.raise_if_stopped()

    @property
    def last_checkpoint(self):
        """What the job told last: in this attempt, or else in an earlier one. ``None``
        when it has told nothing, or was done since."""
        return self._running.kept(self._env)

    def log(self, message, level="info"):
        """Write a line to the server's log that names the job.

        :param level: ``debug``, ``info``, ``warning`` or ``error``
        :raise ValueError: for another level
        """
        if level not in LEVELS:
            raise ValueError(
                f"log(): level must be one of {', '.join(LEVELS)}, not {level!r}"
            )
        _logger.log(LEVELS[level], "job %s: %s", self.uuid, message)


class Running:
    """Marks that a job runs in this thread as long as the block does; keeps what it
    tells.

    :param job: :class:`~.job.Job`; one that is not stored, as in a trap for tests,
        keeps all in memory
    """

    # on the class: most jobs use none of it
    waiting = None  # the progress that is not written yet
    _throttle = None
    _at_once = None  # the checkpoint that counts, though the transaction may not see it
    _has_checkpoints = False

    def __init__(self, job):
        self.job = job

    def __enter__(self):
        self._token = running.set(self)
        return self

    def __exit__(self, error_class, _error, _traceback):
        running.reset(self._token)
        if self.waiting is not None:
            self._write()
        is_done = error_class is None or issubclass(error_class, NothingToDoJob)
        if is_done and (self._has_checkpoints or self._is_kept_before()):
            self._forget()

    # --- its end ------------------------------------------------------------

    @property
    def is_to_stop(self) -> bool:
        guard = self.job.guard
        return guard is not None and guard.interruption is not None

    def raise_if_stopped(self) -> None:
        """End the job where that was asked for, or its time is over."""
        if self.is_to_stop:
            raise JobStopped(self.job.guard.interruption.message)

    # --- progress -----------------------------------------------------------

    def tell(self, progress: Progress) -> None:
        """Write progress if it is time, else keep it for later."""
        self.waiting = progress
        self.job.has_told_progress = True
        if self._throttle is None:
            self._throttle = Throttle()
        if self._throttle.lets_through():
            self._write()

    def _write(self):
        """Write the progress that waits. Never raises: the work goes on without."""
        told, self.waiting = self.waiting, None
        job = self.job
        if job.row_id is None:
            return
        try:
            with beside_work(job.env) as cr:
                store.write_progress(
                    cr, job.row_id, job.attempt, told.done, told.total, told.text
                )
        except Exception as error:
            _logger.info("progress of job %s is not written: %s", job.uuid, error)

    # --- checkpoints --------------------------------------------------------

    def keep(self, env, text: str | None, data: Any) -> None:
        """Write a checkpoint, with the work of ``env``'s transaction if there is any.

        :raise LostDispatchError: when another worker has the job
        """
        self._has_checkpoints = True
        job = self.job
        if job.row_id is None:
            self._at_once = (job.attempt, 0, data)
            return
        env.flush_all()  # what waits to be written is work, too
        is_idle = env.cr._cnx.status == STATUS_READY
        if is_idle or not store.has_written(env.cr):
            with beside_work(env) as cr:
                # what this transaction has seen stays until its end
                made = store.write_checkpoint(
                    cr, job.row_id, job.attempt, text, prunes=is_idle
                )
            self._at_once = (job.attempt, made, data)
        else:
            made = store.write_checkpoint(env.cr, job.row_id, job.attempt, text)
        if made is None:
            raise LostDispatchError(f"{job} belongs to a later dispatch")

    def kept(self, env) -> Any:
        """Return the data of the last checkpoint, bound to ``env``."""
        job = self.job
        found = None
        if job.row_id is not None:
            found = store.last_checkpoint(env.cr, job.row_id)
        if found is not None:
            found = (*found[:2], from_plain(found[2], env))
            self._has_checkpoints = True
        told = [one for one in (found, self._at_once) if one is not None]
        return max(told, key=lambda one: one[:2])[2] if told else None

    def _is_kept_before(self):
        """Tell whether an earlier attempt has told where to go on, and this one, which
        is done, did not ask: asked only for jobs that were dispatched before."""
        job = self.job
        if job.row_id is None or job.attempt < 2:
            return False
        last = store.last_checkpoint(job.env.cr, job.row_id)
        return last is not None and last[2] is not None

    def _forget(self):
        """Let the next run of the job begin at its beginning: it is done, if what the
        cursor holds is committed."""
        job = self.job
        if job.row_id is not None:
            store.write_checkpoint(job.env.cr, job.row_id, job.attempt, None)


#: What runs in this thread.
running: ContextVar[Running | None] = ContextVar("queue_job_running", default=None)
NO_JOB = NoJob()


def current_job(env) -> CurrentJob | NoJob:
    """Return the job that runs in this thread; what takes all calls and does nothing
    when none does, or one of another database.

    :param env: on whose cursor the work is done
    """
    found = running.get()
    if found is None or found.job.env.cr.dbname != env.cr.dbname:
        return NO_JOB
    return CurrentJob(found, env)
