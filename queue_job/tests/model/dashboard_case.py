# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The dashboard as a manager asks for it, over jobs and statistics of one test."""

from datetime import timedelta

from odoo import fields

from .any_state import AnyState
from .case import JobCase


class DashboardCase(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        self.env.cr.execute("DELETE FROM queue_job_statistics")
        self.now = fields.Datetime.now()

    def dashboard(self, *args, user=None):
        user = user or self.manager
        return self.rpc(user, "queue.job.dashboard", "get_dashboard", *args)

    def counters(self, **options):
        counters = self.dashboard(**options)["counters"]
        return {c["name"]: c["count"] for c in counters if c["count"]}

    def channel(self, name, **options):
        channels = self.dashboard(**options)["channels"]
        return next(channel for channel in channels if channel["name"] == name)

    def ago(self, **time):
        return self.now - timedelta(**time)

    def ended(self, ago=1, **values):
        """A row of statistics of so many minutes ago."""
        common = {"period": self.ago(minutes=ago), "seconds": 60, "channel": "root"}
        return self.env["queue.job.statistics"].create({**common, **values})
