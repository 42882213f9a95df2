# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs whose work is a row in the table ``runs`` of their database."""

import random
import time

from odoo.addons.queue_job.exception import JobError, RetryableJobError
from odoo.addons.queue_job.models.queue_job import QueueJob


def _note(self, seconds=0, fails=0, retries=0):
    """Note that this job ran; what fails or is tried again leaves no note.

    :param fails: share of attempts that fail, 0 to 1; ``retries`` likewise
    """
    uuid = self.env.context["job_uuid"]
    self.env.cr.execute("INSERT INTO runs VALUES (%s)", [uuid])
    time.sleep(seconds)
    if random.random() < fails:
        raise JobError("Job failed")
    if random.random() < retries:
        raise RetryableJobError("Retry this test job", 1)


QueueJob._note = _note
