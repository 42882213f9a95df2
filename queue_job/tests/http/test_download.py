# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Texts of a job, as files for those who may read it."""

from odoo.tests import new_test_user

from .case import QueueHttpCase


class TestDownload(QueueHttpCase):
    def setUp(self):
        super().setUp()

        def export_it(self, *args):
            return None

        for login, groups in (
            ("the_manager", "base.group_user,queue_job.group_queue_job_manager"),
            ("the_reader", "base.group_user,queue_job.group_queue_job_user"),
            ("somebody", "base.group_user"),
        ):
            new_test_user(self.env, login, groups)
        self.job = self.delay(export_it, "äöü", self.partner).db_record()
        self.set(result="r" * 50_000, exc_message="the message", exc_info="the trace")

    def set(self, **columns):
        self.env.flush_all()
        for column, value in columns.items():
            self.env.cr.execute(
                f"UPDATE queue_job SET {column} = %s WHERE id = %s",  # noqa: S608
                (value, self.job.id),
            )
        self.env.invalidate_all()

    def fetch(self, what, login, job_id=None):
        self.authenticate(login, login) if login else self.authenticate(None, None)
        url = f"/queue_job/job/{job_id or self.job.id}/{what}"
        return self.url_open(url, allow_redirects=False)

    def test_who_reads_a_job_downloads_all_of_it(self):
        for login in ("the_manager", "the_reader"):
            with self.subTest(login):
                result = self.fetch("result", login)
                self.assertEqual(result.text, "r" * 50_000)
                self.assertIn("attachment", result.headers["Content-Disposition"])
                self.assertIn("text/plain", result.headers["Content-Type"])
                self.assertEqual(self.fetch("message", login).text, "the message")
                self.assertEqual(self.fetch("traceback", login).text, "the trace")
                call = self.fetch("arguments", login)
                self.assertIn("application/json", call.headers["Content-Type"])
                self.assertEqual(call.json()["args"][0], "äöü")
                self.assertEqual(call.json()["args"][1]["ids"], self.partner.ids)

    def test_to_others_it_is_not_there(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        missing = self.fetch("result", "the_manager", job_id=999_999_999)
        self.assertEqual(missing.status_code, 404)
        self.assertEqual(self.fetch("result", "somebody").status_code, 404)
        self.assertEqual(self.fetch("password", "the_manager").status_code, 404)
        self.assertIn(self.fetch("result", None).status_code, (302, 303))
        self.set(company_id=foreign.id)
        hidden = self.fetch("result", "the_manager")
        self.assertEqual(hidden.status_code, 404)
        self.assertEqual(hidden.text, missing.text)

    def test_the_form_shows_a_part(self):
        job = self.job
        self.assertTrue(job.is_result_cut)
        self.assertLessEqual(len(job.shown_result), 10_000)
        self.assertIn("more characters", job.shown_result)
        self.assertFalse(job.is_message_cut)
        action = job.download_result()
        self.assertEqual(action["url"], f"/queue_job/job/{job.id}/result")
