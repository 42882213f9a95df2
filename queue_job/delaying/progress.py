# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a job in memory, with the moments and texts that go with each.

The functions are methods of :class:`~.job.Job`, which names them. What they set is
kept by ``store()``, which refuses a state that the row's does not allow.
"""

import os
from datetime import timedelta
from typing import Any

from ..core.retry import retry_seconds
from ..core.states import State
from .job_type import Job

_DONE = State.DONE.value  # looked up for each job


def set_pending(job: Job, result: Any = None, reset_retry: bool = True) -> None:
    """Let the job run again, by default with all its attempts."""
    if job.state not in (State.PENDING.value, State.WAIT_DEPENDENCIES.value):
        job.expires = None  # it has begun before, or somebody wants it after all
    job.state = State.PENDING.value
    _forget_moments(job)
    job.worker_pid = None
    if reset_retry:
        job.retry = 0
    if result is not None:
        job.result = result


def set_enqueued(job: Job) -> None:
    """Take the job for dispatched."""
    job.state = State.ENQUEUED.value
    job.date_enqueued = job._now().replace(microsecond=0)
    job.date_started = None
    job.worker_pid = None


def set_started(job: Job) -> None:
    """Take the job for begun by this process."""
    job.state = State.STARTED.value
    job.expires = None
    job.date_started = job._now()
    job.worker_pid = os.getpid()


def set_done(job: Job, result: Any = None) -> None:
    """Take the job for done; what an earlier failure left is cleared."""
    job.state = _DONE
    _forget_exception(job)
    job.date_failed = None
    job.date_done = job._now()
    if job.date_started:
        job.exec_time = (job.date_done - job.date_started).total_seconds()
    if result is not None:
        job.result = result


def set_cancelled(job: Job, result: Any = None) -> None:
    """Take the job for cancelled."""
    job.state = State.CANCELLED.value
    job.date_cancelled = job._now()
    if result is not None:
        job.result = result


def set_failed(
    job: Job,
    exc_info: str | None = None,
    exc_name: str | None = None,
    exc_message: str | None = None,
) -> None:
    """Take the job for failed.

    :param exc_info: traceback, ``exc_name`` dotted name of the class, ``exc_message``
        what the exception says; of each, ``None`` leaves what is known already
    """
    job.state = State.FAILED.value
    job.date_failed = job._now()
    given = {"exc_info": exc_info, "exc_name": exc_name, "exc_message": exc_message}
    for name, value in given.items():
        if value is not None:
            setattr(job, name, value)


def postpone(job: Job, result: Any = None, seconds: float | None = None) -> None:
    """Set the ETA of the next attempt; the state stays.

    :param seconds: from now; by default what the retry pattern says
    """
    job.eta = timedelta(seconds=job._get_retry_seconds(seconds))
    _forget_exception(job)
    if result is not None:
        job.result = result


def get_retry_seconds(job: Job, seconds: float | None = None) -> float:
    """Return how many seconds to wait before the next attempt."""
    wait: float = retry_seconds(job.retry_pattern, job.retry, seconds)
    return wait


def exec_time(job: Job) -> float | None:
    """Seconds from start to end; ``None`` when one of them is not known."""
    seconds: float | None = job._exec_time
    if seconds is None and job.date_started and job.date_done:
        seconds = (job.date_done - job.date_started).total_seconds()
    return seconds


def set_exec_time(job: Job, seconds: float | None) -> None:
    """Keep a duration that was measured."""
    job._exec_time = seconds


def _forget_moments(job: Job) -> None:
    job.date_enqueued = job.date_started = None
    job.date_done = job.date_cancelled = job.date_failed = None


def _forget_exception(job: Job) -> None:
    job.exc_info = job.exc_name = job.exc_message = None
