# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server that stores jobs which no runner serves is told so; no other is."""

from collections import defaultdict
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import config

from odoo.addons.queue_job.core.runner.runner_watch import (
    LEADER_KEY,
    SECOND_CHECK_AFTER,
    RunnerWatch,
)
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.delaying import unserved

LOGGER = "odoo.addons.queue_job.delaying.unserved"


class TestUnserved(TransactionCase):
    def setUp(self):
        super().setUp()
        self.passed = 0.0
        self.change("request", object())  # as a server at work has one
        self.change("in_test", lambda: False)
        self.change("_watches", defaultdict(RunnerWatch))
        self.change("time", self)
        self.load_server_wide("base", "web")

    def change(self, name, value):
        patcher = patch.object(unserved, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def load_server_wide(self, *modules):
        patcher = patch.dict(config.options, server_wide_modules=list(modules))
        patcher.start()
        self.addCleanup(patcher.stop)

    def monotonic(self):
        return self.passed

    def store(self, after=0.0):
        """Store a job, and commit as far as a test can."""
        self.passed += after
        self.env["queue.job"].with_delay()._test_job()
        self.env.cr.postcommit.run()

    def assert_told(self, *, once_after):
        with self.assertLogs(LOGGER, "WARNING") as said:
            self.store(after=once_after)
        [record] = said.records
        self.assertIn("add queue_job to server_wide_modules", record.getMessage())
        self.assertIn(self.env.cr.dbname, record.getMessage())

    def test_a_server_whose_jobs_nobody_runs_is_told_once(self):
        with self.assertNoLogs(LOGGER, "WARNING"):
            self.store()
            self.store(after=1)
        self.assert_told(once_after=SECOND_CHECK_AFTER)
        with self.assertNoLogs(LOGGER, "WARNING"):
            self.store(after=SECOND_CHECK_AFTER)

    def test_a_server_whose_jobs_another_one_runs_is_not(self):
        runner = connect(self.env.cr.dbname)
        self.addCleanup(runner.close)
        with runner.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
        with self.assertNoLogs(LOGGER, "WARNING"):
            self.store()
            self.store(after=SECOND_CHECK_AFTER)
        self.assertFalse(
            unserved._watches[self.env.cr.dbname].is_due(
                self.passed + SECOND_CHECK_AFTER
            )
        )

    def test_a_runner_that_comes_within_a_minute_is_not_missed(self):
        with self.assertNoLogs(LOGGER, "WARNING"):
            self.store()
            runner = connect(self.env.cr.dbname)
            self.addCleanup(runner.close)
            with runner.cursor() as cr:
                cr.execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
            self.store(after=SECOND_CHECK_AFTER)

    def assert_not_told(self):
        with self.assertNoLogs(LOGGER, "WARNING"):
            for _job in range(3):
                self.store(after=SECOND_CHECK_AFTER)

    def test_a_server_with_a_runner_of_its_own_is_not_told(self):
        self.load_server_wide("base", "web", "queue_job")
        self.assert_not_told()

    def test_neither_is_a_shell(self):
        self.change("request", None)
        self.assert_not_told()

    def test_but_a_server_whose_crons_store_jobs_is(self):
        self.change("request", None)
        self.env = self.env(context={"ir_cron_progress_id": 1})
        self.store()
        self.assert_told(once_after=SECOND_CHECK_AFTER)

    def test_nobody_is_told_in_tests(self):
        self.change("in_test", lambda: True)
        self.assert_not_told()

    def test_nor_of_a_neutralized_database(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("database.is_neutralized", "true")
        self.env.flush_all()
        self.assert_not_told()

    def test_a_job_that_is_rolled_back_is_no_reason_to_look(self):
        self.env["queue.job"].with_delay()._test_job()
        self.env.cr.postcommit.clear()
        self.env.cr.postcommit.run()
        self.assertTrue(unserved._watches[self.env.cr.dbname].is_due(self.passed))
        self.store()
        self.assertFalse(unserved._watches[self.env.cr.dbname].is_due(self.passed))

    def test_each_database_is_looked_after_by_itself(self):
        other = unserved._watches["another database"]
        other.end()  # a runner serves that one
        self.assertTrue(unserved._watches[self.env.cr.dbname].is_due(0.0))
