from datetime import datetime, timedelta

from .case import JobCase


def export_it(self):
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
        ):
            with self.subTest(name, value=value):
                before = self.env["queue.job"].search_count([])
                with self.assertRaisesRegex(error, cure) as raised:
                    self.delay_with(**{name: value})
                self.assertIn(name, str(raised.exception))
                self.assertIn("<res.partner>.export_it", str(raised.exception))
                self.assertEqual(self.env["queue.job"].search_count([]), before)
