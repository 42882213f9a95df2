# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the dashboard tells managers of jobs and channels, and what it leads to."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.core.runner.load_control import Cause
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.models import queue_job_dashboard
from odoo.addons.queue_job.models.allowed import allowed
from odoo.addons.queue_job.store import ceiling

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    def shows_failed_on(self, action):
        """Tell whether the list shows when jobs failed, unless its user hides that."""
        view_id = next(view for view, mode in action["views"] if mode == "list")
        arch = self.env["queue.job"].get_view(view_id or None, "list")["arch"]
        [shown] = etree.fromstring(arch).xpath("//field[@name='date_failed']")
        return shown.get("optional") == "show"

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

    def test_lists_go_by_the_clock_of_the_database_as_counters_do(self):
        ahead = server_clock.now(self.env.cr) + timedelta(minutes=10)
        self.make_job(eta=ahead - timedelta(minutes=5))
        self.make_job(eta=ahead + timedelta(minutes=5))
        for minutes in (55, 65):
            failed = ahead - timedelta(minutes=minutes)
            self.make_job(State.FAILED, date_failed=failed)
        with patch.object(server_clock, "now", return_value=ahead):
            counted = self.counters()
            for name in ("due", "later", "failed_last_hour"):
                action = self.env["queue.job.dashboard"].open_jobs(name)
                found = self.env["queue.job"].search_count(action["domain"])
                self.assertEqual((counted[name], found), (1, 1), name)

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

    def make_in_channels(self, number):
        """A job that is due, one that comes later and one that failed, in each."""
        for name in (f"root.c{n}" for n in range(number)):
            self.make_job(channel=name)
            self.make_job(channel=name, eta=self.ago(hours=-1))
            self.make_job(State.FAILED, channel=name, date_failed=self.now,
                          channel_method_name=name)  # fmt: skip

    def test_of_very_many_channels_it_is_told_that_there_are_more(self):
        self.make_in_channels(5)
        names = ("due", "later", "failed", "failed_last_hour")
        for most, has_more in ((3, True), (5, False)):
            with patch.object(queue_job_dashboard, "_MOST_CHANNELS", most):
                found = self.dashboard()
            counters = {c["name"]: c for c in found["counters"]}
            for name in names:
                with self.subTest(most=most, counter=name):
                    self.assertEqual(counters[name]["has_more"], has_more)
                    self.assertEqual(counters[name]["count"] == 5, not has_more)
            self.assertEqual(found["oldest_is_least"], has_more)
            root = next(c for c in found["channels"] if c["name"] == "root")
            self.assertEqual(root["beyond"], ["waiting", "failed"] if has_more else [])

    def test_a_channel_that_was_not_looked_at_is_not_told_to_be_empty(self):
        self.make_in_channels(4)
        self.make_job(State.STARTED, channel="root.z")
        with patch.object(queue_job_dashboard, "_MOST_CHANNELS", 2):
            self.assertEqual(self.channel("root.z")["beyond"], ["waiting", "failed"])

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
