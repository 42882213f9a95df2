# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDemoRun(TransactionCase):
    def test_as_many_jobs_of_every_kind_as_asked_for(self):
        plan = self.env["queue.job.demo.order"].delay_demo_jobs(100)
        kinds = Counter(job["kind"] for job in plan)
        self.assertEqual(sum(kinds.values()), 100)
        self.assertEqual((kinds["failing"], kinds["classic"]), (1, 1))
        self.assertGreater(min(kinds[k] for k in ("heavy", "eta", "retry")), 3)
        uuids = [job["uuid"] for job in plan]
        found = self.env["queue.job"].search([("uuid", "in", uuids)])
        self.assertEqual(len(found), 100)
        self.assertEqual(set(found.mapped("state")), {"pending"})

    def test_few_jobs_are_possible(self):
        self.assertTrue(self.env["queue.job.demo.order"].delay_demo_jobs(1))

    def test_only_managers_run_it(self):
        user = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["queue.job.demo.order"].with_user(user).delay_demo_jobs()
