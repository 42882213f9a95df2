# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the dashboard tells managers, and how little it reads for it."""

import re
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.sql_db import Cursor
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.queue_job.core.runner import sign_of_life
from odoo.addons.queue_job.core.runner.load_control import Cause
from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.models import queue_job_dashboard
from odoo.addons.queue_job.models.allowed import allowed
from odoo.addons.queue_job.store import ceiling

from .any_state import AnyState
from .case import JobCase

#: So many that a scan of the table costs more than any index.
_MANY = 60_000
#: Lines of comment before a statement.
_COMMENTS = re.compile(r"\A(\s*--.*\n)+")


class DashboardCase(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        self.env.cr.execute("DELETE FROM queue_job_statistics")
        self.now = fields.Datetime.now()

    def dashboard(self, *args, user=None):
        user = user or self.manager
        return self.rpc(user, "queue.job.dashboard", "get_dashboard", *args)

    def counters(self, **options):
        counters = self.dashboard(**options)["counters"]
        return {c["name"]: c["count"] for c in counters if c["count"]}

    def channel(self, name, **options):
        channels = self.dashboard(**options)["channels"]
        return next(channel for channel in channels if channel["name"] == name)

    def shows_failed_on(self, action):
        """Tell whether the list shows when jobs failed, unless its user hides that."""
        view_id = next(view for view, mode in action["views"] if mode == "list")
        arch = self.env["queue.job"].get_view(view_id or None, "list")["arch"]
        [shown] = etree.fromstring(arch).xpath("//field[@name='date_failed']")
        return shown.get("optional") == "show"

    def ago(self, **time):
        return self.now - timedelta(**time)

    def ended(self, ago=1, **values):
        """A row of statistics of so many minutes ago."""
        common = {"period": self.ago(minutes=ago), "seconds": 60, "channel": "root"}
        return self.env["queue.job.statistics"].create({**common, **values})


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    def test_only_managers_may_ask(self):
        for method, *args in (("get_dashboard",), ("open_jobs", "due")):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.user, "queue.job.dashboard", method, *args)

    def test_counters_lead_to_lists_of_the_same_jobs(self):
        self.make_job_in_each_state()
        self.make_job(eta=self.ago(hours=-1))
        self.make_job(eta=self.ago(hours=1))
        self.make_job(State.FAILED, date_failed=self.ago(minutes=5))
        self.make_job(State.FAILED, date_failed=self.ago(hours=5))
        expected = {
            "due": 2,
            "running": 2,
            "failed": 3,
            "failed_last_hour": 1,
            "waiting_for_others": 1,
            "later": 1,
        }
        self.assertEqual(self.counters(), expected)
        for name, count in expected.items():
            action = self.rpc(self.manager, "queue.job.dashboard", "open_jobs", name)
            with self.subTest(name):
                found = self.env["queue.job"].search_count(action["domain"])
                self.assertEqual(found, count)
                self.assertEqual(self.shows_failed_on(action), "failed" in name)

    def test_a_list_of_a_channel_has_those_below_it_and_no_other(self):
        names = ("root.my_shop", "root.my_shop.export", "root.my_shopping",
                 "root.my-shop.export")  # fmt: skip
        jobs = [self.make_job(channel=name) for name in names]
        open_jobs = self.env["queue.job.dashboard"].open_jobs("due", "root.my_shop")
        found = self.env["queue.job"].search(open_jobs["domain"])
        self.assertEqual(found, jobs[0] + jobs[1])

    def test_it_tells_that_the_runner_has_lowered_itself(self):
        self.assertFalse(self.dashboard()["lowered"])
        ceiling.tell(self.env.cr, (None, 0), (3, Cause.POSTGRESQL.value))
        told = self.dashboard()["lowered"]
        ceiling.tell(self.env.cr, (3, Cause.POSTGRESQL.value), (None, 0))
        self.assertRegex(told, r"to 3, .* sessions of PostgreSQL")
        self.assertFalse(self.dashboard()["lowered"])

    def test_counts_end_at_a_limit_and_say_so(self):
        for _number in range(4):
            self.make_job(State.FAILED)
        with patch.object(queue_job_dashboard, "MOST_COUNTED", 3):
            found = self.dashboard()
        self.assertEqual(found["channels"][0]["beyond"], ["failed"])
        counters = {c["name"]: c for c in found["counters"]}
        failed = counters["failed"]
        self.assertEqual((failed["count"], failed["has_more"]), (3, True))
        self.assertFalse(counters["due"]["has_more"])

    def test_who_sees_all_companies_is_asked_for_none(self):
        model = self.env["queue.job"].with_user(self.manager)
        everyone = self.env["res.company"].with_context(active_test=False).search([])
        self.manager.company_ids = everyone
        sees_all = model.with_context(allowed_company_ids=everyone.ids)
        self.assertEqual(allowed(sees_all).code, "TRUE")
        self.env["res.company"].create({"name": "Elsewhere"})
        self.assertIn("company_id", allowed(sees_all).code)

    def test_what_an_add_on_hides_is_not_counted(self):
        everyone = self.env["res.company"].with_context(active_test=False).search([])
        self.manager.company_ids = everyone
        model = self.env["queue.job"].with_user(self.manager)
        model = model.with_context(allowed_company_ids=everyone.ids)
        self.env["ir.rule"].create(
            {
                "name": "no secrets",
                "model_id": self.env["ir.model"]._get_id("queue.job"),
                "domain_force": "[('channel', '!=', 'root.secret')]",
            }
        )
        self.assertIn("channel", allowed(model).code)

        def search(self, domain, *args, **kwargs):
            domain = Domain(domain) & Domain("priority", "<", 5)
            return super(type(self), self)._search(domain, *args, **kwargs)

        self.patch(type(model), "_search", search)
        self.assertIn("priority", allowed(model).code)

    def test_of_many_channels_each_is_counted_less_far(self):
        for number in range(4):
            for state in (State.PENDING, State.FAILED) * 3:
                self.make_job(state, channel=f"root.c{number}")
        bounds = {"_MOST_INDEXED": 8, "_MOST_READ": 8}
        with patch.multiple(queue_job_dashboard, **bounds):
            found = self.dashboard()
        channels = {c["name"]: c for c in found["channels"]}
        for number in range(4):
            channel = channels[f"root.c{number}"]
            self.assertEqual((channel["waiting"], channel["failed"]), (2, 2))
            self.assertEqual(channel["beyond"], ["waiting", "failed"])
        counters = {c["name"]: c for c in found["counters"]}
        self.assertEqual(counters["due"]["count"], 8)
        self.assertTrue(counters["due"]["has_more"])

    def test_managers_see_those_of_their_companies(self):
        other = self.env["res.company"].create({"name": "Another"})
        here = new_test_user(
            self.env, "here", "base.group_user,queue_job.group_queue_job_manager"
        )
        for company in (here.company_id.id, other.id, None):
            for state in (State.PENDING, State.STARTED, State.FAILED):
                self.make_job(state, company_id=company, date_failed=self.now)
            self.ended(done=1, company_id=company)
        counted = self.counters(user=here)
        self.assertEqual(set(counted.values()), {2})
        points = self.dashboard(user=here)["history"]["points"]
        self.assertEqual([done for _at, done, *_others in points], [2])

    def test_the_age_is_that_of_the_oldest_due_job(self):
        self.assertIsNone(self.dashboard()["oldest"])
        self.make_job(date_created=self.ago(minutes=5))
        self.assertAlmostEqual(self.dashboard()["oldest"], 300, delta=30)
        self.make_job(date_created=self.ago(days=5), eta=self.ago(minutes=20))
        self.make_job(date_created=self.ago(days=5), eta=self.ago(days=-1))
        self.assertAlmostEqual(self.dashboard()["oldest"], 1200, delta=30)

    def test_channels_count_what_is_below_them(self):
        self.make_job(channel="root.shop.export")
        self.make_job(State.STARTED, channel="root.shop")
        self.make_job(State.FAILED, channel="root.shop")
        names = [channel["name"] for channel in self.dashboard()["channels"]]
        self.assertEqual(names[0], "root")
        self.assertLess(names.index("root.shop"), names.index("root.shop.export"))
        shop = self.channel("root.shop")
        counted = {k: shop[k] for k in ("waiting", "running", "failed", "depth")}
        self.assertEqual(counted, {"waiting": 1, "running": 1, "failed": 1, "depth": 1})
        self.assertFalse(shop["id"], "it has no record, so it cannot be paused")

    def test_a_paused_channel_says_by_whom(self):
        find = self.env["queue.job.function"]._find_or_create_channel
        channel = find("root.shop")
        self.make_job(channel="root.shop")
        self.rpc(self.manager, "queue.job.channel", "pause", channel.ids)
        shown = self.channel("root.shop")
        self.assertTrue(shown["is_paused"])
        self.assertIn(self.manager.name, shown["pause_note"])

    def test_a_channel_is_through_when_its_rate_says(self):
        for _number in range(3):
            self.make_job(channel="root.shop")
        self.assertIsNone(self.channel("root.shop")["through_in"])
        self.ended(channel="root.shop", ago=2, done=4, failed=2)
        self.ended(ago=30, channel="root.shop", done=999)
        self.assertAlmostEqual(self.channel("root.shop")["through_in"], 30)
        self.make_job(channel="root.paused")
        self.env["queue.job.function"]._find_or_create_channel("root.paused").pause()
        self.assertAlmostEqual(self.channel("root")["through_in"], 30)
        self.assertIsNone(self.channel("root.paused")["through_in"])

    def test_idle_minutes_do_not_make_a_channel_slow(self):
        for _number in range(3):
            self.make_job(channel="root.shop")
        self.ended(ago=9, channel="root.shop", done=1)
        self.ended(ago=4, channel="root.shop", done=180)
        self.ended(ago=0, channel="root.shop", done=9999)
        self.assertAlmostEqual(self.channel("root.shop")["through_in"], 1)

    def test_jobs_that_end_just_now_tell_more_than_parts_of_minutes(self):
        for _number in range(60):
            self.make_job(channel="root.shop.export")
        self.ended(ago=4, channel="root.shop.export", done=3)
        self.assertAlmostEqual(self.channel("root.shop")["through_in"], 1200)
        ran = {"date_done": server_clock.now(self.env.cr), "exec_time": 0.01}
        for _number in range(20):  # in ten seconds, at the least
            self.make_job(State.DONE, channel="root.shop.export", **ran)
        for name in ("root", "root.shop", "root.shop.export"):
            self.assertAlmostEqual(self.channel(name)["through_in"], 30, delta=9)
        ran["date_done"] = self.ago(seconds=250)
        for _number in range(9):
            self.make_job(State.DONE, channel="root.other", **ran)
        for name in ("root", "root.shop.export"):
            self.assertAlmostEqual(self.channel(name)["through_in"], 30, delta=9)

    def test_what_people_end_is_no_pace(self):
        self.make_job(channel="root.shop")
        self.ended(ago=2, channel="root.shop", cancelled=50_000)
        by_hand = {"channel": "root.shop", "date_done": server_clock.now(self.env.cr)}
        for _number in range(5):
            self.make_job(State.DONE, **by_hand)
        self.assertIsNone(self.channel("root.shop")["through_in"])

    def test_a_minute_that_may_not_be_written_whole_is_no_measure_alone(self):
        self.make_job(channel="root.shop")
        for number in range(2):
            moment = self.ago().replace(second=30) - timedelta(minutes=number)
            with patch.object(server_clock, "now", return_value=self.now):
                self.ended(channel="root.shop", done=1, period=moment)
                self.assertIsNone(self.channel("root.shop")["through_in"])

    def test_a_channel_that_begins_a_job_now_and_then_is_no_faster(self):
        for _number in range(3):
            self.make_job(channel="root.shop")
        self.ended(ago=2, channel="root.shop", done=1)
        channel = self.env["queue.job.function"]._find_or_create_channel("root.shop")
        channel.rate_limit = "12/3600"
        self.assertAlmostEqual(self.channel("root.shop")["through_in"], 3 * 300)
        self.make_job(channel="root.shop.below")
        self.ended(ago=2, channel="root.shop.below", done=60)
        self.assertAlmostEqual(self.channel("root.shop.below")["through_in"], 300)

    def test_a_channel_is_not_through_before_those_below_it(self):
        for _number in range(3):
            self.make_job(channel="root.slow.inner")
        self.ended(ago=2, channel="root.slow.inner", done=6)
        self.ended(ago=2, channel="root.quick", done=600)
        slow = self.channel("root.slow.inner")["through_in"]
        self.assertAlmostEqual(slow, 30)
        for name in ("root.slow", "root"):
            self.assertAlmostEqual(self.channel(name)["through_in"], slow)
        self.make_job(channel="root.slow.new")
        for name in ("root.slow", "root"):
            self.assertIsNone(self.channel(name)["through_in"], "nobody knows")

    def test_what_ended_lately_is_what_the_chart_shows(self):
        nothing = {"count": 0, "most": 0}
        self.assertEqual(self.dashboard()["ended_lately"], nothing)
        with patch.object(server_clock, "now", return_value=self.now):
            self.ended(ago=0, done=3, retried=9)
            self.ended(ago=9, done=1400, failed=50, channel="root.other")
            self.ended(ago=10, done=7)
            found = self.dashboard()
        self.assertEqual(found["ended_lately"], {"count": 1453, "most": 1450})
        drawn = [done + failed for _at, done, failed, *_ in found["history"]["points"]]
        self.assertEqual(drawn, [7, 1450, 3])

    def test_those_on_their_way_are_told_apart_from_those_that_have_begun(self):
        for state in (State.STARTED, *[State.ENQUEUED] * 3):
            self.make_job(state, channel="root.shop")
        shop = self.channel("root.shop")
        self.assertEqual((shop["running"], shop["on_their_way"]), (4, 3))
        counters = {c["name"]: c for c in self.dashboard()["counters"]}
        running = counters["running"]
        self.assertEqual((running["count"], running["on_their_way"]), (4, 3))
        self.assertEqual(counters["due"]["on_their_way"], 0)

    def test_running_jobs_say_for_how_long_and_where(self):
        job = self.make_job(
            State.STARTED,
            name="Export",
            date_started=self.ago(minutes=2),
            worker_pid=4711,
            worker_host="odoo-7",
            channel="root.x",
        )
        [shown] = self.dashboard()["running"]
        self.assertAlmostEqual(shown["seconds"], 120, delta=30)
        names = ("id", "name", "channel", "pid", "host", "state")
        told = {key: shown[key] for key in names}
        self.assertEqual(
            told,
            {"id": job.id, "name": "Export", "channel": "root.x", "pid": 4711,
             "host": "odoo-7", "state": "started"},
        )  # fmt: skip

    def test_what_is_known_of_the_history_is_not_sent_again(self):
        self.ended(done=3, waiting={"10": 3})
        first = self.dashboard("day")
        self.assertEqual(first["history"]["points"][0][1:], [3, 0, 0, 0])
        self.assertLess(first["history"]["waiting"]["p95"], 1)
        known = first["history_version"]
        self.assertIsNone(self.dashboard("day", known)["history"])
        self.assertTrue(self.dashboard("week", known)["history"])

    def test_of_the_last_hour_each_end_is_news_and_of_a_day_some_minutes(self):
        now = self.ago().replace(minute=30, second=0, microsecond=0)
        with patch.object(server_clock, "now", return_value=now):
            known = {
                period: self.dashboard(period)["history_version"]
                for period in ("hour", "day", "week")
            }
            self.ended(done=1)
            news = {
                period: self.dashboard(period, version)["history"] is not None
                for period, version in known.items()
            }
            self.assertEqual(news, {"hour": True, "day": False, "week": False})
        later = now + timedelta(minutes=6)
        with patch.object(server_clock, "now", return_value=later):
            self.assertTrue(self.dashboard("day", known["day"])["history"])
            self.assertIsNone(self.dashboard("week", known["week"])["history"])

    def test_jobs_of_another_company_neither_count_nor_eat_the_count(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for state in (State.PENDING, State.FAILED, State.WAIT_DEPENDENCIES):
            for _number in range(5):
                self.make_job(state, company_id=elsewhere.id, priority=1)
            self.make_job(state, company_id=self.env.company.id)
        names = ("due", "failed", "waiting_for_others")
        with patch.object(queue_job_dashboard, "MOST_COUNTED", 2):
            counters = {c["name"]: c for c in self.dashboard()["counters"]}
            for name in names:
                found = counters[name]
                self.assertEqual((found["count"], found["has_more"]), (1, False), name)
        with patch.object(queue_job_dashboard, "MOST_COUNTED", 1):
            counters = {c["name"]: c for c in self.dashboard()["counters"]}
            for name in names:  # not all could be seen: there may be more
                self.assertTrue(counters[name]["has_more"], name)

    def test_times_are_told_by_channel_with_those_below(self):
        self.ended(channel="root.shop.export", done=2, duration={"10": 2})
        self.ended(channel="root.shop", done=2, duration={"30": 2})
        channels = self.dashboard()["history"]["channels"]
        export, shop, root = (
            channels[name]["duration"]["p50"]
            for name in ("root.shop.export", "root.shop", "root")
        )
        self.assertLess(export, 0.2)
        self.assertEqual(shop, root)
        self.assertGreater(channels["root"]["duration"]["p95"], 500)
        self.assertIsNone(channels["root"]["waiting"]["p50"])

    def test_a_fresh_database_is_empty(self):
        self.assertTrue(self.dashboard()["is_empty"])
        self.make_job(State.DONE)
        self.assertFalse(self.dashboard()["is_empty"])


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


@tagged("post_install", "-at_install")
class TestPlansOfTheDashboard(DashboardCase):
    def fill(self):
        """Very many jobs that are done, some in each other state, in few channels."""
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job (uuid, state, priority, retry, channel,"
            " channel_method_name, date_created, date_failed, eta, company_id)"
            " SELECT 'many-' || n, CASE WHEN n > %(many)s * 0.9 THEN 'pending'"
            " WHEN n %% 20 > 0 THEN 'done'"
            " ELSE (ARRAY['failed', 'cancelled', 'wait_dependencies'])[1 + n %% 3] END,"
            " n %% 3, 0, 'root.' || n %% 10, 'f' || n %% 5, now() AT TIME ZONE 'UTC',"
            " now() AT TIME ZONE 'UTC' - n * interval '1 second',"
            " CASE WHEN n %% 3 = 0 THEN now() AT TIME ZONE 'UTC'"
            " + (n %% 7 - 3) * interval '1 hour' END, %(company)s"
            " FROM generate_series(1, %(many)s) n",
            {"many": _MANY, "company": self.env.company.id},
        )
        self.env.cr.execute(
            "INSERT INTO queue_job_statistics (period, seconds, channel, done)"
            " SELECT now() AT TIME ZONE 'UTC' - n * interval '1 hour', 3600, 'root', 1"
            " FROM generate_series(1, %s) n",
            (_MANY,),
        )
        self.env.cr.execute("ANALYZE queue_job")
        self.env.cr.execute("ANALYZE queue_job_statistics")

    @contextmanager
    def plans(self):
        """The plans of the queries of the block, as a list."""
        queries, plans, execute = [], [], Cursor.execute

        def note(cr, query, *args, **kwargs):
            execute(cr, query, *args, **kwargs)
            queries.append(_COMMENTS.sub("", cr._obj.query.decode()))

        with patch.object(Cursor, "execute", note):
            yield plans
        for query in queries:
            if "queue_job" in query and query.startswith(("SELECT", "WITH")):
                self.env.cr.execute(SQL("EXPLAIN " + query.replace("%", "%%")))
                plans.append("\n".join(line for (line,) in self.env.cr.fetchall()))

    def test_nothing_reads_the_whole_table(self):
        self.fill()
        with self.plans() as plans:
            found = self.dashboard("week")
        self.assertGreater(len(plans), 6)
        for plan in plans:
            self.assertNotRegex(plan, r"Seq Scan on queue_job(_statistics)?\b")
        counted = {c["name"]: c["count"] for c in found["counters"]}
        self.assertEqual(counted["due"] + counted["later"], _MANY // 10)
        self.assertTrue(all(counted[n] for n in counted if n != "running"), counted)
