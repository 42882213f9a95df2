# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.tests.common import JobMixin

from ..models import order_buttons


@tagged("post_install", "-at_install")
class TestOrderGraphs(JobMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["queue.job.demo.order"].create({"name": "O1"})

    def test_a_season_is_confirmed_then_exported_then_told_of(self):
        counter = self.job_counter()
        with (
            patch.object(order_buttons, "SEASON", 6),
            patch.object(order_buttons, "SLICE", 2),
        ):
            self.order.button_season()
        self.assertEqual(counter.count_created(), 3 + 6 + 1)
        self.drain_jobs(counter)
        orders = self.order.search([("name", "like", "O1/")])
        self.assertEqual(len(orders), 6)
        self.assertTrue(all(orders.mapped("confirmed")))
        self.assertTrue(all(orders.mapped("exported_on")))

    def test_an_import_is_summed_up_whatever_became_of_it(self):
        with self.trap_jobs() as trap:
            self.order.button_import_slices()
            *slices, last = trap.enqueued_jobs
            self.assertEqual(len(slices), 20)
            self.assertEqual(last.depends_on, set(slices))
            with self.assertRaises(UserError):
                slices[12].perform()

    def test_progress_and_results_are_read_from_the_jobs(self):
        counter = self.job_counter()
        self.order.button_import_slices()
        jobs = counter.search_created().sorted("id")
        *slices, last = jobs
        self.assertEqual(self.order.import_progress, 0)
        for job in slices[:19]:
            job.button_done()
        self.order.invalidate_recordset(["import_progress"])
        self.assertEqual(self.order.import_progress, 95)
        self.assertEqual(last.state, "wait_dependencies")
        slices[19].button_done()
        self.assertEqual(last.state, "pending")
        self.order.with_context(job_uuid=last.uuid).sum_up_import()
        self.assertEqual(self.order.imported_slices, 20)
