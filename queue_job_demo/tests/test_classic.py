# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.job import Job


@tagged("post_install", "-at_install")
class TestClassicExample(TransactionCase):
    def test_the_button_delays_the_call(self):
        self.env["my.other.model"].create({"name": "x"}).button_do_stuff()
        record = self.env["queue.job"].search([("model_name", "=", "my.model")])
        self.assertEqual(record.method_name, "my_method")
        self.assertEqual(record.channel, "root")
        job = Job.load(self.env, record.uuid)
        self.assertEqual((job.args, job.kwargs), (("a",), {"k": 2}))
        with self.assertLogs("odoo.addons.queue_job_demo.models.classic"):
            self.assertEqual(job.perform(), "a: a, k: 2")
