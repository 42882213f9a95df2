# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator does about jobs that failed for the same reason."""

from odoo.tests import tagged

from odoo.addons.queue_job.core.fingerprint import Fingerprint
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import failures
from odoo.addons.queue_job.store.dispatch import DispatchedJob

from .test_web_client import WebClientCase

URL = "/odoo/action-queue_job.action_queue_job_failure"
SEEN = Fingerprint("0" * 16, "OSError", "The shop is closed", "shop/order.py export")


@tagged("post_install", "-at_install")
class TestFailureForm(WebClientCase):
    def test_jobs_that_failed_for_the_same_reason_are_requeued_together(self):
        jobs = self.failed | self.make_named("Another one", State.FAILED)
        for job in jobs:
            seen = DispatchedJob(job.id, job.uuid, job.attempt)
            failures.note(self.env.cr, seen, SEEN)
        self.env.invalidate_all()

        self.walk("queue_job_failed_alike", f"/odoo/queue-jobs/{self.failed.id}")
        self.walk("queue_job_failure", URL)

        self.assertEqual([self.state_of(job) for job in jobs], [State.PENDING] * 2)
        self.assertEqual(jobs.failure_id.status, "fixed")
