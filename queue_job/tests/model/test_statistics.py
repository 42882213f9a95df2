# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The statistics of jobs as users and the vacuum see them."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models import queue_job_statistics

from .any_state import AnyState
from .case import JobCase


@tagged("post_install", "-at_install")
class TestStatistics(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job_statistics")
        self.statistics = self.env["queue.job.statistics"]

    def add(self, ago=timedelta(), **values):
        """A row of a minute so long ago."""
        now = fields.Datetime.now().replace(second=0)
        common = {"period": now - ago, "seconds": 60, "channel": "root"}
        return self.statistics.create({**common, **values})

    def counted(self):
        """Sums of all rows, by name."""
        self.statistics.invalidate_model()
        names = ("done", "failed", "retried", "cancelled")
        found = self.statistics.search([])
        return {name: total for name in names if (total := sum(found.mapped(name)))}

    def test_managers_read_and_nobody_writes_over_rpc(self):
        row = self.add(done=1)
        read = self.rpc(self.manager, "queue.job.statistics", "search_read", [])
        self.assertEqual([found["id"] for found in read], row.ids)
        for method, *args in (
            ("create", {"period": row.period, "seconds": 60}),
            ("write", row.ids, {"done": 9}),
            ("unlink", row.ids),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.manager, "queue.job.statistics", method, *args)
        with self.assertRaises(AccessError):
            self.rpc(self.user, "queue.job.statistics", "search_read", [])

    def test_managers_see_those_of_their_companies(self):
        other = self.env["res.company"].create({"name": "Another"})
        here = new_test_user(
            self.env, "here", "base.group_user,queue_job.group_queue_job_manager"
        )
        own, _others, nobodys = (
            self.add(company_id=company_id, done=1)
            for company_id in (here.company_id.id, other.id, False)
        )
        seen = self.statistics.with_user(here).search([])
        self.assertEqual(seen, own + nobodys)

    def test_percentiles_of_a_row(self):
        row = self.add(done=100, waiting={"10": 95, "30": 5})
        self.assertLess(row.waiting_p50, 0.2)
        self.assertLess(row.waiting_p95, 0.2)
        self.assertGreater(row.waiting_p99, 500)
        self.assertEqual(row.duration_p95, 0)

    def test_what_users_do_is_counted(self):
        jobs = self.make_job() + self.make_job(State.FAILED)
        jobs[0].with_user(self.manager).button_cancelled()
        self.assertEqual(self.counted(), {"cancelled": 1})
        jobs[1].with_user(self.manager).button_done()
        self.assertEqual(self.counted(), {"cancelled": 1, "done": 1})
        jobs.with_user(self.manager).requeue()
        self.assertEqual(self.counted(), {"cancelled": 1, "done": 1})

    def test_it_is_not_counted_where_statistics_are_switched_off(self):
        with patch.dict("os.environ", {"ODOO_QUEUE_JOB_STATISTICS": "no"}):
            self.make_job().button_cancelled()
        self.assertEqual(self.counted(), {})

    def test_who_is_cancelled_along_is_counted_too(self):
        jobs = self.env["queue.job"]
        first, second = jobs.delayable()._test_job(), jobs.delayable()._test_job()
        first.on_done(second).delay()
        first._generated_job.db_record().button_cancelled()
        self.assertEqual(second._generated_job.db_record().state, State.CANCELLED)
        self.assertEqual(self.counted(), {"cancelled": 2})

    def test_the_vacuum_keeps_minutes_for_days_and_hours_for_months(self):
        young = self.add(timedelta(days=1), done=1)
        self.add(timedelta(days=3), done=2, waiting={"3": 2})
        hour = self.add(timedelta(days=89), seconds=3600, done=4)
        self.add(timedelta(days=91), seconds=3600, done=8)
        removed, has_more = self.statistics._gc_statistics()
        self.assertEqual((removed, has_more), (2, False))
        self.assertEqual(self.counted(), {"done": 7})
        rolled = self.statistics.search([]) - young - hour
        self.assertEqual((rolled.seconds, rolled.waiting), (3600, {"3": 2}))
        self.assertEqual(rolled.period.minute, 0)

    def test_the_vacuum_goes_on_where_there_is_more(self):
        for number in range(5):
            self.add(timedelta(days=3, minutes=number), done=1)
        with patch.object(queue_job_statistics, "_BATCH", 2):
            more = [self.statistics._gc_statistics()[1] for _round in range(3)]
        self.assertEqual(more, [True, True, False])
        self.assertEqual(self.counted(), {"done": 5})
