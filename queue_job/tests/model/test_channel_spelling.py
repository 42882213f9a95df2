# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The channel of a job is stored in one spelling, and within bounds."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase

from odoo.addons.queue_job.core.channels.name import LONGEST, MOST_LEVELS

DEEP = ".".join(["root", *"a" * MOST_LEVELS])
LONG = "root." + "x" * LONGEST


class TestChannelSpelling(TransactionCase):
    def delay(self, channel):
        model = self.env["queue.job"]
        uuid = model.with_delay(channel=channel)._test_job().uuid
        return model.search([("uuid", "=", uuid)])

    def test_a_delaying_call_stores_the_one_spelling(self):
        for spelt in ("s", " root.s", "root..s", "root.s"):
            with self.subTest(spelt=spelt):
                self.assertEqual(self.delay(spelt).channel, "root.s")

    def test_a_delaying_call_refuses_names_without_end(self):
        for name in (DEEP, LONG):
            with self.assertRaisesRegex(ValueError, "delayed: .*at the most"):
                self.delay(name)

    def test_a_manager_writes_the_one_spelling_within_bounds(self):
        job = self.delay("root")
        job.write({"channel": " root..s"})
        self.assertEqual(job.channel, "root.s")
        for name in (DEEP, LONG):
            with self.assertRaisesRegex(UserError, "at the most"):
                job.write({"channel": name})

    def test_a_manager_writes_no_channel_that_is_no_text(self):
        job = self.delay("root")
        for name in (5, 0, 2.5, True, ["a" + ".a" * 1_000], [], {}, 10**400):
            with self.subTest(name=type(name)):
                with self.assertRaisesRegex(UserError, "no name of a channel: give"):
                    job.write({"channel": name})
        self.assertEqual(job.channel, "root")
        for nothing in (False, None, ""):
            job.write({"channel": nothing})
            self.assertFalse(job.channel)

    def test_a_channel_record_has_a_name_within_bounds(self):
        channels = self.env["queue.job.channel"]
        root = self.env.ref("queue_job.channel_root")
        for name in (LONG, ".".join("a" * MOST_LEVELS), "a..b", "a. b"):
            with self.assertRaises(ValidationError):
                channels.create({"name": name, "parent_id": root.id})
