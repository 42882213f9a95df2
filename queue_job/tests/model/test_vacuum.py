# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError

from odoo.addons.queue_job.core.states import State

from .any_state import write_row
from .cases import JobModelCase


class TestVacuum(JobModelCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        find = self.env["queue.job.function"]._find_or_create_channel
        find("root.short").removal_interval = 5
        find("root.long").removal_interval = 500

    def _ended(self, channel="root", days=100, state="done", **values):
        moment = datetime.now() - timedelta(days=days)
        column = "date_cancelled" if state == "cancelled" else "date_done"
        return self._row(state, channel=channel, **{column: moment, **values})

    def _vacuum(self):
        self.env["queue.job"].autovacuum()
        return self.env["queue.job"].search([])

    def test_each_channel_has_its_time(self):
        kept = (
            self._ended("root", days=29)
            + self._ended("root.short", days=4)
            + self._ended("root.long", days=499)
        )
        self._ended("root", days=31)
        self._ended("root.short", days=6)
        self._ended("root.long", days=501)
        self.assertEqual(self._vacuum(), kept)

    def test_a_time_that_never_ends_stops_no_other(self):
        channel = self.env["queue.job.channel"].search([("name", "=", "long")])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job_channel SET removal_interval = 999999 WHERE id = %s",
            [channel.id],
        )
        channel.invalidate_recordset()
        kept = self._ended("root.long", days=9999)
        self._ended("root", days=31)
        self.assertEqual(self._vacuum(), kept)

    def test_jobs_are_kept_for_a_hundred_years_at_most(self):
        channel = self.env.ref("queue_job.channel_root")
        for days in (36_501, 999_999, 10**12):
            with self.subTest(days), self.assertRaisesRegex(ValidationError, "36500"):
                channel.removal_interval = days
            with self.subTest(days), self.assertRaisesRegex(ValidationError, "36500"):
                channel.create(
                    {"name": "x", "parent_id": channel.id, "removal_interval": days}
                )
        channel.removal_interval = 36_500

    def test_unknown_channels_follow_root(self):
        self.env.ref("queue_job.channel_root").removal_interval = 10
        kept = self._ended("root.nobody.knows", days=9)
        self._ended("root.nobody.knows", days=11)
        self.assertEqual(self._vacuum(), kept)

    def test_jobs_without_channel_follow_root(self):
        kept = self._ended(None, days=29)
        self._ended(None, days=31)
        self.assertEqual(self._vacuum(), kept)

    def test_cancelled_jobs_go_too(self):
        kept = self._ended(state="cancelled", days=29)
        self._ended(state="cancelled", days=31)
        self.assertEqual(self._vacuum(), kept)

    def test_other_jobs_are_kept_for_ever(self):
        kept = self.env["queue.job"].browse()
        for state in set(State) - {State.DONE, State.CANCELLED}:
            kept += self._ended(state=str(state), days=9999)
        self.assertEqual(self._vacuum(), kept)

    def _failed(self, channel="root", days=100, **values):
        moment = datetime.now() - timedelta(days=days)
        return self._row("failed", channel=channel, date_failed=moment, **values)

    def test_failed_jobs_go_where_a_channel_says_so(self):
        find = self.env["queue.job.function"]._find_or_create_channel
        find("root.short").failed_removal_interval = 5
        kept = (
            self._failed("root.short", days=4)
            + self._failed("root.long", days=9999)
            + self._failed("root", days=9999)
            + self._failed("root.nobody.knows", days=9999)
            + self._failed(None, days=9999)
        )
        self._failed("root.short", days=6)
        self.assertEqual(self._vacuum(), kept)

    def test_failed_jobs_of_unknown_channels_follow_root(self):
        self.env.ref("queue_job.channel_root").failed_removal_interval = 10
        kept = self._failed("root.long", days=9999) + self._failed(None, days=9)
        for channel in ("root", "root.nobody.knows", None):
            self._failed(channel, days=11)
        self.assertEqual(self._vacuum(), kept)

    def test_a_failed_job_stays_while_others_wait_for_it(self):
        self.env.ref("queue_job.channel_root").failed_removal_interval = 1
        first = self._failed(graph_uuid="x")
        waiting = self._row("wait_dependencies", graph_uuid="x")
        self.assertEqual(self._vacuum(), first + waiting)
        write_row(waiting, state="cancelled", date_cancelled=datetime.now())
        self.assertEqual(self._vacuum(), waiting)

    def test_failed_jobs_go_in_batches(self):
        place = "odoo.addons.queue_job.models.queue_job.housekeeping._DELETED_AT_A_TIME"
        self.env.ref("queue_job.channel_root").failed_removal_interval = 1
        for _ in range(3):
            self._failed()
        with patch(place, 2):
            vacuum = self.env["queue.job"]._gc_failed_jobs
            self.assertEqual([vacuum(), vacuum()], [(2, True), (1, False)])
            for _ in range(3):
                self._failed()
            self.assertFalse(self._vacuum())

    def test_failed_jobs_are_not_kept_for_less_than_no_days(self):
        with self.assertRaises(ValidationError):
            self.env.ref("queue_job.channel_root").failed_removal_interval = -1

    def test_odoos_own_vacuum_takes_a_batch(self):
        place = "odoo.addons.queue_job.models.queue_job.housekeeping._DELETED_AT_A_TIME"
        for _ in range(5):
            self._ended()
        with patch(place, 2):
            vacuum = self.env["queue.job"]._gc_old_jobs
            self.assertEqual(
                [vacuum() for _ in range(3)], [(2, True), (2, True), (1, False)]
            )
            self.assertEqual(vacuum(), (0, False))

    def test_all_at_once_in_the_callers_transaction(self):
        place = "odoo.addons.queue_job.models.queue_job.housekeeping._DELETED_AT_A_TIME"
        for _ in range(5):
            self._ended()
        with patch(place, 2):
            self.assertFalse(self._vacuum())

    def test_the_cron_has_each_batch_committed(self):
        place = "odoo.addons.queue_job.models.queue_job.housekeeping._DELETED_AT_A_TIME"
        committed = []

        def _commit_progress(self, processed=0, *, remaining=None):
            committed.append((processed, remaining))
            return time_left.pop(0)

        self.put(_commit_progress, "ir.cron")
        for _ in range(5):
            self._ended()
        jobs = self.env["queue.job"].with_context(ir_cron_progress_id=1)
        with patch(place, 2):
            time_left = [10, 0]
            self.assertIs(jobs.autovacuum(), True)
            self.assertEqual(committed, [(2, 1), (2, 1)])  # its time was over
            time_left = [10]
            jobs.autovacuum()
        self.assertEqual(committed[2:], [(1, 0)])
