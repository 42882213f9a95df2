# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged

from odoo.addons.queue_job.core.states import TRANSITIONS, State
from odoo.addons.queue_job.models.queue_job_action import asking, work
from odoo.addons.queue_job.wizards import queue_job_selection as selection

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

    def test_what_is_changed_is_what_matched_when_the_dialogue_opened(self):
        now = Datetime.now()
        job = self.make_job(State.FAILED, date_failed=now - timedelta(minutes=59))
        domain = [["id", "=", job.id], ["date_failed", ">", "-1H"]]
        wizard = self.open_on_filter("queue.requeue.job", domain)
        self.assertEqual(wizard.moving_count, 1)
        with freeze_time(now + timedelta(minutes=5), tick=True):
            wizard.requeue()
        self.assertEqual(job.state, State.PENDING)

    def test_a_filter_is_worked_off_in_batches(self):
        self.put_on(work, "_BATCH", 2)
        jobs = [self.make_job(State.FAILED, name="many") for _n in range(5)]
        wizard = self.open_on_filter("queue.requeue.job", [["name", "=", "many"]])
        message = wizard.requeue()["params"]["message"]
        self.assertEqual(message, "5 jobs were requeued.")
        self.assertEqual({job.state for job in jobs}, {State.PENDING})

    def test_what_is_too_much_for_one_press_goes_on_in_the_background(self):
        self.put_on(asking, "AT_ONCE", 2)
        jobs = [self.make_job(State.FAILED, name="many") for _n in range(3)]
        wizard = self.open_on_filter("queue.requeue.job", [["name", "=", "many"]])
        self.assertTrue(wizard.is_in_background)
        opened = wizard.requeue()
        action = self.env[opened["res_model"]].browse(opened["res_id"])
        self.assertEqual(action.status, "waiting")
        self.assertEqual({job.state for job in jobs}, {State.FAILED})

    def test_so_many_that_they_are_not_counted_are_estimated(self):
        self.put_on(selection, "MOST_COUNTED", 2)
        for _n in range(5):
            self.make_job(State.FAILED, name="many")
        domain = [["name", "=", "many"], ["state", "=", "failed"]]
        wizard = self.open_on_filter("queue.requeue.job", domain)
        self.assertRegex(wizard.moving_shown, r"^more than 2, about \d")
        self.assertEqual(wizard.skipped_shown, "0")

    def test_no_filter_at_all_is_every_job(self):
        wizard = self.open_on_filter("queue.requeue.job", [])
        self.assertTrue(wizard._has_filter())

    def test_very_many_ticked_jobs_are_not_listed(self):
        self.put_on(selection, "_MOST_LISTED", 2)
        jobs = self.env["queue.job"]
        for _n in range(3):
            jobs |= self.make_job(State.FAILED)
        wizard = self.open_wizard("queue.requeue.job", jobs)
        self.assertFalse(wizard.job_ids)
        self.assertEqual(wizard.moving_count, 3)
        wizard.requeue()
        self.assertEqual(set(jobs.mapped("state")), {State.PENDING})

    def test_jobs_are_moved_to_another_channel_planned_anew_and_given_to_others(self):
        channel = self.env["queue.job.function"]._find_or_create_channel("root.x")
        ended, waiting = self.make_job(State.DONE), self.make_job()
        values = {
            "change_channel": {"channel_id": channel.id},
            "change_priority": {"priority": 0},
            "change_user": {"user_id": self.manager.id},
        }
        for operation, new in values.items():
            wizard = self.open_wizard("queue.jobs.change", ended + waiting)
            wizard.write({"operation": operation, **new})
            self.assertEqual((wizard.moving_count, wizard.skipped_count), (1, 1))
            self.assertEqual(wizard.change(), CLOSE)
        self.assertEqual((waiting.channel, waiting.priority), ("root.x", 0))
        self.assertEqual(waiting.user_id, self.manager)
        self.assertEqual((ended.channel, ended.priority), ("root", 10))

    def test_what_was_done_is_kept(self):
        job, running = self.make_job(State.FAILED), self.make_job(State.STARTED)
        self.open_wizard("queue.requeue.job", job + running).requeue()
        action = self.env["queue.job.action"].search([], limit=1)
        self.assertEqual((action.origin, action.status), ("selection", "done"))
        self.assertEqual(action.user_id, self.manager)
        self.assertEqual((action.changed_count, action.refused_count), (1, 1))
        self.assertEqual(action.refusals_text, "1: Its state does not allow it")

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
