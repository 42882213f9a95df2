# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.queue_job.core.states import TRANSITIONS, State
from odoo.addons.queue_job.wizards import queue_job_selection

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

    def open_on_filter(self, model, domain, user=None, ids=()):
        wizard = self.env[model].with_user(user or self.manager)
        return wizard.with_context(
            active_model="queue.job", active_domain=domain, active_ids=list(ids)
        ).create({})

    def test_wizards_move_everything_that_matches_a_filter(self):
        for model, (method, move) in WIZARDS.items():
            jobs = self.make_job_in_each_state()
            everything = self.env["queue.job"].union(*jobs.values())
            for job in everything:
                self.env.cr.execute(
                    "UPDATE queue_job SET name = %s WHERE id = %s", (model, job.id)
                )
            sources = TRANSITIONS[move].sources
            with self.subTest(model=model):
                wizard = self.open_on_filter(model, [["name", "=", model]])
                self.assertFalse(wizard.job_ids)
                self.assertEqual(wizard.moving_count, len(sources))
                self.assertEqual(wizard.skipped_count, len(State) - len(sources))
                action = getattr(wizard, method)()
                everything.invalidate_recordset()
                for state, job in jobs.items():
                    moved = TRANSITIONS[move].target if state in sources else state
                    self.assertEqual(job.state, moved, f"from {state}")
                self.assertEqual(action["params"]["next"], CLOSE)
                message = action["params"]["message"]
                self.assertIn(f"{len(sources)} jobs were ", message)
                self.assertIn(f"{len(State) - len(sources)} stay", message)

    def test_as_many_ids_as_odoo_sends_at_most_stand_for_the_filter(self):
        limit = self.env["ir.config_parameter"]
        limit.set_param("web.active_ids_limit", "2")
        jobs = [self.make_job(State.FAILED, name="many") for _n in range(3)]
        domain = [["name", "=", "many"]]
        ids = [job.id for job in jobs[:2]]
        ticked = self.open_on_filter("queue.requeue.job", domain, ids=ids[:1])
        self.assertEqual(ticked.job_ids, jobs[0])
        wizard = self.open_on_filter("queue.requeue.job", domain, ids=ids)
        self.assertEqual(wizard.moving_count, 3)
        wizard.requeue()
        self.assertEqual({job.state for job in jobs}, {State.PENDING})

    def test_a_filter_is_worked_off_in_batches(self):
        self.put_on(queue_job_selection, "_MOVED_AT_A_TIME", 2)
        jobs = [self.make_job(State.FAILED, name="many") for _n in range(5)]
        wizard = self.open_on_filter("queue.requeue.job", [["name", "=", "many"]])
        message = wizard.requeue()["params"]["message"]
        self.assertEqual(message, "5 jobs were requeued.")
        self.assertEqual({job.state for job in jobs}, {State.PENDING})

    def test_what_is_too_much_for_one_action_is_told(self):
        self.put_on(queue_job_selection, "_MOST_JOBS", 2)
        for _n in range(3):
            self.make_job(State.FAILED, name="many")
        wizard = self.open_on_filter("queue.requeue.job", [["name", "=", "many"]])
        message = wizard.requeue()["params"]["message"]
        self.assertIn("2 jobs were requeued. 1 were left", message)

    def test_a_filter_finds_no_jobs_of_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.make_job(State.FAILED, name="theirs", company_id=other.id)
        for domain in ([["name", "=", "theirs"]], [["id", "=", job.id]]):
            wizard = self.open_on_filter("queue.requeue.job", domain)
            self.assertEqual(wizard.moving_count, 0)
            wizard.requeue()
        job.invalidate_recordset()
        self.assertEqual(job.state, State.FAILED)

    def test_what_is_no_filter_is_refused(self):
        for domain in ([["no_such_field", "=", 1]], ["&"], [["state"]], [7]):
            with self.subTest(domain=domain):
                wizard = self.env["queue.requeue.job"].with_user(self.manager)
                forged = wizard.create({"selected_domain": domain})
                with self.assertRaisesRegex(UserError, "no filter of jobs"):
                    forged.requeue()

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
