# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the dashboard says that no job begins, and why."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.queue_job.core.runner import sign_of_life
from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.models import (
    queue_job_dashboard,
    queue_job_dashboard_trouble,
)

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestTrouble(DashboardCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute(
            "DELETE FROM ir_config_parameter WHERE key IN"
            " ('queue_job.home', 'database.is_neutralized')"
        )
        self.env.cr.execute(
            "UPDATE ir_module_module SET state = 'installed' WHERE state LIKE 'to %'"
        )

    def trouble(self):
        return self.dashboard()["trouble"]

    def test_all_is_well_while_nothing_is_due_or_something_runs(self):
        self.assertFalse(self.trouble())
        self.make_job(date_created=self.ago(seconds=2))
        self.assertFalse(self.trouble())
        self.make_job(date_created=self.ago(minutes=9))
        self.assertTrue(self.trouble())
        self.make_job(State.STARTED)
        self.assertFalse(self.trouble())

    def test_it_says_why_as_far_as_that_can_be_told(self):
        self.make_job(date_created=self.ago(minutes=9), channel="root.shop")
        self.assertRegex(self.trouble(), "No runner serves")
        runner = connect(self.env.cr.dbname)
        self.addCleanup(runner.close)
        with runner.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
        # within a transaction the sessions stay those that it saw first
        self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
        self.assertRegex(self.trouble(), "cannot reach Odoo")
        leader = self.dashboard()["leader"]
        self.assertGreaterEqual(leader["leads_for"], leader["silent_for"])
        self.assertIsNone(leader["about"])
        told = {"version": "1", "host": "h", "pid": 7, "address": "a", "channels": "c"}
        beat = connect("postgres")
        self.addCleanup(beat.close)
        for session in (runner, beat):
            with session.cursor() as cr:
                cr.execute("SET application_name = 'runners of the test'")
        with beat.cursor() as cr:
            cr.execute("SELECT %s", [sign_of_life.spell(**told)])
        self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
        self.assertEqual(self.dashboard()["leader"]["about"], told)

        self.env["queue.job.function"]._find_or_create_channel("root.shop").pause()
        self.env.flush_all()
        self.assertRegex(self.trouble(), "are paused")

        self.env["ir.module.module"].search([("name", "=", "web")]).write(
            {"state": "to upgrade"}
        )
        self.env.flush_all()
        self.assertRegex(self.trouble(), "Jobs wait while modules .*: web")

        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.env.flush_all()
        self.assertRegex(self.trouble(), "is neutralized")

    def test_that_nothing_begins_is_a_guess_and_none_while_jobs_end(self):
        self.make_job(date_created=self.ago(minutes=9), channel="root.x")
        model = self.registry["queue.job.dashboard"]
        leads = {"leads_for": 99, "silent_for": 1, "host": None, "pid": 1}
        with patch.object(model, "_leader", lambda self: leads):
            self.assertRegex(self.trouble(), "no job begins")
            self.assertTrue(self.dashboard()["trouble_is_guess"])
            done = self.make_job(State.DONE, date_done=server_clock.now(self.env.cr))
            self.assertFalse(self.trouble())
            done.unlink()
            on_its_way = self.make_job(State.ENQUEUED)
            self.assertRegex(self.trouble(), "no job begins", "it may come back")
            on_its_way.unlink()
            moment = server_clock.now(self.env.cr)
            failed = self.make_job(State.FAILED, date_failed=moment)
            self.assertFalse(self.trouble())
            failed.unlink()
            find = self.env["queue.job.function"]._find_or_create_channel
            find("root.x").pause()
            self.assertRegex(self.trouble(), "are paused")
            self.assertFalse(self.dashboard()["trouble_is_guess"])

    def test_not_all_channels_are_paused_where_not_all_were_looked_at(self):
        find = self.env["queue.job.function"]._find_or_create_channel
        for name in ("root.a", "root.b", "root.c"):
            self.make_job(date_created=self.ago(minutes=9), channel=name)
        find("root.a").pause()
        find("root.b").pause()
        no_leader = patch.object(queue_job_dashboard_trouble, "_led", lambda *_: False)
        with no_leader, patch.object(queue_job_dashboard, "_MOST_CHANNELS", 1):
            self.assertNotRegex(self.trouble(), "are paused")
            find("root.c").pause()
        with no_leader:
            self.assertRegex(self.trouble(), "are paused")

    def test_a_channel_that_begins_a_job_now_and_then_is_in_no_trouble_between(self):
        self.make_job(date_created=self.ago(minutes=9), channel="root.x")
        channel = self.env["queue.job.function"]._find_or_create_channel("root.x")
        self.make_job(State.DONE, date_done=self.ago(seconds=100))
        model = self.registry["queue.job.dashboard"]
        leads = {"leads_for": 99, "silent_for": 1, "host": None, "pid": 1}
        with patch.object(model, "_leader", lambda self: leads):
            self.assertRegex(self.trouble(), "no job begins")
            channel.rate_limit = "1/60"
            self.assertFalse(self.trouble())

    def test_a_runner_that_is_silent_is_told_of(self):
        self.make_job(date_created=self.ago(minutes=9))
        model = self.registry["queue.job.dashboard"]
        silent = {"leads_for": 99, "silent_for": 40.4, "host": None, "pid": 1}
        with patch.object(model, "_leader", lambda self: silent):
            self.assertRegex(self.trouble(), "for 40 seconds")
