# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Actions on many jobs in small batches; the third one waits until a lock is free that
the test holds. Each change of a job is counted in a table."""

import logging

from odoo.addons.queue_job.models.queue_job import QueueJob
from odoo.addons.queue_job.models.queue_job_action import work

_logger = logging.getLogger(__name__)

work._BATCH = 100
_requeue = QueueJob.requeue


def requeue(self):
    self.env.cr.execute(
        "INSERT INTO changes SELECT id FROM unnest(%s) AS new (id)", (self.ids,)
    )
    self.env.cr.execute("SELECT count(*) FROM changes")
    if self.env.cr.fetchall()[0][0] == 300:
        _logger.info("is in the third batch")
        self.env.cr.execute("SELECT pg_advisory_xact_lock(19, 66)")
    return _requeue(self)


QueueJob.requeue = requeue
