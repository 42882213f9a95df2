# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a job is not running: one sentence for each reason, and what it leads to."""

import os
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.core.explanation.reason import Kind
from odoo.addons.queue_job.core.runner.load_control import Cause
from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.job import Identity
from odoo.addons.queue_job.models.queue_job import explanation_texts
from odoo.addons.queue_job.store import ceiling
from odoo.addons.queue_job.store.transitions import LOCK_CLASS

from .any_state import AnyState
from .case import JobCase


class ExplanationCase(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.configure("root:4,root.line:1:sequential,root.one:1,root.shut:1:paused")
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", [LEADER_KEY])

    def configure(self, channels):
        environ = patch.dict(os.environ, ODOO_QUEUE_JOB_CHANNELS=channels)
        environ.start()
        self.addCleanup(environ.stop)

    def lock(self, job):
        """What a worker, or a call that relies on the job, does in its session."""
        cr = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cr.close)
        cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK_CLASS, job.id))

    def later(self, **delta):
        return server_clock.now(self.env.cr) + timedelta(**delta)

    def told(self, job, user=None):
        return job.with_user(user or self.manager).explain()

    def assert_told(self, job, kind, *words, culprit=None):
        told = self.told(job)
        self.assertEqual(told["reason"], kind, told)
        for word in words:
            self.assertIn(word, told["sentence"])
        action = told["action"]
        if culprit is None:
            self.assertFalse(action)
        elif len(culprit) == 1:
            opened = (action["res_model"], action["res_id"])
            self.assertEqual(opened, (culprit._name, culprit.id))
        else:
            self.assertEqual(action["domain"], [("id", "in", culprit.ids)])

    def channel(self, name):
        return self.env["queue.job.function"]._find_or_create_channel(name)


@tagged("post_install", "-at_install")
class TestExplanation(ExplanationCase):
    def test_every_reason_has_a_sentence(self):
        for kind in Kind:
            with self.subTest(kind=kind):
                self.assertTrue(
                    hasattr(explanation_texts.JobExplanationTexts, f"_say_{kind}")
                )

    def test_who_is_next_begins_at_any_moment(self):
        self.assert_told(self.make_job(), Kind.NEXT, "at any moment")

    def test_a_planned_job_waits_for_its_time_as_the_user_reads_it(self):
        self.manager.tz = "Asia/Tokyo"
        job = self.make_job(eta="2100-01-01 20:00:00")
        self.assert_told(job, Kind.TIME, "01/02/2100", "5:00")

    def test_a_job_waits_for_its_next_attempt(self):
        job = self.make_job(eta=self.later(hours=1), retry=2)
        self.assert_told(job, Kind.TIME, "next attempt")

    def test_a_job_waits_for_others_and_names_those_that_failed(self):
        jobs = self.env["queue.job"]
        first, last = (jobs.delayable(description=d)._test_job() for d in "ab")
        chain(first, last).delay()
        parent = first._generated_job.db_record()
        child = last._generated_job.db_record()
        self.assert_told(child, Kind.PARENTS, f"#{parent.id}", culprit=parent)

        self.env.cr.execute(
            "UPDATE queue_job SET state = 'failed' WHERE id = %s", [parent.id]
        )
        self.env.invalidate_all()
        told = self.told(child)["sentence"]
        self.assertIn("have failed or were cancelled", told)
        self.assertIn(f"#{parent.id}, Failed", told)

    def test_many_parents_are_more_than_are_named(self):
        for number, words in ((20, "17 more"), (21, "more than 17 others")):
            jobs = self.env["queue.job"]
            first = [jobs.delayable()._test_job() for _n in range(number)]
            last = jobs.delayable()._test_job()
            chain(group(*first), last).delay()
            told = self.told(last._generated_job.db_record())
            self.assertEqual(told["reason"], Kind.PARENTS)
            self.assertIn(words, told["sentence"])

    def test_a_full_channel_names_the_jobs_that_run(self):
        running = self.make_job(State.STARTED, channel="root.one", name="Slow one")
        job = self.make_job(channel="root.one")
        words = ("root.one", "Slow one", f"#{running.id}")
        self.assert_told(job, Kind.FULL, *words, culprit=running)

    def test_a_runner_that_has_lowered_itself_says_why(self):
        running = self.make_job(State.STARTED, name="Slow one")
        job = self.make_job()
        causes = Cause.WORKERS.value + Cause.MACHINE.value
        ceiling.tell(self.env.cr, (None, 0), (1, causes))
        self.addCleanup(ceiling.tell, self.env.cr, (1, causes), (None, 0))
        words = ("to 1,", "wait for HTTP workers", "load of the machine")
        self.assert_told(job, Kind.LOWERED, *words, "Slow one", culprit=running)

    def test_a_job_behind_others_knows_its_place(self):
        running = self.make_job(State.STARTED, channel="root.one")
        for _number in range(4):
            self.make_job(channel="root.one")
        self.make_job(channel="root.one", eta=self.later(hours=-1))
        self.make_job(channel="root.one", eta=self.later(hours=1))
        job = self.make_job(channel="root.one", priority=11)
        self.assert_told(job, Kind.PLACE, "number 6", culprit=running)

    def test_it_is_said_how_long_it_takes_where_jobs_of_the_channel_ended(self):
        for ago in (30, 90, 150):  # one a minute
            done = self.later(seconds=-ago)
            self.make_job(State.DONE, channel="root.one", date_done=done)
        running = self.make_job(State.STARTED, channel="root.one")
        self.make_job(channel="root.one")
        job = self.make_job(channel="root.one", priority=11)
        words = ("number 2", "about 2 minutes")
        self.assert_told(job, Kind.PLACE, *words, culprit=running)

    def test_a_paused_channel_is_named_with_who_paused_it(self):
        channel = self.channel("root.shop")
        channel.with_user(self.manager).pause()
        job = self.make_job(channel="root.shop.deep")
        words = ("root.shop", self.manager.name)
        self.assert_told(job, Kind.PAUSED_HERE, *words, culprit=channel)

    def test_a_channel_paused_by_the_operator_is_said_to_be(self):
        job = self.make_job(channel="root.shut")
        self.assert_told(job, Kind.PAUSED_ON_SERVER, "root.shut", "operator")

    def test_a_maximum_of_the_database_is_named(self):
        channel = self.channel("root.shop")
        channel.capacity_limit = 1
        self.make_job(State.STARTED, channel="root.shop")
        job = self.make_job(channel="root.shop")
        self.assert_told(job, Kind.AT_LIMIT, "maximum here", "(1)", culprit=channel)

    def test_a_throttled_channel_rests(self):
        self.configure("root:4,root.calm:2:throttle=60")
        now = self.later()
        self.make_job(State.DONE, channel="root.calm", date_enqueued=now, date_done=now)
        job = self.make_job(channel="root.calm")
        self.assertEqual(self.told(job)["reason"], Kind.RESTS)

    def test_a_failed_job_halts_a_sequential_channel(self):
        failed = self.make_job(State.FAILED, channel="root.line", name="Stuck")
        job = self.make_job(channel="root.line")
        self.assert_told(job, Kind.HALTED, "root.line", "Stuck", culprit=failed)

    def test_a_job_that_waits_for_its_time_holds_back_a_sequential_channel(self):
        asleep = self.make_job(channel="root.line", eta=self.later(hours=2))
        job = self.make_job(channel="root.line")
        self.assert_told(job, Kind.SLEEPER, f"#{asleep.id}", culprit=asleep)

    def keyed(self, **rule):
        jobs = self.env["queue.job"]
        identity = Identity("a key", **rule)
        return jobs.with_delay(identity_key=identity)._test_job().db_record()

    def test_a_job_of_the_same_key_that_runs_is_named(self):
        first = self.keyed(until="done", on_duplicate="postpone")
        second = self.keyed(until="done", on_duplicate="postpone")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'started', date_started = %s WHERE id = %s",
            [self.later(), first.id],
        )
        self.env.invalidate_all()
        self.assert_told(second, Kind.SAME_KEY, f"#{first.id}", culprit=first)

    def test_a_transaction_that_relies_on_the_job_is_told_of(self):
        job = self.make_job()
        self.lock(job)
        self.assert_told(job, Kind.TIED, "transaction")

    def test_a_copy_of_a_database_says_so(self):
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        set_param = self.env["ir.config_parameter"].set_param
        set_param("queue_job.home", f"1 {uuid} - -")
        self.assert_told(self.make_job(), Kind.COPY, "copy", "object id")

    def test_modules_that_are_to_change_are_named(self):
        module = self.env["ir.module.module"].search([("state", "=", "installed")])[0]
        self.env.cr.execute(
            "UPDATE ir_module_module SET state = 'to upgrade' WHERE id = %s",
            [module.id],
        )
        self.assert_told(self.make_job(), Kind.UPGRADE, f"{module.name} (to upgrade)")

    def test_a_dispatched_job_waits_for_a_worker(self):
        self.assert_told(self.make_job(State.ENQUEUED), Kind.WORKERS_BUSY, "busy")

    def test_a_started_job_runs_unless_its_worker_is_gone(self):
        job = self.make_job(State.STARTED)
        self.assert_told(job, Kind.WORKER_GONE, "gone")
        self.lock(job)
        self.assert_told(job, Kind.RUNS, "running")

    def test_what_is_over_is_over(self):
        for state in (State.DONE, State.CANCELLED, State.FAILED):
            self.assert_told(self.make_job(state), Kind.OVER, "over")

    def test_a_job_without_its_user_will_fail(self):
        self.user.active = False
        job = self.make_job(user_id=self.user.id)
        self.assert_told(job, Kind.FLAW, self.user.name, "archived")
        job = self.make_job(user_id=2**31 - 1)
        self.assert_told(job, Kind.FLAW, "was deleted")

    def test_a_job_without_its_method_or_model_will_fail(self):
        job = self.make_job(method_name="left_long_ago")
        self.assert_told(job, Kind.FLAW, "queue.job.left_long_ago")
        gone = '{"_type": "odoo_recordset", "model": "no.model", "ids": [1], "uid": 2}'
        job = self.make_job(model_name="no.model", records=gone)
        self.assert_told(job, Kind.FLAW, "is not installed")


@tagged("post_install", "-at_install")
class TestWithoutRunner(AnyState, JobCase):
    def test_that_no_runner_serves_the_database_is_said_with_why(self):
        for channels, modules, why in (
            ("root:1", ["web"], "server_wide_modules"),
            ("root:0", ["queue_job"], "capacity of its root channel is 0"),
            ("root:many", ["queue_job"], "not a whole number"),
            ("root:1", ["queue_job"], "the log of the server"),
        ):
            told = self.told(channels, {"server_wide_modules": modules})
            self.assertEqual(told["reason"], Kind.NO_RUNNER)
            self.assertIn(why, told["sentence"])

    def told(self, channels, config):
        with (
            patch.dict(os.environ, ODOO_QUEUE_JOB_CHANNELS=channels),
            patch.object(explanation_texts, "config", config),
        ):
            return self.make_job().explain()


@tagged("post_install", "-at_install")
class TestWhoIsTold(ExplanationCase):
    def test_jobs_of_other_companies_are_named_without_details(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.make_job(
            State.STARTED, channel="root.one", name="Secret", company_id=other.id
        )
        job = self.make_job(channel="root.one")
        told = self.told(job)
        self.assertEqual(told["reason"], Kind.FULL)
        self.assertNotIn("Secret", told["sentence"])
        self.assertIn("1 of other companies", told["sentence"])
        self.assertFalse(told["action"])

    def test_only_managers_are_told(self):
        somebody = new_test_user(self.env, "curious", "base.group_user")
        with self.assertRaises(AccessError):
            self.told(self.make_job(), somebody)

    def test_the_form_shows_it_and_leads_to_the_culprit(self):
        failed = self.make_job(State.FAILED, channel="root.line", name="Stuck")
        job = self.make_job(channel="root.line").with_user(self.manager)
        self.assertIn("Stuck", job.explanation)
        self.assertTrue(job.has_culprit)
        self.assertEqual(job.open_culprit()["res_id"], failed.id)
        for state in (State.DONE, State.FAILED):
            self.assertFalse(self.make_job(state).with_user(self.manager).explanation)
        with self.assertRaisesRegex(UserError, "at any moment"):
            self.make_job().open_culprit()
