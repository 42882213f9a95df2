# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator does on the page of a job that failed."""

from odoo.tests import tagged

import odoo.addons
from odoo.addons.queue_job.core.states import State

from ..model.any_state import write_row
from .test_web_client import WebClientCase

TRACEBACK = """Traceback (most recent call last):
  File "{root}/queue_job/job.py", line 1, in _call
    result = self.func()
  File "/usr/odoo/orm/models.py", line 2, in write
    self._write()
  File "{root}/shop/order.py", line 12, in export
    raise ConnectionError
ConnectionError: The shop is closed"""


@tagged("post_install", "-at_install")
class TestJobPage(WebClientCase):
    def setUp(self):
        super().setUp()
        root = odoo.addons.__path__[0].rstrip("/")
        partner = self.env["res.partner"].create({"name": "A partner to be found"})
        jobs = self.env["queue.job"].with_user(self.env.ref("base.user_admin"))
        delayed = jobs.with_delay()._test_job(failure_rate=2, job_duration=partner)
        self.job = delayed.db_record()
        write_row(
            self.job,
            state=str(State.FAILED),
            exc_name="ConnectionError",
            exc_message="The shop is closed",
            exc_info=TRACEBACK.format(root=root),
        )
        attempt = {**self.attempt(1, "First refusal", ""), "job_id": self.job.id}
        self.env["queue.job.attempt"].create(attempt)

    def test_it_is_read_run_for_trial_and_run_again(self):
        self.walk("queue_job_page", f"/odoo/queue-jobs/{self.job.id}")
        [again] = self.env["queue.job"].search([("run_again_of", "=", self.job.uuid)])
        self.assertEqual(again.kwargs, {"failure_rate": 0})
        self.assertEqual(again.user_id, self.env.ref("base.user_admin"))
        self.assertEqual(self.job.state, State.FAILED)


@tagged("post_install", "-at_install")
class TestJobPageOnPhone(TestJobPage):
    browser_size = "400x800"
    touch_enabled = True

    def test_it_is_read_run_for_trial_and_run_again(self):
        self.walk("queue_job_page_phone", f"/odoo/queue-jobs/{self.job.id}")
