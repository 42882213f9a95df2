# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people write is refused by name where it goes beyond what is stored."""

from datetime import datetime

from odoo.exceptions import ValidationError

from odoo.addons.queue_job.core.states import State

from .any_state import AnyState
from .case import JobCase

NO_NUMBERS = (2**31, -(2**31), str(10**12), 10**5_000, float("inf"), "many", [1])
NO_TEXTS = ("a\0b", "\ud800")
#: They have no moment in UTC, none in other zones, or are none.
NO_MOMENTS = (
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-05:00", "9999-12-31 23:59:59",
    datetime.min, "tomorrow", 5, True, ["2030-01-01"],
)  # fmt: skip


class TestBounds(AnyState, JobCase):
    def assert_refused(self, model, method, *args, label):
        with self.assertRaisesRegex(ValidationError, f"^{label} cannot be"):
            self.rpc(self.manager, model, method, *args)

    def test_numbers_of_a_job(self):
        job = self.make_job()
        for name, label in (
            ("priority", "Priority"),
            ("max_retries", "Max. retries"),
            ("timeout", "Time Limit"),
        ):
            for value in NO_NUMBERS:
                with self.subTest(name, value=type(value)):
                    self.assert_refused(
                        "queue.job", "write", job.ids, {name: value}, label=label + ".*"
                    )
        with self.assertRaisesRegex(ValidationError, "from 0 to 2147483647"):
            job.with_user(self.manager).max_retries = -1

    def test_moments_of_a_job(self):
        job = self.make_job()
        for name, label in (("eta", "Execute only after"), ("expires_at", "Expires")):
            for value in NO_MOMENTS:
                with self.subTest(name, value=value):
                    self.assert_refused(
                        "queue.job", "write", job.ids, {name: value}, label=label
                    )
            job.write({name: "9999-12-29 23:59:59"})
            self.env.flush_all()
            self.assertTrue(self.rpc(self.manager, "queue.job", "read", job.ids))

    def test_texts_of_a_job(self):
        job = self.make_job()
        for text in NO_TEXTS:
            self.assert_refused(
                "queue.job", "write", job.ids, {"channel": text}, label="Channel"
            )

    def test_numbers_of_a_function(self):
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export"}
        )
        for name in ("timeout", "expires", "lock_limit", "chunk_size"):
            for value in NO_NUMBERS:
                others = {"name": "<res.partner>.other", name: value}
                with self.subTest(name, value=type(value)):
                    label = ".*"
                    self.assert_refused(
                        "queue.job.function", "create", others, label=label
                    )
                    self.assert_refused(
                        "queue.job.function", "write", function.ids, {name: value},
                        label=label,
                    )  # fmt: skip

    def test_texts_of_a_function_and_of_a_channel(self):
        root = self.env.ref("queue_job.channel_root")
        for text in NO_TEXTS:
            key = {"name": "<res.partner>.other", "lock_key": text}
            self.assert_refused("queue.job.function", "create", key, label="Lock Key")
            below = {"name": text, "parent_id": root.id}
            self.assert_refused("queue.job.channel", "create", below, label="Name")
            rate = {"rate_limit": text}
            self.assert_refused(
                "queue.job.channel", "write", root.ids, rate, label="Rate Here"
            )

    def test_numbers_and_texts_of_a_dialogue(self):
        model = "queue.jobs.change"
        wizard = self.env[model].with_user(self.manager).create({})
        for value in NO_NUMBERS:
            new = {"priority": value}
            label = "New Priority"
            with self.subTest(value=type(value)):
                self.assert_refused(model, "create", new, label=label)
                self.assert_refused(model, "write", wizard.ids, new, label=label)
        for text in NO_TEXTS:
            self.assert_refused(
                "queue.jobs.stop", "create", {"reason": text}, label="Reason"
            )

    def test_what_is_within_them_is_stored(self):
        job = self.make_job(State.PENDING)
        job.write({"priority": "7", "max_retries": False, "timeout": 2**31 - 1})
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export", "timeout": 2**31 - 1, "expires": 2**31 - 1}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((job.priority, job.max_retries), (7, 0))
        self.assertEqual((function.timeout, function.expires), (2**31 - 1, 2**31 - 1))
