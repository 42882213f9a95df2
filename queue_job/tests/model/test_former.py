# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database that the add-on that there was before made; see ``tooling/former.py``."""

from datetime import date, datetime

from odoo.tests import tagged

from odoo.addons.queue_job.job import Job, identity_exact

from .case import JobCase


@tagged("-standard", "former")
class TestFormer(JobCase):
    def setUp(self):
        super().setUp()
        self.former = self.env["res.partner"].search([("name", "=", "Former")])

    def _record(self, name):
        record = self.env["queue.job"].search([("name", "=", name)])
        self.assertEqual(len(record), 1, name)
        return record

    def _job(self, name):
        return Job.load(self.env, self._record(name).uuid)

    def test_each_job_stands_where_it_stood(self):
        states = {
            "plain": "pending", "later": "pending", "a": "pending",
            "b": "wait_dependencies", "done": "done", "failed": "failed",
            "cancelled": "cancelled", "started": "started",
        }  # fmt: skip
        self.assertEqual({name: self._record(name).state for name in states}, states)

    def test_waiting_jobs_run(self):
        self.assertEqual(self.run_job(self._job("plain")), "done")
        self.assertIn("written", self.former.comment)
        self.assertEqual(self._record("plain").max_retries, 3)
        self.assertEqual(self._record("plain").channel, "root.former")

    def test_they_run_as_who_delayed_them(self):
        job = self._job("of a user")
        self.assertEqual(job.recordset.env.user.login, "former")
        self.assertFalse(job.recordset.env.su)
        self.assertEqual(self.run_job(job), "done")
        self.assertIn("by himself", job.recordset.signature)

    def test_the_listed_context_is_kept(self):
        context = self._job("in a language").recordset.env.context
        self.assertEqual(context.get("lang"), "en_US")
        self.assertNotIn("other", context)

    def test_arguments_of_every_kind_come_back(self):
        user = self.env["res.users"].search([("login", "=", "former")])
        [values] = self._job("later").args
        self.assertEqual(values, {"day": date(2020, 1, 2), "all": [self.former, user]})
        self.assertEqual(self._record("later").eta, datetime(2040, 1, 1))

    def test_who_follows_waits_still(self):
        self.assertEqual(self._record("b").dependency_ids, self._record("a"))
        self.assertEqual(self.run_job(self._job("a")), "done")
        self.assertEqual(self._record("b").state, "pending")
        self.assertEqual(self.run_job(self._job("b")), "done")
        self.assertEqual(self.former.ref, "b")

    def test_identity_keys_hold(self):
        again = self.former.with_delay(identity_key=identity_exact)
        self.assertEqual(again.write({"comment": "keyed"}), self._job("keyed"))

    def test_failed_jobs_can_be_requeued(self):
        record = self._record("failed")
        record.requeue()
        self.assertEqual(self.run_job(self._job("failed")), "done")

    def test_functions_keep_what_managers_chose(self):
        name = "<res.partner>.write"
        function = self.env["queue.job.function"].search([("name", "=", name)])
        self.assertEqual(len(function), 1)
        self.assertEqual(self._record("plain").job_function_id, function)
        config = function.job_config(name)
        self.assertEqual(config.retry_pattern, {1: 7, 3: (10, 20)})
        self.assertEqual(config.channel, "root.former")
        self.assertEqual(config.on_fail_method_name, "exists")

    def test_a_second_update_changes_nothing(self):
        before = self._all_rows()
        models = ["queue.job.function", "queue.job", "queue.job.dependency"]
        self.registry.init_models(self.env.cr, models, {"module": "queue_job"})
        self.assertEqual(self._all_rows(), before)

    def _all_rows(self):
        found = []
        for table in ("queue_job", "queue_job_function", "queue_job_dependency"):
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
            found.append(self.env.cr.fetchall())
        return found
