# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import os
from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.queue_job import utils
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from .case import JobCase

PLAIN_LOGGER = "odoo.addons.queue_job.models.base"
DIRECT_LOGGER = "odoo.addons.queue_job.utils"


def export_it(self, *args):
    self.name = f"exported by {self.env.user.login}"
    return len(args)


class NoDelayCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.jobs_before = self._count()

    def _count(self):
        return self.env["queue.job"].search_count([])

    def _assert_nothing_stored(self):
        self.assertEqual(self._count(), self.jobs_before)


class TestPlainCalls(NoDelayCase):
    """The older switches give the recordset itself."""

    def test_the_context_key(self):
        records = self.partner.with_context(test_queue_job_no_delay=True)
        with self.assertLogs(PLAIN_LOGGER, "WARNING"):
            self.assertEqual(records.with_delay(priority=3), records)
        with mute_logger(PLAIN_LOGGER):
            self.assertEqual(records.with_delay().export_it(1, 2), 2)
        self.assertEqual(self.partner.name, f"exported by {self.env.user.login}")
        self._assert_nothing_stored()

    def test_the_environment_variable_whatever_its_text(self):
        for word in ("1", "0", "no"):
            with (
                self.subTest(word),
                patch.dict(os.environ, {"TEST_QUEUE_JOB_NO_DELAY": word}),
                mute_logger(PLAIN_LOGGER),
            ):
                self.assertEqual(self.partner.with_delay().export_it(1), 1)
        with patch.dict(os.environ, {"TEST_QUEUE_JOB_NO_DELAY": ""}):
            self.assertIsInstance(self.partner.with_delay().export_it(1), Job)

    def test_undeclared_methods_are_called_too(self):
        records = self.partner.with_context(test_queue_job_no_delay=True)
        with mute_logger(PLAIN_LOGGER):
            self.assertTrue(records.with_delay().write({"name": "x"}))

    def test_a_false_value_delays(self):
        for value in (False, None, 0):
            records = self.partner.with_context(test_queue_job_no_delay=value)
            self.assertIsInstance(records.with_delay().export_it(), Job)

    def test_it_wins_over_the_newer_switch(self):
        records = self.partner.with_context(
            test_queue_job_no_delay=True, queue_job__no_delay=True
        )
        with mute_logger(PLAIN_LOGGER):
            self.assertEqual(records.with_delay().export_it(), 0)


class TestDirectRuns(NoDelayCase):
    """The newer switches make a job, perform it and return it."""

    def test_the_context_keys(self):
        for key in ("queue_job__no_delay", "_job_force_sync"):
            with self.subTest(key):
                delayed = self.partner.with_context(**{key: True}).with_delay()
                done = delayed.export_it(1, 2, 3)
                self.assertIsInstance(done, Job)
                self.assertEqual(done.result, 3)
                self._assert_nothing_stored()

    def test_the_environment_variable_warns(self):
        with (
            patch.dict(os.environ, {"QUEUE_JOB__NO_DELAY": "0"}),
            self.assertLogs(DIRECT_LOGGER, "WARNING"),
        ):
            self.assertEqual(self.partner.with_delay().export_it(1).result, 1)
        self._assert_nothing_stored()

    def test_the_context_is_silent_in_tests_and_told_outside(self):
        records = self.partner.with_context(queue_job__no_delay=True)
        with self.assertNoLogs(DIRECT_LOGGER, logging.INFO):
            records.with_delay().export_it()
        with (
            patch.object(utils, "config", {"test_enable": False}),
            self.assertLogs(DIRECT_LOGGER, logging.INFO),
        ):
            records.with_delay().export_it()

    def test_it_runs_as_the_caller_in_his_transaction(self):
        partner = self.user.partner_id
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            user_partner = partner.with_user(self.env.ref("base.user_admin"))
            records = user_partner.with_context(queue_job__no_delay=True)
            records.with_delay().export_it()
            self.assertEqual(partner.name, "exported by admin")
            1 / 0  # noqa: B018
        self.assertNotEqual(partner.name, "exported by admin")

    def test_exceptions_reach_the_caller(self):
        def fail_it(self):
            raise RetryableJobError("later")

        self.put_job(fail_it)
        records = self.partner.with_context(queue_job__no_delay=True)
        with self.assertRaises(RetryableJobError):
            records.with_delay().fail_it()

    def test_methods_still_have_to_be_declared(self):
        records = self.partner.with_context(queue_job__no_delay=True)
        with self.assertRaises(AttributeError):
            records.with_delay().write  # noqa: B018

    def test_identity_keys_are_ignored(self):
        self.partner.with_delay(identity_key="k").export_it()
        records = self.partner.with_context(queue_job__no_delay=True)
        done = records.with_delay(identity_key="k").export_it(1)
        self.assertEqual(done.result, 1)

    def test_a_false_value_delays(self):
        records = self.partner.with_context(queue_job__no_delay=False)
        self.assertTrue(records.with_delay().export_it().db_record())


class TestAnySwitch(NoDelayCase):
    def test_no_switch(self):
        self.assertFalse(utils.must_run_without_delay(self.env))

    def test_each_switch(self):
        for key in (
            "test_queue_job_no_delay", "queue_job__no_delay", "_job_force_sync",
        ):  # fmt: skip
            env = self.env(context={key: True})
            self.assertTrue(utils.must_run_without_delay(env), key)
        for name in ("TEST_QUEUE_JOB_NO_DELAY", "QUEUE_JOB__NO_DELAY"):
            with patch.dict(os.environ, {name: "1"}), mute_logger(DIRECT_LOGGER):
                self.assertTrue(utils.must_run_without_delay(self.env), name)
