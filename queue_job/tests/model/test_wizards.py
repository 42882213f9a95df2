from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.queue_job.core.states import TRANSITIONS, State

from .any_state import AnyState
from .case import JobCase

CLOSE = {"type": "ir.actions.act_window_close"}
WIZARDS = {
    "queue.requeue.job": ("requeue", "requeue"),
    "queue.jobs.to.done": ("set_done", "set_done"),
    "queue.jobs.to.cancelled": ("set_cancelled", "cancel"),
}


@tagged("post_install", "-at_install")
class TestWizards(AnyState, JobCase):
    def open_wizard(self, model, jobs, user=None):
        wizard = self.env[model].with_user(user or self.manager)
        return wizard.with_context(
            active_model="queue.job", active_ids=jobs.ids
        ).create({})

    def test_wizards_move_the_selected_jobs_that_may_move(self):
        for model, (method, move) in WIZARDS.items():
            jobs = self.make_job_in_each_state()
            with self.subTest(model=model):
                selection = self.env["queue.job"].union(*jobs.values())
                wizard = self.open_wizard(model, selection)
                self.assertEqual(wizard.job_ids, selection)
                sources = TRANSITIONS[move].sources
                self.assertEqual(wizard.moving_count, len(sources))
                self.assertEqual(wizard.skipped_count, len(State) - len(sources))
                self.assertEqual(getattr(wizard, method)(), CLOSE)
                selection.invalidate_recordset()
                for state, job in jobs.items():
                    moved = TRANSITIONS[move].target if state in sources else state
                    self.assertEqual(job.state, moved, f"from {state}")

    def test_jobs_that_were_not_selected_stay(self):
        chosen, other = self.make_job(State.FAILED), self.make_job(State.FAILED)
        self.open_wizard("queue.requeue.job", chosen).requeue()
        self.assertEqual(other.state, State.FAILED)

    def test_a_selection_of_another_model_selects_nothing(self):
        job = self.make_job(State.FAILED)
        wizard = self.env["queue.requeue.job"].with_user(self.manager)
        other = wizard.with_context(active_model="res.users", active_ids=job.ids)
        self.assertFalse(other.create({}).job_ids)

    def test_the_result_says_who_did_it(self):
        done, cancelled = self.make_job(State.FAILED), self.make_job(State.FAILED)
        self.open_wizard("queue.jobs.to.done", done).set_done()
        self.open_wizard("queue.jobs.to.cancelled", cancelled).set_cancelled()
        name = self.manager.name
        self.assertEqual(done.result, f"Manually set to done by {name}")
        self.assertEqual(cancelled.result, f"Cancelled by {name}")

    def test_wizards_are_for_managers(self):
        job = self.make_job(State.FAILED)
        for model in WIZARDS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.open_wizard(model, job, self.user)
