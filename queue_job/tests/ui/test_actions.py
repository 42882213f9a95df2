# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator does to many jobs, and finds in the log of it."""

from odoo.tests import tagged

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models.queue_job_action import asking

from .test_web_client import WebClientCase

JOBS = "/odoo/action-queue_job.action_queue_job"
LOG = "/odoo/queue-actions"


@tagged("post_install", "-at_install")
class TestActions(WebClientCase):
    def setUp(self):
        super().setUp()
        self.env["queue.job"].search([("state", "=", "failed")]).filtered(
            lambda job: job != self.failed
        ).button_cancelled()

    def make_failed(self, number):
        return [self.make_named("One of many", State.FAILED) for _n in range(number)]

    def test_the_priority_of_a_page_of_jobs_is_changed(self):
        jobs = self.make_failed(60)
        self.walk("queue_job_action_begin", JOBS)
        self.env.invalidate_all()
        self.assertEqual({job.priority for job in jobs}, {3})

    def test_everything_that_matches_is_requeued_in_the_background(self):
        jobs = self.make_failed(100)
        self.put_in_the_background(beyond=50)
        self.walk("queue_job_action_many", JOBS)
        action = self.env["queue.job.action"].search([], limit=1)
        admin = self.env.ref("base.user_admin")
        self.assertEqual(action.user_id, admin)
        action.with_user(admin)._go_on(lambda: True)
        self.env.invalidate_all()
        self.assertEqual({job.state for job in jobs}, {State.PENDING})
        self.walk("queue_job_action_log", LOG)

    def test_everything_that_runs_is_stopped_in_the_background(self):
        for _number in range(100):
            self.make_named("One of many", State.STARTED)
        self.put_in_the_background(beyond=50)
        self.walk("queue_job_stop_many", JOBS)
        action = self.env["queue.job.action"].search([], limit=1)
        self.assertEqual((action.operation, action.status), ("stop", "waiting"))
        action.with_user(self.env.ref("base.user_admin"))._go_on(lambda: True)
        self.env.invalidate_all()
        self.assertEqual((action.status, action.changed_count), ("done", 101))
        self.assertTrue(self.running.is_stopping)

    def put_in_the_background(self, beyond):
        most, asking.AT_ONCE = asking.AT_ONCE, beyond
        self.addCleanup(setattr, asking, "AT_ONCE", most)
