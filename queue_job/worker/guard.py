# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What stands between a running job and who ends it.

An exception that is raised in a thread, and a statement that is cancelled, hit whatever
the thread is at. They are to hit the code of the job, never that of the queue, nor the
next job: they are let through while the guard is open, by who holds its lock.
"""

import ctypes
import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2

from .. import current_job
from ..core.stopping import Interruption, Step, StopSteps
from ..exception import JobStopped
from ..store.dispatch import DispatchedJob

_logger = logging.getLogger(__name__)

#: Seconds that the watching thread has before a process ends without it.
_MARGIN = 2.0
_STDERR = 2


class Guard:
    """Of one attempt of a job; or of several jobs that are run as one call.

    :param job: its dispatch; of several, the first one's
    :param cr: the cursor that its work is done on
    :param locks: where the process locks the jobs of this database
    :param steps: returns when each step is taken
    :param end: ends the process; ``None`` where that would end the work of others
    """

    __slots__ = (
        "_cr", "_end", "_has_raised", "_is_open", "_is_disarmed", "_lock", "_steps",
        "_thread", "began", "interrupted_at", "interruption", "is_stuck", "job",
        "locks", "mates", "timeout",
    )  # fmt: skip

    def __init__(
        self,
        job: DispatchedJob,
        cr: Any,
        locks: Any,
        steps: Callable[[], StopSteps],
        end: Callable[[], None] | None,
    ) -> None:
        self.job = job
        #: The others that are run as one call with it.
        self.mates: Sequence[DispatchedJob] = ()
        self.locks = locks
        self.began = time.monotonic()
        #: Seconds that the attempt may take; nothing: no limit.
        self.timeout: int | None = None
        self.interruption: Interruption | None = None
        self.interrupted_at = 0.0
        self.is_stuck = False
        self._cr = cr
        self._steps = steps
        self._end = end
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._is_open = False
        self._has_raised = False
        self._is_disarmed = False

    # --- in the thread of the job -------------------------------------------------

    def run(self, work: Callable[..., None], *args: Any) -> None:
        """Do the work of the job, which can be ended meanwhile.

        What is raised in a thread arrives between two steps of its code, and that may
        be behind the end of the work. Once the guard is closed, two such exceptions may
        be on their way at the most: one that had not arrived, and one by who has just
        looked whether it was open. ``_disarm`` is called once more than that, unless
        it came to its end: then none arrives any more, and the alarm is off.
        """
        self._is_disarmed = False
        before = current_job.running.get()
        try:
            try:
                try:
                    try:
                        self._open()
                        work(*args)
                    finally:
                        self._is_open = False  # no exception arrives before this
                finally:
                    self._disarm()
            finally:
                if not self._is_disarmed:
                    self._disarm()
        finally:
            if not self._is_disarmed:
                self._disarm()
            # it may have arrived where the work was about to say so
            current_job.running.set(before)

    def _open(self) -> None:
        if self.interruption is not None:  # when its work was to be repeated
            raise JobStopped(self.interruption.message)
        if self.timeout and self._end is not None:
            self._set_alarm(self.timeout)
        self._is_open = True

    def _disarm(self) -> None:
        """Wait until the watching thread is not at it, and drop the exception that has
        not arrived, and the alarm."""
        self._is_open = False  # whichever Python lets one arrive before it
        with self._lock:
            pass
        if self._has_raised:
            self._has_raised = False
            _raise_in(self._thread, None)
        if self.timeout and self._end is not None:
            faulthandler.cancel_dump_traceback_later()
        self._is_disarmed = True

    def _set_alarm(self, timeout: int) -> None:
        """Let the process end even when no other thread gets a turn, as while a
        regular expression is matched; where each thread was is written to stderr."""
        left = self.began + timeout - time.monotonic()
        seconds = max(left, 0.0) + self._steps().after_timeout + _MARGIN
        faulthandler.dump_traceback_later(seconds, exit=True, file=_STDERR)

    # --- in the watching thread -----------------------------------------------------

    @property
    def dispatches(self) -> list[tuple[int, int]]:
        """(Row id, number) of each job that ends when this is ended."""
        return [(job.id, job.attempt) for job in (self.job, *self.mates)]

    def is_over_time(self, now: float) -> bool:
        return bool(self.timeout) and now - self.began >= (self.timeout or 0)

    def interrupt(self, interruption: Interruption, now: float) -> None:
        """Let the job end. Who asks for it comes before a limit."""
        if self.interruption is None:
            self.interrupted_at = now
        if self.interruption is None or self.interruption.is_timeout:
            self.interruption = interruption

    def act(self, step: Step) -> bool:
        """Take a step, and those before it once more: the job may have been at
        something else when they were taken.

        :return: whether the last step is due, and cannot be taken
        """
        if step is Step.ASK:
            return False
        with self._lock:
            if not self._is_open:
                return False  # it has ended, or its work is about to be repeated
            if step is Step.PROCESS and self._end is not None:
                self._end()
                return False
            self._cancel_statement()
            if step >= Step.EXCEPTION:
                self._has_raised = True
                _raise_in(self._thread, JobStopped)
        return step is Step.PROCESS

    def _cancel_statement(self) -> None:
        """Cancel what the job's own session is at, if it is at something."""
        if self._cr.closed:
            return  # by the job; its connection may serve others
        try:
            self._cr._cnx.cancel()
        except psycopg2.Error as error:
            _logger.info(
                "the statement of job %s was not cancelled: %s", self.job.uuid, error
            )


def end_process(job: DispatchedJob) -> None:
    """End this process, and with it the job that cannot be ended otherwise. The runner
    writes down what became of it."""
    _logger.warning("job %s does not end: its worker process ends", job.uuid)
    os._exit(1)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Let an exception arrive in a thread; ``None`` drops the one that has not
    arrived."""
    what = ctypes.py_object() if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)
