# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What clients read of jobs whose module is gone."""

import json
from datetime import datetime, timedelta

from odoo.tests import new_test_user

from .case import QueueHttpCase


class TestReading(QueueHttpCase):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "reader", "base.group_user,queue_job.group_queue_job_manager"
        )
        keys = self.env["res.users.apikeys"].with_user(self.manager)
        tomorrow = datetime.now() + timedelta(days=1)
        self.key = keys._generate("rpc", "test", tomorrow)

    def search_read(self, jobs, names):
        response = self.url_open(
            "/json/2/queue.job/search_read",
            data=json.dumps({"domain": [["id", "in", jobs.ids]], "fields": names}),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        self.assertEqual(response.status_code, 200, response.text)
        return {row["id"]: row for row in response.json()}

    def test_a_page_with_jobs_of_models_that_are_gone(self):
        def export_it(self, *args):
            return None

        self.env["queue.job"].search([]).unlink()
        self.delay(export_it, self.partner)
        for _ in range(2):
            self.partner.with_delay().export_it(self.partner)
        jobs = self.env["queue.job"].search([])
        self.assertEqual(len(jobs), 3)
        self.env.flush_all()
        lost, other, kept = jobs.sorted("id")
        self.env.cr.execute(
            "UPDATE queue_job SET model_name = 'gone.model', records ="
            " replace(records::text, 'res.partner', 'gone.model')::json, args ="
            " replace(args::text, 'res.partner', 'gone.model')::json WHERE id = %s",
            (lost.id,),
        )
        self.env.cr.execute(
            'UPDATE queue_job SET args = \'["<odoo/>", {"_type": "gone"}]\'::json'
            " WHERE id = %s",
            (other.id,),
        )
        self.env.invalidate_all()
        names = [
            name
            for name, field in self.env["queue.job"]._fields.items()
            if not field.groups or self.manager.has_groups(field.groups)
        ]
        for fields in (["records", "args", "kwargs", "record_ids", "state"], names):
            rows = self.search_read(jobs, fields)
            self.assertEqual(sorted(rows), jobs.sorted("id").ids)
            self.assertEqual(rows[lost.id]["records"]["model"], "gone.model")
            self.assertEqual(rows[lost.id]["record_ids"], self.partner.ids)
            self.assertEqual(rows[kept.id]["args"][0]["model"], "res.partner")
