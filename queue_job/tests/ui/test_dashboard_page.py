# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The dashboard, as an administrator uses it in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_web_client import WebClientCase

_URL = "/odoo/queue-job"


class DashboardCase(WebClientCase):
    def setUp(self):
        super().setUp()
        self.running.flush_recordset()
        self.env.cr.execute(
            "UPDATE queue_job SET worker_pid = 4711 WHERE id = %s", (self.running.id,)
        )
        self.env["queue.job.statistics"].create(
            {
                "period": fields.Datetime.now() - timedelta(minutes=3),
                "seconds": 60,
                "channel": "root.shop",
                "done": 30,
                "waiting": {"5": 30},
                "duration": {"8": 30},
            }
        )


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    def test_jobs_are_looked_at_and_a_channel_is_paused(self):
        self.walk("queue_job_dashboard", _URL)
        channel = self.waiting_channel()
        self.assertFalse(channel.is_paused)
        self.assertEqual(channel.capacity_limit, 3)

    def test_a_fresh_database_says_how_to_begin(self):
        self.env.cr.execute("DELETE FROM queue_job_attempt")
        self.env.cr.execute("DELETE FROM queue_job")
        self.env.cr.execute("DELETE FROM queue_job_statistics")
        self.walk("queue_job_dashboard_empty", _URL)


@tagged("post_install", "-at_install")
class TestDashboardOnPhone(DashboardCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_counter_leads_to_cards(self):
        self.walk("queue_job_dashboard_phone", _URL)
