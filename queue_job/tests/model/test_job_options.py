# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
from datetime import datetime, timedelta

from odoo.exceptions import ValidationError

from odoo.addons.queue_job.job import Job

from .case import WORKER_LOGGER, JobCase


def export_it(self, text=None):
    """Export the partner"""


class TestJobOptions(JobCase):
    """A wrong option fails the delaying call, and says which and what it may be."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def delay_with(self, **options):
        return self.partner.with_delay(**options).export_it()

    def test_options_of_every_kind_are_taken(self):
        for options in (
            {"priority": -5, "max_retries": 0},
            {"eta": datetime(2030, 1, 1), "channel": "root.export"},
            {"eta": timedelta(hours=1), "identity_key": "one"},
            {"eta": "2030-01-01 10:00:00", "description": "Export"},
            {"eta": 60},
        ):
            with self.subTest(options):
                self.assertEqual(len(self.delay_with(**options).db_record()), 1)

    def test_a_wrong_option_is_named_with_its_cure(self):
        for name, value, error, cure in (
            ("priority", "high", TypeError, "whole number"),
            ("priority", 1.5, TypeError, "whole number"),
            ("priority", 10**12, ValueError, "2147483647"),
            ("max_retries", "x", TypeError, "0 means endless"),
            ("max_retries", -1, ValueError, "0 means endless"),
            ("channel", 5, TypeError, "text"),
            ("description", 5, TypeError, "text"),
            ("identity_key", lambda job: 5, TypeError, "text"),
            ("eta", 1.5, TypeError, "whole seconds"),
            ("eta", "tomorrow", ValueError, "whole seconds"),
            ("eta", 10**20, ValueError, "before the year 10000"),
            ("eta", timedelta(days=99_999_999), ValueError, "before the year 10000"),
            ("identity_key", "ż" * 1_500, ValueError, "at most 2600 bytes"),
            ("identity_key", lambda job: "k" * 3_000, ValueError, "at most 2600 bytes"),
        ):
            with self.subTest(name, value=value):
                before = self.env["queue.job"].search_count([])
                with self.assertRaisesRegex(error, cure) as raised:
                    self.delay_with(**{name: value})
                self.assertIn(name, str(raised.exception))
                self.assertIn("<res.partner>.export_it", str(raised.exception))
                self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_a_key_of_the_greatest_length_is_stored(self):
        key = "".join(hashlib.sha512(str(n).encode()).hexdigest() for n in range(21))
        record = self.delay_with(identity_key=key[:2_600]).db_record()
        self.assertEqual(record.identity_key, key[:2_600])

    def test_numbers_that_people_write_have_bounds(self):
        record = self.delay_with().db_record()
        for name in ("priority", "max_retries"):
            for value in (10**12, -(10**12), str(10**12)):
                with self.subTest(name, value=value):
                    with self.assertRaisesRegex(ValidationError, "2147483647"):
                        record.write({name: value})

    def test_a_call_is_described_in_bounds(self):
        delayed = self.partner.with_delay(description="d" * 5_000).export_it(
            "x" * 90_000
        )
        record = delayed.db_record()
        self.assertEqual(len(record.name), 1_000)
        self.assertEqual(len(record.func_string), 10_000)
        self.assertRegex(record.name, r"d… \(4,\d{3} more characters\)$")
        self.assertRegex(record.func_string, r"x… \(80,\d{3} more characters\)$")
        self.assertEqual(Job.load(self.env, delayed.uuid).args, ("x" * 90_000,))

    def test_what_became_of_it_is_told_in_bounds(self):
        def export_too_much(self):
            raise ValueError("m" * 3_000_000)

        delayed = self.delay(export_too_much)
        with self.assertLogs(WORKER_LOGGER, "ERROR"):
            self.run_job(delayed)
        record = delayed.db_record()
        self.assertEqual(record.state, "failed")
        self.assertEqual(len(record.exc_message), 10_000)
        self.assertRegex(record.exc_message, r"m… \(2,990,\d{3} more characters\)$")
        self.assertEqual(len(record.exc_info), 1_000_000)
        self.assertRegex(record.exc_info, r"^Traceback[^…]*… \(2,000,\d{3} more")
        attempt = record.attempt_ids
        self.assertEqual(len(attempt.exc_message), 10_000)
        self.assertEqual(len(attempt.exc_info), 1_000_000)

    def test_a_result_has_bounds(self):
        def export_much(self):
            return "r" * 3_000_000

        delayed = self.delay(export_much)
        self.run_job(delayed)
        record = delayed.db_record()
        self.assertEqual(record.state, "done")
        self.assertEqual(len(record.result), 1_000_000)
        self.assertRegex(record.result, r"r… \(2,000,\d{3} more characters\)$")
