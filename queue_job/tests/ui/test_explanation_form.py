# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The form of a job that does not run, in a real browser."""

import os
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.core.states import State

from .test_web_client import WebClientCase


@tagged("post_install", "-at_install")
class TestExplanationForm(WebClientCase):
    def test_the_form_leads_to_what_keeps_a_job_back(self):
        channels = {"ODOO_QUEUE_JOB_CHANNELS": "root:2,root.shop:1:sequential"}
        environ = patch.dict(os.environ, channels)
        environ.start()
        self.addCleanup(environ.stop)
        self.env.cr.execute("DELETE FROM queue_job WHERE id = %s", [self.running.id])
        self.env.invalidate_all()
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", [LEADER_KEY])

        self.walk("queue_job_explanation", f"/odoo/queue-jobs/{self.waiting.id}")

        self.assertEqual(self.state_of(self.failed), State.CANCELLED)
