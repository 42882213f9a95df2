# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of other add-ons use."""

import types
import unittest
from datetime import datetime, timedelta

from odoo.addons.queue_job.delay import DelayableRecordset, chain, group
from odoo.addons.queue_job.job import Job, identity_exact
from odoo.addons.queue_job.models import base
from odoo.addons.queue_job.tests.common import (
    JobCall,
    JobMixin,
    freeze_eta,
    load_doctests,
    mock_with_delay,
    trap_jobs,
)

from .case import JobCase


class CommonCase(JobCase):
    def setUp(self):
        super().setUp()
        self.made = made = []

        def note_it(self, *args, **options):
            """Note"""
            made.extend(args)
            if again := options.get("again"):
                self.with_delay().note_it(f"again {again}", again=again - 1)
            return args

        def other_job(self):
            pass

        self.put_job(note_it)
        self.put_job(other_job)
        self.before = self.env["queue.job"].search_count([])

    def stored(self):
        return self.env["queue.job"].search_count([]) - self.before


class TestTrap(CommonCase):
    def test_what_is_delayed_is_caught_and_not_stored(self):
        with trap_jobs() as trap:
            job = self.partner.with_delay(priority=15, eta=60).note_it("x", again=0)
            self.partners.with_delay().other_job()
        self.assertIsInstance(job, Job)
        self.assertEqual(self.stored(), 0)
        self.assertEqual(self.made, [])
        trap.assert_jobs_count(2)
        trap.assert_jobs_count(1, only=self.partner.note_it)
        trap.assert_jobs_count(0, only=self.partners.note_it)
        self.assertEqual(trap.jobs_count(only=self.partners.other_job), 1)
        trap.assert_enqueued_job(self.partner.note_it, ("x",), {"again": 0})
        trap.assert_enqueued_job(
            self.partner.note_it,
            args=("x",),
            kwargs={"again": 0},
            properties={"priority": 15, "eta": 60},
        )
        self.assertEqual(trap.enqueued_jobs[0], job)
        self.assertIsInstance(trap.calls[0], JobCall)
        self.assertEqual(trap.calls[0].args, ("x",))

    def test_what_was_not_delayed_is_missed(self):
        with trap_jobs() as trap:
            self.partner.with_delay(priority=15).note_it("x")
        for method, args, kwargs, properties in [
            (self.partner.other_job, ("x",), {}, {}),
            (self.partners.note_it, ("x",), {}, {}),
            (self.partner.note_it, (), {}, {}),
            (self.partner.note_it, ("x",), {"again": 0}, {}),
            (self.partner.note_it, ("x",), {}, {"priority": 3}),
        ]:
            with self.assertRaisesRegex(AssertionError, "No such job.*(?s:.*)note_it"):
                trap.assert_enqueued_job(method, args, kwargs, properties)
        with self.assertRaisesRegex(AssertionError, "1 jobs were delayed, not 2"):
            trap.assert_jobs_count(2)
        with self.assertRaisesRegex(AssertionError, "Nothing was to be delayed"):
            trap.assert_nothing_delayed()

    def test_caught_jobs_run_by_priority_and_graphs_in_order(self):
        with trap_jobs() as trap:
            self.partner.with_delay(priority=20).note_it("late")
            self.partner.with_delay(priority=5).note_it("early")
            first, second, third = (self.partner.delayable().note_it(n) for n in "123")
            group(third, second).on_done(first).delay()
            trap.assert_jobs_count(5)
            trap.perform_enqueued_jobs()
            trap.assert_jobs_count(0)
        self.assertEqual(self.made[:2], ["early", "late"])
        self.assertEqual(self.made[-1], "1")
        self.assertEqual(sorted(self.made[2:]), ["1", "2", "3"])
        self.assertEqual(self.stored(), 0)

    def test_caught_jobs_of_a_graph_run_by_priority_where_its_order_allows(self):
        with trap_jobs() as trap:
            last, late, early, soon = (
                self.partner.delayable(priority=priority).note_it(name)
                for priority, name in (
                    (1, "last"),
                    (30, "late"),
                    (5, "early"),
                    (2, "soon"),
                )  # fmt: skip
            )
            group(late, chain(early, soon)).on_done(last).delay()
            trap.perform_enqueued_jobs()
        self.assertEqual(self.made, ["early", "soon", "late", "last"])

    def test_jobs_of_jobs_are_caught_too_and_drained(self):
        with trap_jobs() as trap:
            self.partner.with_delay().note_it("x", again=2)
            trap.perform_enqueued_jobs()
            trap.assert_jobs_count(1)
            trap.drain()
        self.assertEqual(self.made, ["x", "again 2", "again 1"])

    def test_jobs_without_end_are_noticed(self):
        with trap_jobs() as trap:
            self.partner.with_delay().note_it("x", again=10**6)
            with self.assertRaisesRegex(AssertionError, "without end"):
                trap.drain()

    def test_a_repeated_identity_key_is_only_a_call(self):
        with trap_jobs() as trap:
            first = self.partner.with_delay(identity_key=identity_exact).note_it(1)
            again = self.partner.with_delay(identity_key=identity_exact).note_it(1)
        self.assertEqual(first, again)
        self.assertEqual(len(trap.calls), 2)
        trap.assert_jobs_count(1)

    def test_the_context_is_filtered_as_by_storing(self):
        with trap_jobs() as trap:
            self.partner.with_context(lang="fr_FR", other=1).with_delay().note_it()
        context = trap.enqueued_jobs[0].recordset.env.context
        self.assertEqual(dict(context), {"lang": "fr_FR"})

    def test_what_runs_at_once_by_a_switch_is_caught_as_well(self):
        partner = self.partner.with_context(queue_job__no_delay=True)
        with trap_jobs() as trap:
            partner.with_delay().note_it("single")
            partner.delayable().note_it("of a graph").delay()
        self.assertEqual(self.made, ["single", "of a graph"])
        trap.assert_jobs_count(2)
        trap.assert_enqueued_job(partner.note_it, ("single",))

    def test_who_waits_in_a_caught_graph(self):
        a, b = (self.partner.delayable().note_it(n) for n in "ab")
        with trap_jobs() as trap:
            chain(a, b).delay()
        first, second = trap.enqueued_jobs
        self.assertEqual(second.depends_on, {first})
        self.assertEqual(first.reverse_depends_on, {second})
        states = [job.state for job in trap.enqueued_jobs]
        self.assertEqual(states, ["pending", "wait_dependencies"])


class TestMixin(JobMixin, CommonCase):
    def test_a_counter_counts_what_came_after_it(self):
        self.partner.with_delay().note_it()
        counter = self.job_counter()
        self.partner.with_delay().note_it("a")
        self.partner.with_delay(priority=1).note_it("b")
        self.assertEqual(counter.count_created(), 2)
        self.assertEqual(counter.count_all(), counter.count_existing() + 2)
        self.assertEqual(len(counter.search_created()), 2)
        self.perform_jobs(counter)
        self.assertEqual(self.made, ["b", "a"])

    def test_stored_jobs_are_drained_in_order(self):
        counter = self.job_counter()
        a, b, c = (self.partner.delayable().note_it(n) for n in "abc")
        chain(group(a, b), c).delay()
        self.partner.with_delay(eta=3600).note_it("later", again=1)
        self.drain_jobs(counter)
        self.assertEqual(self.made[:2], ["a", "b"])
        self.assertEqual(sorted(self.made), ["a", "again 1", "b", "c", "later"])
        self.assertEqual(set(counter.search_created().mapped("state")), {"done"})

    def test_jobs_that_wait_for_ever_are_noticed(self):
        counter = self.job_counter()
        a, b = (self.partner.delayable().note_it(n) for n in "ab")
        chain(a, b).delay()
        a._generated_job.db_record().button_cancelled()
        self.drain_jobs(counter)  # cancelled along: no job waits
        record = b._generated_job.db_record()
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'wait_dependencies' WHERE id = %s",
            (record.id,),
        )
        record.invalidate_recordset()
        with self.assertRaisesRegex(AssertionError, "wait for ever"):
            self.drain_jobs(counter)

    def test_that_nothing_is_delayed_can_be_asserted(self):
        with self.assert_nothing_delayed():
            self.partner.note_it()
        with self.assertRaisesRegex(AssertionError, "note_it"):
            with self.assert_nothing_delayed():
                self.partner.with_delay().note_it()

    def test_the_eta_can_be_frozen(self):
        now = datetime(2030, 1, 1)
        with freeze_eta(now):
            job = self.partner.with_delay(eta=timedelta(minutes=1)).note_it()
        self.assertEqual(job.eta, datetime(2030, 1, 1, 0, 1))


class TestMocks(CommonCase):
    def test_with_delay_can_be_mocked(self):
        with mock_with_delay() as (delayable_class, delayable):
            self.partner.with_delay(priority=3).note_it("x")
        delayable_class.assert_called_once_with(
            self.partner,
            priority=3,
            eta=None,
            max_retries=None,
            description=None,
            channel=None,
            identity_key=None,
        )
        delayable.note_it.assert_called_once_with("x")
        self.assertIs(base.DelayableRecordset, DelayableRecordset)

    def test_doctests_become_tests_that_odoo_can_select(self):
        module = types.ModuleType("odoo.addons.queue_job.example")
        module.__doc__ = ">>> 1 + 1\n2\n"
        suite = load_doctests(module)(None, unittest.TestSuite(), None)
        [case] = list(suite)
        self.assertEqual(case.test_module, "queue_job")
        self.assertIn("standard", case.test_tags)
        result = unittest.TestResult()
        case.run(result)
        self.assertTrue(result.wasSuccessful())
        self.assertEqual(result.testsRun, 1)


class TestAutoDelay(CommonCase):
    def setUp(self):
        super().setUp()
        made = self.made

        def speak(self, word, loud=False):
            """Speak"""
            made.append((word, self.env.context.get("job_uuid")))
            return word

        self.speak = speak

    def patch_it(self, **kwargs):
        self.put(self.speak)
        wrapper = self.partner._patch_job_auto_delay("speak", **kwargs)
        self.put(wrapper)
        return wrapper

    def test_calling_the_method_delays_it(self):
        wrapper = self.patch_it()
        self.assertIs(wrapper.origin, self.speak)
        job = self.partner.speak("x", loud=True)
        self.assertIsInstance(job, Job)
        self.assertEqual(job.db_record().method_name, "speak")
        self.assertEqual(job.db_record().kwargs, {"loud": True})
        self.assertEqual(self.made, [])
        self.assertEqual(self.run_job(job), "done")
        self.assertEqual(self.made, [("x", job.uuid)])

    def test_not_without_the_context_key(self):
        self.patch_it(context_key="auto_speak")
        self.assertEqual(self.partner.speak("x"), "x")
        self.assertIsInstance(
            self.partner.with_context(auto_speak=True).speak("x"), Job
        )

    def test_not_where_delaying_is_off(self):
        self.patch_it()
        partner = self.partner.with_context(queue_job__no_delay=True)
        self.assertEqual(partner.speak("x"), "x")

    def test_options_come_from_a_method(self):
        def speak_job_options(self, word, loud=False):
            return {"priority": 3, "description": f"Say {word}"}

        self.put(speak_job_options)
        self.patch_it()
        record = self.partner.speak("x").db_record()
        self.assertEqual((record.priority, record.name), (3, "Say x"))

    def test_patched_twice_it_delays_once(self):
        self.patch_it()
        wrapper = self.partner._patch_job_auto_delay("speak")
        self.assertIs(wrapper.origin, self.speak)
