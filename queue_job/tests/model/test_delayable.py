# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Preparing calls to be delayed together."""

import gc
from datetime import datetime
from unittest.mock import patch

from odoo.addons.queue_job import delay as delay_module
from odoo.addons.queue_job.delay import (
    Delayable,
    DelayableChain,
    DelayableGroup,
    DelayableRecordset,
    chain,
    group,
)
from odoo.addons.queue_job.job import identity_exact

from .case import JobCase

LOGGER = "odoo.addons.queue_job.delay"


def export_it(self, *args, **kwargs):
    """Export the partner"""
    return args


class DelayableCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def call(self, *args, **properties):
        return self.partner.delayable(**properties).export_it(*args)


class TestDelayable(DelayableCase):
    def test_calling_a_method_returns_the_delayable(self):
        prepared = self.partner.delayable()
        self.assertIs(prepared.export_it(1), prepared)
        self.assertIsInstance(prepared, Delayable)
        prepared.delay()

    def test_delaying_stores_a_job_with_the_properties(self):
        eta = datetime(2040, 1, 2, 3, 4, 5)
        prepared = self.call(
            1,
            priority=3,
            eta=eta,
            max_retries=7,
            description="Said",
            channel="root.said",
            identity_key="key",
        )
        self.assertIsNone(prepared.delay())
        record = prepared._generated_job.db_record()
        self.assertEqual(record.state, "pending")
        self.assertEqual(record.args, [1])
        self.assertEqual(record.priority, 3)
        self.assertEqual(record.eta, eta)
        self.assertEqual(record.max_retries, 7)
        self.assertEqual(record.name, "Said")
        self.assertEqual(record.channel, "root.said")
        self.assertEqual(record.identity_key, "key")
        self.assertFalse(record.graph_uuid)

    def test_properties_can_be_set_before_and_after_the_call(self):
        prepared = self.partner.delayable().set(priority=1).export_it()
        self.assertIs(prepared.set({"description": "Said"}, channel="root.x"), prepared)
        prepared.delay()
        record = prepared._generated_job.db_record()
        self.assertEqual(
            (record.priority, record.name, record.channel), (1, "Said", "root.x")
        )

    def test_an_unknown_property_is_refused(self):
        prepared = self.call()
        with self.assertRaisesRegex(ValueError, "colour: no property"):
            prepared.set(colour="red")
        prepared.delay()

    def test_an_undeclared_method_is_refused_at_access(self):
        prepared = self.partner.delayable()
        with self.assertRaisesRegex(AttributeError, "is not allowed to be delayed"):
            prepared.name_create  # noqa: B018
        with self.assertRaisesRegex(ValueError, "no method was called"):
            prepared.delay()
        prepared.export_it().delay()

    def test_one_that_is_forgotten_is_told_of(self):
        prepared = self.call(1)
        expected = f"Delayable {prepared!r} was prepared but never delayed"
        self.assertIn(f"Delayable({self.partner}.export_it((1,), {{}}))", expected)
        with self.assertLogs(LOGGER, "WARNING") as logged:
            del prepared
            gc.collect()
        self.assertEqual([record.message for record in logged.records], [expected])

    def test_one_that_was_delayed_is_not(self):
        with self.assertNoLogs(LOGGER, "WARNING"):
            chain(self.call(), group(self.call(), self.call())).delay()
            self.partner.with_delay().export_it()
            gc.collect()

    def test_an_unknown_policy_is_refused(self):
        first, second = self.call(), self.call()
        with self.assertRaises(ValueError):
            first.on_done(second, if_failed="panic")
        group(first, second).delay()

    def test_the_job_class_is_looked_up_where_tests_patch_it(self):
        prepared = self.call(5, priority=2)
        with patch.object(delay_module, "Job", autospec=True) as job_class:
            prepared.delay()
        method = job_class.call_args.args[0]
        self.assertEqual(method.__name__, "export_it")
        self.assertEqual(
            job_class.call_args.kwargs,
            {
                "args": (5,),
                "kwargs": {},
                "priority": 2,
                "max_retries": None,
                "eta": None,
                "description": None,
                "channel": None,
                "identity_key": None,
            },
        )

    def test_a_delayable_recordset_shows_its_delayable(self):
        delayed = DelayableRecordset(self.partner, channel="root.x")
        self.assertEqual(delayed.delayable.channel, "root.x")
        self.assertEqual(delayed.delayable.recordset, self.partner)


class TestSplit(DelayableCase):
    def setUp(self):
        super().setUp()
        self.many = self.env["res.partner"].create([{"name": str(n)} for n in range(5)])

    def test_each_slice_has_its_records_and_the_properties(self):
        prepared = self.many.delayable(priority=4).export_it(1).split(2)
        self.assertIsInstance(prepared, DelayableGroup)
        prepared.delay()
        records = [part._generated_job.db_record() for part in prepared._delayables]
        self.assertEqual([len(record.records) for record in records], [2, 2, 1])
        self.assertEqual([record.priority for record in records], [4, 4, 4])
        self.assertEqual([record.args for record in records], [[1], [1], [1]])
        self.assertEqual(
            [record.name for record in records],
            [f"Export the partner (split {n}/3)" for n in (1, 2, 3)],
        )
        self.assertEqual({record.state for record in records}, {"pending"})

    def test_slices_in_a_chain_wait_for_each_other(self):
        prepared = self.many.delayable(description="D").export_it().split(3, chain=True)
        self.assertIsInstance(prepared, DelayableChain)
        prepared.delay()
        first, second = (d._generated_job.db_record() for d in prepared._delayables)
        self.assertEqual(first.name, "D (split 1/2)")
        self.assertEqual((first.state, second.state), ("pending", "wait_dependencies"))

    def test_a_split_without_method_is_refused(self):
        prepared = self.many.delayable()
        with self.assertRaisesRegex(ValueError, "no method was called"):
            prepared.split(2)
        prepared.export_it().delay()

    def test_a_split_of_nothing_cannot_be_delayed(self):
        with self.assertRaisesRegex(ValueError, "is empty"):
            self.many.browse().delayable().export_it().split(2).delay()

    def test_links_stay_with_the_whole(self):
        after = self.call()
        prepared = self.many.delayable().export_it().on_done(after).split(2)
        prepared.delay()
        self.assertIsNone(after._generated_job)
        prepared.on_done(after).delay()
        self.assertTrue(after._generated_job.db_record())


class TestIdentityKeysInGraphs(DelayableCase):
    def test_when_all_wait_already_nothing_is_stored(self):
        stored = [self.partner.with_delay(identity_key=key).export_it() for key in "ab"]
        before = self.env["queue.job"].search_count([])
        members = [self.call(identity_key=key) for key in "ab"]
        group(*members).delay()
        self.assertEqual(self.env["queue.job"].search_count([]), before)
        self.assertEqual([member._generated_job for member in members], stored)

    def test_with_a_call_that_has_no_key_all_are_stored(self):
        for key in "ab":
            self.partner.with_delay(identity_key=key).export_it()
        before = self.env["queue.job"].search_count([])
        unkeyed = self.call()
        group(*[self.call(identity_key=key) for key in "ab"]).on_done(unkeyed).delay()
        self.assertEqual(self.env["queue.job"].search_count([]), before + 3)
        self.assertEqual(len(unkeyed._generated_job.depends_on), 2)

    def test_when_one_is_missing_all_are_stored(self):
        self.partner.with_delay(identity_key="a").export_it()
        before = self.env["queue.job"].search_count([])
        group(*[self.call(identity_key=key) for key in "ab"]).delay()
        self.assertEqual(self.env["queue.job"].search_count([]), before + 2)

    def test_a_function_as_key(self):
        job = self.partner.with_delay(identity_key=identity_exact).export_it(1)
        prepared = self.call(1, identity_key=identity_exact)
        prepared.delay()
        self.assertEqual(prepared._generated_job, job)


class TestGraphsWithoutDelay(DelayableCase):
    def check_runs_at_once(self, **context):
        made = []

        def note_it(self, value):
            made.append(value)

        self.put_job(note_it)
        partner = self.partner.with_context(**context)
        a, b = partner.delayable().note_it("a"), self.partner.delayable().note_it("b")
        c = self.partner.delayable().note_it("c")
        before = self.env["queue.job"].search_count([])
        self.assertIsNone(group(c, b).on_done(a).delay())
        self.assertEqual(made, ["c", "b", "a"])
        self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_every_switch_runs_all_in_order(self):
        self.check_runs_at_once(queue_job__no_delay=True)
        self.check_runs_at_once(_job_force_sync=True)
        self.check_runs_at_once(test_queue_job_no_delay=True)
