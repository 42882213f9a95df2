# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A manager pauses a channel for his database, or allows it less."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models import queue_job_dashboard
from odoo.addons.queue_job.models.queue_job_channel import limits

from .any_state import AnyState
from .case import JobCase


@tagged("post_install", "-at_install")
class TestChannelLimits(AnyState, JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        find = cls.env["queue.job.function"]._find_or_create_channel
        cls.export = find("root.shop.export")
        cls.shop = cls.export.parent_id

    def as_manager(self, channel):
        return channel.with_user(self.manager)

    def messages(self, channel):
        """(author, field, old value, new value) of what was tracked."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        return [
            (
                value.mail_message_id.author_id,
                value.field_id.name,
                value.old_value_integer,
                value.new_value_integer,
            )
            for value in channel.message_ids.sudo().tracking_value_ids.sorted("id")
        ]

    # --- who and when ------------------------------------------------------------

    def test_a_pause_tells_who_and_when(self):
        before = fields.Datetime.now()
        self.as_manager(self.shop).pause()
        self.assertTrue(self.shop.is_paused)
        self.assertEqual(self.shop.paused_by_id, self.manager)
        self.assertGreaterEqual(self.shop.date_paused, before)
        self.as_manager(self.shop).resume()
        self.assertFalse(self.shop.is_paused)
        self.assertFalse(self.shop.paused_by_id or self.shop.date_paused)

    def test_the_history_stays_in_the_chatter(self):
        self.env.cr.precommit.run()
        author = self.manager.partner_id
        channel = self.as_manager(self.shop)
        channel.pause()
        self.assertEqual(self.messages(self.shop), [(author, "is_paused", 0, 1)])
        channel.write({"is_paused": False, "capacity_limit": 2})
        self.assertCountEqual(
            self.messages(self.shop)[-2:],
            [(author, "is_paused", 1, 0), (author, "capacity_limit", 0, 2)],
        )

    def test_no_context_of_a_client_hides_it(self):
        self.env.cr.precommit.run()
        author = self.manager.partner_id
        for number, key in enumerate(("tracking_disable", "mail_notrack"), 1):
            self.rpc(
                self.manager, "queue.job.channel", "write", self.shop.ids,
                {"capacity_limit": number}, context={key: True},
            )  # fmt: skip
            expected = (author, "capacity_limit", number - 1, number)
            self.assertEqual(self.messages(self.shop)[-1:], [expected], key)

    def test_a_second_pause_leaves_the_first_one_its_name(self):
        self.as_manager(self.shop).pause()
        (self.shop | self.export).pause()
        self.assertEqual(self.shop.paused_by_id, self.manager)
        self.assertEqual(self.export.paused_by_id, self.env.user)

    def test_nobody_can_say_that_somebody_else_paused_it(self):
        channel = self.as_manager(self.shop)
        channel.write({"is_paused": True, "paused_by_id": self.user.id})
        channel.write({"paused_by_id": self.user.id, "date_paused": False})
        self.assertEqual(self.shop.paused_by_id, self.manager)
        self.assertTrue(self.shop.date_paused)
        values = {"name": "new", "parent_id": self.shop.id, "is_paused": True}
        new = channel.create({**values, "paused_by_id": self.user.id})
        self.assertEqual(new.paused_by_id, self.manager)

    def test_a_new_channel_has_an_empty_history(self):
        self.assertFalse(self.export.message_ids)
        self.assertFalse(self.export.message_follower_ids)

    # --- who may -----------------------------------------------------------------

    def test_only_managers_pause_resume_and_limit(self):
        channel = self.shop.with_user(self.user)
        for act in (
            channel.pause,
            channel.resume,
            lambda: channel.write({"capacity_limit": 1}),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_a_limit_below_nothing_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "pause it"):
            self.shop.capacity_limit = -1

    def configure(self, channels):
        self.put_on(limits, "setting", lambda _key: channels)

    def test_more_than_the_server_permits_is_refused_with_the_cure(self):
        self.configure("root:4,shop:2,shop.export:1:sequential")
        cure = r"at most 2 .* root\.shop.* root\.shop:2:max=3"
        with self.assertRaisesRegex(ValidationError, cure):
            self.as_manager(self.shop).capacity_limit = 3
        with self.assertRaisesRegex(ValidationError, "one job after the other"):
            self.as_manager(self.export).capacity_limit = 2
        self.as_manager(self.shop).capacity_limit = 2

    def test_as_much_as_the_server_permits_is_kept_with_who_did_it(self):
        self.configure("root:4:max=16,shop:2:max=8")
        self.env.cr.precommit.run()
        self.as_manager(self.shop).capacity_limit = 8
        author = self.manager.partner_id
        self.assertEqual(self.messages(self.shop), [(author, "capacity_limit", 0, 8)])
        with self.assertRaisesRegex(ValidationError, "at most 8"):
            self.as_manager(self.shop).capacity_limit = 9

    def test_what_is_not_configured_or_unlimited_may_have_any_maximum(self):
        self.configure("root:4,shop:0")
        self.as_manager(self.shop).capacity_limit = 99
        self.as_manager(self.export).capacity_limit = 99
        self.configure("root:many")
        self.as_manager(self.shop).capacity_limit = 100

    # --- what is shown -----------------------------------------------------------

    def test_a_channel_below_a_paused_one_says_so(self):
        self.as_manager(self.shop).pause()
        self.assertEqual(self.export.paused_channel_id, self.shop)
        self.assertRegex(
            self.export.pause_note, r"root\.shop was paused by queue manager.* on \S+"
        )
        root = self.shop.parent_id
        self.assertFalse(root.paused_channel_id or root.pause_note)

    def test_the_nearest_paused_channel_is_named(self):
        (self.shop | self.export).pause()
        self.assertEqual(self.export.paused_channel_id, self.export)

    def test_a_pending_job_says_that_its_channel_is_paused(self):
        self.as_manager(self.shop).pause()
        waiting = self.make_job(channel="root.shop.export.unknown")
        free = self.make_job(channel="root.other")
        begun = self.make_job(State.STARTED, channel="root.shop")
        self.assertEqual(waiting.paused_channel_id, self.shop)
        self.assertIn("queue manager", waiting.pause_note)
        for job in free | begun:
            self.assertFalse(job.paused_channel_id or job.pause_note)
        self.shop.resume()
        waiting.invalidate_recordset()
        self.assertFalse(waiting.paused_channel_id or waiting.pause_note)

    def test_the_jobs_of_a_channel_and_of_those_below_are_counted(self):
        for state in (State.PENDING, State.PENDING, State.ENQUEUED, State.STARTED):
            self.make_job(state, channel="root.shop")
        self.make_job(State.DONE, channel="root.shop")
        self.make_job(channel="root.shop.export")
        self.assertEqual((self.shop.waiting_count, self.shop.running_count), (3, 2))
        self.assertEqual((self.export.waiting_count, self.export.running_count), (1, 0))
        self.assertEqual(
            (self.shop.waiting_shown, self.export.waiting_shown), ("3", "1")
        )

    def test_of_very_many_jobs_it_is_shown_that_there_are_more(self):
        for _number in range(3):
            self.make_job(channel="root.shop.export")
        with patch.multiple(queue_job_dashboard, _MOST_INDEXED=2, _MOST_READ=2):
            self.assertEqual(self.export.waiting_shown, "2+")
            self.assertEqual(self.shop.waiting_shown, "2+")
        self.export.invalidate_recordset()
        self.assertEqual(self.export.waiting_shown, "3")

    def test_of_very_many_channels_those_that_are_shown_are_looked_at(self):
        for name in ("root.a", "root.b", "root.c", "root.shop", "root.shop.export"):
            self.make_job(channel=name)
        with patch.object(queue_job_dashboard, "_MOST_CHANNELS", 2):
            shown = (self.shop | self.export).mapped("waiting_shown")
        self.assertEqual(shown, ["2+", "1+"])

    def test_what_the_server_allows_is_shown_as_configured(self):
        self.configure("root:4,shop:2:throttle=3,shop.export:1:sequential")
        self.assertEqual(self.shop.parent_id.server_capacity, "4")
        self.assertEqual(self.shop.server_capacity, "2:throttle=3")
        self.assertEqual(self.export.server_capacity, "1:sequential")

    def test_nothing_is_shown_of_what_is_not_configured_or_malformed(self):
        self.configure(None)
        self.assertEqual(self.shop.parent_id.server_capacity, "1")
        self.assertFalse(self.shop.server_capacity)
        self.configure("root:many")
        self.shop.invalidate_model()
        self.assertFalse(self.shop.parent_id.server_capacity)
