# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError

from .cases import JobModelCase


class TestStuckJobs(JobModelCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        now = datetime.now().replace(microsecond=0)
        old, new = now - timedelta(minutes=9), now
        self.old_enqueued = self._row("enqueued", date_enqueued=old, retry=2)
        self.new_enqueued = self._row("enqueued", date_enqueued=new)
        self.old_started = self._row("started", date_started=old, date_enqueued=old)
        self.new_started = self._row("started", date_started=new, date_enqueued=old)
        self.rows = (
            self.old_enqueued, self.new_enqueued, self.old_started, self.new_started,
        )  # fmt: skip

    def _states(self):
        return [row.state for row in self.rows]

    def test_by_default_only_those_long_enqueued(self):
        self.env["queue.job"].requeue_stuck_jobs()
        self.assertEqual(self._states(), ["pending", "enqueued", "started", "started"])
        self.assertEqual(self.old_enqueued.retry, 2)
        self.assertFalse(self.old_enqueued.date_enqueued)

    def test_those_long_started(self):
        self.env["queue.job"].requeue_stuck_jobs(enqueued_delta=0, started_delta=5)
        self.assertEqual(self._states(), ["enqueued", "enqueued", "pending", "started"])

    def test_both(self):
        self.env["queue.job"].requeue_stuck_jobs(5, 5)
        self.assertEqual(self._states(), ["pending", "enqueued", "pending", "started"])

    def test_minus_one_is_the_limit_of_requests(self):
        place = "odoo.addons.queue_job.models.queue_job.housekeeping.config"
        for limit, state in ((1200, "started"), (420, "pending")):
            with patch(place, {"limit_time_real": limit}):
                self.env["queue.job"].requeue_stuck_jobs(0, -1)
            self.assertEqual(self.old_started.state, state, limit)

    def test_neither_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["queue.job"].requeue_stuck_jobs(0, 0)

    def test_jobs_that_a_worker_holds_are_left_alone(self):
        place = "odoo.addons.queue_job.store.dispatch.is_unlocked"
        with patch(place, return_value=False):
            self.env["queue.job"].requeue_stuck_jobs(5, 5)
        self.assertNotIn("pending", self._states())

    def test_which_ones_can_be_extended(self):
        def _get_stuck_jobs_domain(self, queue_dl, started_dl):
            return [("id", "=", chosen)]

        chosen = self.new_enqueued.id
        self.put(_get_stuck_jobs_domain, "queue.job")
        self.env["queue.job"].requeue_stuck_jobs()
        self.assertEqual(self._states().index("pending"), 1)
