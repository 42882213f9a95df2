# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A manager says how the jobs of his database begin, rise and wait for each other."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job.core.channels.config import parse
from odoo.addons.queue_job.core.channels.own_rules import OwnRules
from odoo.addons.queue_job.core.channels.rate import Rate
from odoo.addons.queue_job.core.channels.shares import Per
from odoo.addons.queue_job.core.explanation.reason import Kind
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import own_rules

from .test_explanation import ExplanationCase


def export_it(self):
    """Export the partner"""


@tagged("post_install", "-at_install")
class TestChannelRules(ExplanationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        find = cls.env["queue.job.function"]._find_or_create_channel
        cls.shop = find("root.shop").with_user(cls.manager)

    def said(self):
        """What the runner reads."""
        self.env.flush_all()
        return own_rules.read(self.env.cr)

    def test_the_runner_reads_what_the_manager_says(self):
        self.assertEqual(self.said(), {})
        self.shop.rate_limit = "100/60"
        self.assertEqual(self.said(), {"root.shop": OwnRules(Rate(100, 60, 100))})
        self.shop.write({"rate_limit": "9/3:burst=2", "aging_limit": 600})
        self.assertEqual(self.said(), {"root.shop": OwnRules(Rate(9, 3, 2), 600)})
        self.shop.write({"rate_limit": False, "aging_limit": 0})
        self.assertEqual(self.said(), {})

    def test_what_was_written_past_the_menu_and_is_no_rate_is_left_out(self):
        self.env.cr.execute(
            "UPDATE queue_job_channel SET rate_limit = 'fast' WHERE id = %s",
            (self.shop.id,),
        )
        self.assertEqual(self.said(), {})

    def test_what_is_no_rate_is_refused_with_the_cure(self):
        for text in ("fast", "100", "0/60", "1/0", "1/2:burst=0", "1/2:3"):
            with (
                self.subTest(text),
                self.assertRaisesRegex(ValidationError, "write 100/60"),
            ):
                self.shop.rate_limit = text
        with self.assertRaisesRegex(ValidationError, "less than 0 seconds"):
            self.shop.aging_limit = -1

    def test_only_managers_say_it(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.user).rate_limit = "1/60"

    def test_who_said_it_stands_in_the_chatter(self):
        self.env.cr.precommit.run()
        self.shop.rate_limit = "100/60"
        self.env.flush_all()
        self.env.cr.precommit.run()
        [value] = self.shop.message_ids.sudo().tracking_value_ids
        self.assertEqual(value.new_value_char, "100/60")
        self.assertEqual(value.mail_message_id.author_id, self.manager.partner_id)

    def test_a_job_that_waits_for_it_says_so(self):
        self.shop.rate_limit = "1/600"
        now = self.later()
        begun = {"date_started": now, "date_enqueued": now, "date_done": now}
        self.make_job(State.DONE, channel="root.shop.export", **begun)
        job = self.make_job(channel="root.shop")
        reason = job._reason()
        self.assertEqual((reason.kind, reason.channel), (Kind.RESTS, "root.shop"))

    def test_the_runner_reads_whose_jobs_wait_for_each_other(self):
        self.shop.write({"per_kind": "company", "per_limit": 2, "capacity_limit": 4})
        self.shop.fair_kind = "user"
        own = OwnRules(per=Per("company", 2), fair="user")
        self.assertEqual(self.said(), {"root.shop": own})
        self.shop.write({"per_kind": False, "fair_kind": False})
        self.assertEqual(self.said(), {})

    def test_it_is_shown_in_the_words_of_the_configuration(self):
        self.assertFalse(self.shop.own_rules)
        self.shop.write({"rate_limit": "9/3:burst=2", "aging_limit": 600})
        self.shop.write({"per_kind": "company", "per_limit": 2, "fair_kind": "key"})
        said = "rate=9/3:burst=2:per=company:2:fair=key:aging=600"
        self.assertEqual(self.shop.own_rules, said)
        [entry] = parse(f"root.shop:1:{said}")
        self.assertEqual((entry.per, entry.fair), (Per("company", 2), "key"))

    def test_a_new_job_stands_in_the_lane_that_is_told_apart(self):
        self.assertFalse(self.lane_below())
        self.shop.write({"per_kind": "user", "capacity_limit": 3, "fair_kind": "key"})
        self.assertEqual(self.lane_below(), f"user={self.env.uid}")
        self.shop.write({"per_kind": False, "fair_kind": False})
        self.assertFalse(self.lane_below())

    def lane_below(self):
        options = {"channel": "root.shop.export"}
        return self.delay(export_it, options=options).db_record().lane

    def test_what_would_be_looser_than_the_server_says_is_refused(self):
        self.configure("root:9,root.shop:4:rate=10/60:burst=5:per=company:2")
        for rate in ("11/60:burst=5", "10/60"):
            with (
                self.subTest(rate),
                self.assertRaisesRegex(ValidationError, "at 10/60:burst=5 at"),
            ):
                self.shop.rate_limit = rate
        with self.assertRaisesRegex(ValidationError, "per=company:3"):
            self.shop.write({"per_kind": "company", "per_limit": 3})
        self.shop.write({"per_kind": "company", "per_limit": 1})
        self.shop.write({"per_kind": "user", "per_limit": 9})
        self.shop.rate_limit = "1/6:burst=5"

    def test_a_number_for_each_is_one_at_least(self):
        with self.assertRaisesRegex(ValidationError, "pause channel root.shop"):
            self.shop.write({"per_kind": "company", "per_limit": 0})

    def test_nobody_takes_turns_where_no_job_waits(self):
        with self.assertRaisesRegex(ValidationError, "Give it a maximum here"):
            self.shop.fair_kind = "company"
        self.shop.write({"fair_kind": "company", "capacity_limit": 2})
        with self.assertRaisesRegex(ValidationError, "Give it a maximum here"):
            self.shop.capacity_limit = 0
        self.configure("root:4,root.shop:1:sequential")
        with self.assertRaisesRegex(ValidationError, "in one order"):
            self.shop.fair_kind = "user"

    def test_a_job_that_waits_for_one_of_its_company_says_so(self):
        self.shop.write({"per_kind": "company", "per_limit": 1})
        company = {"company_id": self.env.company.id, "channel": "root.shop"}
        running = self.make_job(State.ENQUEUED, **company)
        job = self.make_job(**company)
        reason = job._reason()
        self.assertEqual((reason.kind, reason.channel), (Kind.PER, "root.shop"))
        self.assertEqual(reason.jobs, tuple(running.ids))
