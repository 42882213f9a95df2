# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import copy
import os
from datetime import datetime, timedelta
from unittest.mock import MagicMock, patch

from odoo import api
from odoo.exceptions import AccessError

from odoo.addons.queue_job import delay as delay_module
from odoo.addons.queue_job import identity_exact
from odoo.addons.queue_job import job as job_module
from odoo.addons.queue_job.job import Job, job
from odoo.addons.queue_job.models import base as base_module

from .case import JobCase


def export_it(self, *args, **kwargs):
    """Export the partner

    More about it.
    """
    return args, kwargs


class TestWithDelay(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def test_a_delayed_call_is_stored_and_not_made(self):
        called = []
        delayed = self.delay(job(lambda self: called.append(self)))
        self.assertIsInstance(delayed, Job)
        self.assertEqual(delayed.state, "pending")
        self.assertEqual(called, [])
        record = delayed.db_record()
        self.assertEqual(len(record), 1)
        self.assertEqual(record.state, "pending")
        self.assertEqual(record.attempt, 0)

    def test_what_is_stored_when_nothing_is_said(self):
        delayed = self.partners.with_user(self.user).with_delay().export_it(1, k="v")
        record = delayed.db_record()
        self.assertEqual(record.uuid, delayed.uuid)
        self.assertEqual(record.name, "Export the partner")
        self.assertEqual(record.model_name, "res.partner")
        self.assertEqual(record.method_name, "export_it")
        self.assertEqual(record.channel_method_name, "<res.partner>.export_it")
        self.assertEqual(record.records, self.partners)
        self.assertEqual(record.record_ids, self.partners.ids)
        self.assertEqual(record.args, [1])
        self.assertEqual(record.kwargs, {"k": "v"})
        self.assertEqual(record.priority, 10)
        self.assertEqual(record.max_retries, 5)
        self.assertEqual(record.retry, 0)
        self.assertEqual(record.channel, "root")
        self.assertEqual(record.user_id, self.user)
        self.assertEqual(record.company_id, self.user.company_id)
        self.assertFalse(record.eta)
        self.assertFalse(record.identity_key)
        self.assertFalse(record.graph_uuid)
        ids = tuple(self.partners.ids)
        self.assertEqual(record.func_string, f"res.partner{ids}.export_it(1, k='v')")
        self.assertLess(datetime.now() - record.date_created, timedelta(minutes=1))

    def test_every_option_is_stored(self):
        eta = datetime(2040, 1, 2, 3, 4, 5)
        delayed = self.partner.with_delay(
            priority=0,
            eta=eta,
            max_retries=0,
            description="Said",
            channel="root.said",
            identity_key="key",
        ).export_it()
        record = delayed.db_record()
        self.assertEqual(record.priority, 0)
        self.assertEqual(record.eta, eta)
        self.assertEqual(record.max_retries, 0)
        self.assertEqual(record.name, "Said")
        self.assertEqual(record.channel, "root.said")
        self.assertEqual(record.identity_key, "key")

    def test_eta_may_be_seconds_or_a_duration(self):
        with patch.object(job_module, "datetime", autospec=True) as clock:
            clock.now.return_value = datetime(2020, 1, 1)
            for eta in (90, timedelta(seconds=90)):
                delayed = self.partner.with_delay(eta=eta).export_it()
                self.assertEqual(delayed.eta, datetime(2020, 1, 1, 0, 1, 30))
            for nothing in (0, None, False, timedelta()):
                delayed = self.partner.with_delay(eta=nothing).export_it()
                self.assertIsNone(delayed.eta)

    def test_anybody_may_delay_without_rights_on_jobs(self):
        with self.assertRaises(AccessError):
            self.env["queue.job"].with_user(self.user).search([])
        delayed = self.partner.with_user(self.user).with_delay().export_it()
        self.assertTrue(delayed.db_record())

    def test_the_job_takes_part_in_the_callers_transaction(self):
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            delayed = self.partner.with_delay().export_it()
            1 / 0  # noqa: B018  # the caller fails
        self.assertFalse(delayed.db_record())

    def test_create_sees_the_callers_context(self):
        seen = []

        @api.model_create_multi
        def create(self, vals_list):
            seen.append(self.env.context.get("job_batch"))
            return create.super(self, vals_list)

        create.super = self.registry["queue.job"].create
        self.patch(self.registry["queue.job"], "create", create)
        self.partner.with_context(job_batch="b1").with_delay().export_it()
        self.assertEqual(seen, ["b1"])

    def test_the_options_can_be_read_again(self):
        delayable = self.partner.with_delay(priority=3, channel="root.x")
        self.assertEqual((delayable.priority, delayable.channel), (3, "root.x"))
        self.assertEqual(delayable.recordset, self.partner)
        for name in ("eta", "max_retries", "description", "identity_key"):
            self.assertIsNone(getattr(delayable, name))
        self.assertEqual(
            str(delayable), f"DelayableRecordset(res.partner({self.partner.id},))"
        )

    def test_the_class_is_found_in_both_its_homes(self):
        delayable = self.partner.with_delay()
        self.assertIsInstance(delayable, delay_module.DelayableRecordset)
        self.assertIs(job_module.DelayableRecordset, delay_module.DelayableRecordset)
        self.assertIs(base_module.DelayableRecordset, delay_module.DelayableRecordset)

    def test_it_is_made_by_its_name_in_the_models_module(self):
        with patch.object(base_module, "DelayableRecordset") as made:
            self.partner.with_delay(priority=5)
        made.assert_called_once_with(
            self.partner,
            priority=5,
            eta=None,
            max_retries=None,
            description=None,
            channel=None,
            identity_key=None,
        )

    def test_jobs_are_made_by_their_name_in_the_delay_module(self):
        with patch.object(delay_module, "Job", autospec=True) as made:
            self.partner.with_delay(priority=5).export_it(1, k=2)
        (method,), options = made.call_args
        self.assertEqual(method.__self__, self.partner)
        self.assertEqual(
            options,
            {
                "args": (1,), "kwargs": {"k": 2}, "priority": 5, "eta": None,
                "max_retries": None, "description": None, "channel": None,
                "identity_key": None,
            },
        )  # fmt: skip

    def test_methods_with_names_of_the_queue_can_be_delayed(self):
        for name in ("set", "split", "delay", "on_done"):
            method = job(lambda self: None)
            method.__name__ = name
            self.put(method)
            with self.subTest(name):
                delayed = getattr(self.partner.with_delay(), name)()
                self.assertEqual(delayed.method_name, name)

    def test_probing_for_special_names_delays_nothing(self):
        delayable = self.partner.with_delay()
        self.assertEqual(copy.copy(delayable).recordset, self.partner)
        for probe in (iter, len):
            with self.subTest(probe.__name__), self.assertRaises(TypeError):
                probe(delayable)
        self.assertFalse(hasattr(delayable, "__nothing__"))


class TestIdentity(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _delay(self, key="same"):
        return self.partner.with_delay(identity_key=key).export_it()

    def test_while_a_job_waits_no_second_one_is_made(self):
        first = self._delay()
        for state in ("pending", "enqueued", "wait_dependencies"):
            self.env.cr.execute(
                "UPDATE queue_job SET state = %s WHERE uuid = %s", (state, first.uuid)
            )
            first.db_record().invalidate_recordset()
            again = self._delay()
            self.assertIsInstance(again, Job)
            self.assertEqual(again, first)
            self.assertEqual(again.db_record().state, state)

    def test_a_job_that_began_or_ended_keeps_no_other_out(self):
        for state in ("started", "done", "failed", "cancelled"):
            first = self._delay(f"key {state}")
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE queue_job SET state = %s WHERE uuid = %s", (state, first.uuid)
            )
            first.db_record().invalidate_recordset()
            with self.subTest(state):
                self.assertNotEqual(self._delay(f"key {state}"), first)

    def test_jobs_without_key_never_are_the_same(self):
        self.assertNotEqual(self._delay(None), self._delay(None))
        self.assertNotEqual(self._delay(""), self._delay(""))

    def test_the_key_may_be_a_function_of_the_job(self):
        first = self._delay(identity_exact)
        self.assertEqual(first.identity_key, identity_exact(first))
        self.assertEqual(first.db_record().identity_key, identity_exact(first))
        self.assertEqual(self._delay(identity_exact), first)
        self.assertNotEqual(
            self.partner.with_delay(identity_key=identity_exact).export_it(1), first
        )


class TestWhoMayBeDelayed(JobCase):
    def test_a_field_cannot(self):
        with self.assertRaisesRegex(AttributeError, "'name' is a field.*only methods"):
            self.partner.with_delay().name  # noqa: B018

    def test_what_does_not_exist_cannot(self):
        with self.assertRaisesRegex(AttributeError, "no_such_thing"):
            self.partner.with_delay().no_such_thing  # noqa: B018

    def test_an_undeclared_method_cannot_and_the_cures_are_named(self):
        with self.assertRaises(AttributeError) as caught:
            self.partner.with_delay().write  # noqa: B018  # already at the access
        text = str(caught.exception)
        for words in (
            "is not allowed to be delayed",
            "'write'",
            "'res.partner'",
            "odoo.addons.queue_job.job.job",
            "queue.job.function",
            "<res.partner>.write",
            "delay_any_method = True",
        ):
            self.assertIn(words, text)

    def test_a_function_record_declares(self):
        self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "write",
            }
        )
        self.assertTrue(self.partner.with_delay().write({}).db_record())

    def test_a_function_record_of_another_model_does_not(self):
        self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_users").id,
                "method": "write",
            }
        )
        with self.assertRaises(AttributeError):
            self.partner.with_delay().write  # noqa: B018

    def test_the_setting_lifts_the_rule(self):
        variable = "ODOO_QUEUE_JOB_DELAY_ANY_METHOD"
        for word in ("1", "true", "Yes", "on"):
            with self.subTest(word), patch.dict(os.environ, {variable: word}):
                self.assertTrue(self.partner.with_delay().write({}).db_record())
        with patch.dict(os.environ, {variable: "0"}):
            with self.assertRaises(AttributeError):
                self.partner.with_delay().write  # noqa: B018

    def test_a_mock_that_says_so_may(self):
        place = self.registry["res.partner"]
        with patch.object(place, "write", autospec=True) as mocked:
            mocked.delayable = True
            delayed = self.partner.with_delay().write({"name": "x"})
            self.assertTrue(delayed.db_record())
        with patch.object(place, "write", MagicMock(delayable=True)):
            self.assertTrue(callable(self.partner.with_delay().write))

    def test_methods_of_abstract_and_transient_models_may(self):
        for model in ("mail.thread", "queue.requeue.job"):
            method = job(lambda self: 3)
            method.__name__ = "export_it"
            self.put(method, model)
            with self.subTest(model):
                delayed = self.env[model].with_delay().export_it()
                self.assertEqual(Job.load(self.env, delayed.uuid).perform(), 3)
