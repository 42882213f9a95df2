# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from ..models import order_jobs


@tagged("post_install", "-at_install")
class TestOrderJobs(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.order = cls.env["queue.job.demo.order"].create(
            {"name": "O1", "partner_id": cls.customer.id}
        )

    def _delayed(self, button):
        """Press a button; return the job it delayed."""
        before = self.env["queue.job"].search([])
        getattr(self.order, button)()
        record = self.env["queue.job"].search([]) - before
        self.assertEqual(len(record), 1)
        return Job.load(self.env, record.uuid)

    def test_confirm_runs_in_the_channel_of_its_decorator(self):
        job = self._delayed("button_confirm")
        self.assertEqual(job.channel, "root.mail")
        job.perform()
        self.assertTrue(self.order.confirmed)

    def test_a_catalogue_is_printed_in_the_heavy_channel(self):
        job = self._delayed("button_print")
        self.assertEqual(job.channel, "root.heavy")
        self.assertEqual(job.description, "Catalogue for O1")
        with patch.object(order_jobs, "SECONDS_PER_PAGE", 0):
            self.assertEqual(job.perform(), "3 pages for O1")
        self.assertEqual(self.order.printed_pages, 3)
        record = job.db_record()
        self.assertEqual((record.progress, record.progress_text), (100, "Page 3"))

    def test_the_catalogue_leads_to_the_customer(self):
        job = self._delayed("button_print")
        action = job.db_record().open_related_action()
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["res_id"], self.customer.id)
        self.assertEqual(action["name"], "Customer")

    def test_an_urgent_export_goes_first(self):
        job = self._delayed("button_export_now")
        self.assertEqual((job.channel, job.priority), ("root.export", 1))

    def test_a_reminder_waits_and_comes_once(self):
        job = self._delayed("button_remind_later")
        self.assertTrue(job.eta)
        before = self.env["queue.job"].search_count([])
        self.order.button_remind_later()
        self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_the_rate_is_retried_by_its_pattern(self):
        job = self._delayed("button_fetch_rate")
        self.assertEqual(job.max_retries, 5)
        with self.assertRaises(RetryableJobError):
            job.perform()
        self.assertEqual(job._get_retry_seconds(), 1)

    def test_a_broken_file_fails_for_good(self):
        job = self._delayed("button_import")
        with self.assertRaisesRegex(UserError, "orders.csv is broken"):
            job.perform()
