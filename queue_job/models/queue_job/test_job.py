# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job for trying the queue out, as an administrator may want to."""

import logging
import random
from time import sleep

from ...exception import JobError, RetryableJobError

_logger = logging.getLogger(__name__)


class TestJob:
    """The part of ``queue.job`` that is a job itself."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _test_job(
        self, failure_rate=0, job_duration=0, commit_within_job=False,
        failure_retry_seconds=0,
    ):  # fmt: skip
        """A test job.

        :param failure_rate: share of runs that fail, 0 to 1
        :param job_duration: seconds to take
        :param commit_within_job: whether to commit before the end
        :param failure_retry_seconds: when given, failing means asking for another
            attempt after so many seconds
        """
        _logger.info("Running test job.")
        if random.random() < failure_rate:
            if failure_retry_seconds:
                raise RetryableJobError("Retry this test job", failure_retry_seconds)
            raise JobError("Job failed")
        if job_duration:
            sleep(job_duration)
        if commit_within_job:
            self.env.cr.commit()  # pylint: disable=invalid-commit
