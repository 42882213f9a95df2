# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The errors of the job queue: one class per decision a caller can take."""


class BaseQueueJobError(Exception):
    """Base of every error of the job queue."""


class JobError(BaseQueueJobError):
    """A job cannot go on as asked."""


class NoSuchJobError(JobError):
    """The job does not exist (any more)."""


class NotReadableJobError(JobError):
    """The stored call of the job cannot be read back."""


class FailedJobError(JobError):
    """The job failed for good: raise it to end a job without another attempt."""


class MaxRetryJobError(FailedJobError):
    """The job asked for another attempt, and has none left."""


class NothingToDoJob(JobError):  # noqa: N818  # name is public API
    """The job has nothing to do: raise it to end the job as done."""


class RetryableJobError(JobError):
    """The job could not run now: raise it to have the job retried later.

    :param msg: why, shown as the job's result until the next attempt
    :param seconds: seconds to wait; ``None`` or 0 leaves it to the retry pattern
    :param ignore_retry: when true, this attempt does not count
    """

    def __init__(self, msg, seconds=None, ignore_retry=False):
        super().__init__(msg)
        self.seconds = seconds
        self.ignore_retry = ignore_retry


class JobTimeout(FailedJobError):  # noqa: N818  # named like the others
    """The job took longer than its time limit."""


class JobStopped(BaseException):  # noqa: N818  # it is no error
    """The job is to end now: somebody asked to stop it, or its time is over.

    Raised in the job by the queue. It is no ``Exception``, so that code that goes on
    after any error does not go on after this one; let it pass, or clean up and raise it
    again. Code that finds ``current_job(env).should_stop`` may raise it, too.
    """


class ChannelNotFound(BaseQueueJobError):  # noqa: N818  # name is public API
    """A channel name is not configured."""
