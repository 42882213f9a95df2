# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stop everything that matches: an action as others, but for jobs that run."""

from odoo.exceptions import UserError

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models.queue_job_action import asking, work

from .test_actions import MANY, ActionCase


class TestStopMany(ActionCase):
    def requests(self):
        self.env["queue.job.stop"].invalidate_model()
        return self.env["queue.job.stop"].search([])

    def test_what_runs_is_asked_and_what_waits_is_cancelled_batch_by_batch(self):
        running = self.make_many(3, State.STARTED)
        waiting, over = self.make_many(2, State.PENDING), self.make_many(1)
        action = self.ask("stop", value="wrong period")
        self.assertEqual(self.run_action(action), "done")
        self.assertEqual(self.states(running), ["started"] * 3)
        self.assertEqual(self.states(waiting), ["cancelled"] * 2)
        self.assertEqual(self.states(over), ["failed"])
        self.assertEqual(self.numbers(action), (5, 5, 0))
        self.assertTrue(all(running.mapped("is_stopping")))
        self.assertEqual(self.requests().job_id, running)
        self.assertEqual(self.requests().user_id, self.manager)
        self.assertIn("wrong period", waiting[0].result)
        self.assertIn("wrong period", action.what)

    def test_what_begins_meanwhile_is_asked(self):
        jobs = self.make_many(2, State.PENDING)
        action = self.ask("stop")
        window = work.ActionWork._next_window

        def begun_meanwhile(action):
            ids = window(action)
            self.env.cr.execute(
                "UPDATE queue_job SET state = 'started' WHERE id = %s", jobs[0].ids
            )
            return ids

        self.put_on(self.registry["queue.job.action"], "_next_window", begun_meanwhile)
        self.run_action(action)
        self.assertEqual(self.numbers(action), (2, 2, 0))
        self.assertEqual(self.states(jobs), ["started", "cancelled"])
        self.assertEqual(self.requests().job_id, jobs[0])

    def test_it_is_stopped_itself_and_goes_on(self):
        jobs = self.make_many(4, State.PENDING)
        action = self.ask("stop")
        action._go_on(lambda: False)
        self.assertEqual(self.states(jobs).count("cancelled"), 2)
        self.run_action(action)
        self.assertEqual(self.states(jobs), ["cancelled"] * 4)
        self.assertEqual(self.numbers(action), (4, 4, 0))

    def test_the_dialogue_leads_to_what_is_done_in_the_background(self):
        self.put_on(asking, "AT_ONCE", 2)
        jobs = self.make_many(3, State.STARTED)
        wizard = self.env["queue.jobs.stop"].with_user(self.manager)
        wizard = wizard.with_context(
            active_model="queue.job", active_domain=MANY, active_ids=[]
        ).create({"reason": "wrong"})
        self.assertTrue(wizard.is_in_background)
        opened = wizard.stop()
        action = self.env[opened["res_model"]].browse(opened["res_id"])
        self.assertEqual((action.status, action.reason), ("waiting", "wrong"))
        self.assertFalse(self.requests())
        self.run_action(action)
        self.assertEqual(self.requests().job_id, jobs)

    def test_a_button_leaves_one_row(self):
        running, over = self.make_job(State.STARTED), self.make_job(State.DONE)
        before = self.env["queue.job.action"].search([])
        ids = [running.id, over.id]
        self.rpc(self.manager, "queue.job", "button_stop", ids, "wrong")
        action = self.env["queue.job.action"].search([]) - before
        self.assertEqual((action.operation, action.origin), ("stop", "button"))
        self.assertEqual((action.reason, action.user_id), ("wrong", self.manager))
        self.assertEqual(self.numbers(action), (2, 1, 1))

    def test_what_is_no_reason_is_refused(self):
        actions = self.env["queue.job.action"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "no reason"):
            actions._ask_for_all("stop", MANY, ["no text"])
