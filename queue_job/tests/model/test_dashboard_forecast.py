# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the dashboard says that a channel is through."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db import server_clock

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestDashboardForecast(DashboardCase):
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
