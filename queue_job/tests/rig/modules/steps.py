# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A test job that counts its steps in a table. In its fourth one it waits until a lock
is free that the test holds."""

import logging

from odoo.addons.queue_job.current_job import current_job
from odoo.addons.queue_job.models.queue_job import QueueJob

_logger = logging.getLogger(__name__)


def _test_job(self, **options):
    job = current_job(self.env)
    begin = job.last_checkpoint or 0
    _logger.info("begins at step %s", begin)
    for step in range(begin, 5):
        self.env.cr.execute("INSERT INTO steps VALUES (%s)", (step,))
        job.progress(step, 5, f"step {step}")
        if step == 3:
            self.env.cr.execute("SELECT pg_advisory_xact_lock(19, 65)")
        self.env.cr.commit()
        job.checkpoint(step + 1)
    job.progress(5, 5)


QueueJob._test_job = _test_job
