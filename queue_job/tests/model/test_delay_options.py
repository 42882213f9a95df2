# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import inspect
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo.exceptions import ValidationError

from odoo.addons.queue_job import delay, delay_many
from odoo.addons.queue_job.delaying import call as call_module
from odoo.addons.queue_job.delaying.delay_options import RULES
from odoo.addons.queue_job.delaying.identity import Identity
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.models.base import Base

from .case import WORKER_LOGGER, JobCase

#: Moments whose years UTC does not know.
LAST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))
FIRST = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))


def export_it(self, text=None):
    """Export the partner"""


ALL_GIVEN = {
    "priority": 3,
    "eta": datetime(2040, 1, 2, 3, 4, 5),
    "max_retries": 0,
    "description": "Said",
    "channel": "root.said",
    "identity_key": "key",
    "lock_key": "lock",
    "lock_limit": 2,
    "expires": datetime(2041, 1, 2, 3, 4, 5),
    "timeout": 60,
}


class TestOneSetOfOptions(JobCase):
    """What delays takes the same options, by name and by position."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def ways(self, *given, **options):
        """Delay the method in each way there is; yield its name and the row."""
        partner = self.partner
        yield "with_delay", partner.with_delay(*given, **options).export_it()
        each = partner.with_delay_each(1, *given, **options)
        yield "with_delay_each", each.export_it()[0]
        many = partner.delay_many("export_it", [()], *given, **options)
        yield "delay_many", many[0]
        prepared = partner.delayable(*given, **options).export_it()
        prepared.delay()
        yield "delayable", prepared._generated_job
        method = partner.export_it
        yield "enqueue", Job.enqueue(method, None, None, *given, **options)

    def test_each_way_stores_all_of_them(self):
        self.assertEqual(list(ALL_GIVEN), list(RULES))
        for given, options in (((), ALL_GIVEN), (ALL_GIVEN.values(), {})):
            for way, delayed in self.ways(*given, **options):
                with self.subTest(way, by_name=bool(options)):
                    record = delayed.db_record()
                    self.assertEqual(
                        (record.priority, record.eta, record.max_retries),
                        (3, ALL_GIVEN["eta"], 0),
                    )
                    self.assertEqual(
                        (record.name, record.channel, record.identity_key),
                        ("Said", "root.said", "key"),
                    )
                    self.assertEqual(record.expires_at, ALL_GIVEN["expires"])
                    self.assertEqual(record.timeout, 60)
                record.button_cancelled()  # the key is free again

    def test_a_job_takes_its_uuid_among_them(self):
        priority, eta, *others = ALL_GIVEN.values()
        new = Job(self.partner.export_it, (), {}, priority, eta, "uuid", *others)
        self.assertEqual(new.uuid, "uuid")
        for name, value in ALL_GIVEN.items():
            self.assertEqual(getattr(new, name), value, name)

    def test_each_signature_shows_them(self):
        for func in (
            Base.with_delay, Base.delayable, Base.with_delay_each, Base.delay_many,
            Job.__init__, Job.enqueue, delay.Delayable.__init__,
            delay.DelayableRecordset.__init__, delay_many.DelayableSlices.__init__,
        ):  # fmt: skip
            with self.subTest(func.__qualname__):
                shown = list(inspect.signature(func).parameters)
                self.assertEqual([name for name in shown if name in RULES], list(RULES))
                self.assertFalse({"given", "options"} & set(shown))

    def test_each_option_is_explained_where_developers_look(self):
        for name in RULES:
            self.assertRegex(Base.with_delay.__doc__, rf":param (\w+ )?{name}: \w")

    def test_a_misspelt_option_is_named_with_the_one_that_is_meant(self):
        for way, call in {
            "with_delay": lambda **o: self.partner.with_delay(**o),
            "delayable": lambda **o: self.partner.delayable(**o),
            "with_delay_each": lambda **o: self.partner.with_delay_each(**o),
            "delay_many": lambda **o: self.partner.delay_many("export_it", [()], **o),
            "Job": lambda **o: Job(self.partner.export_it, **o),
            "enqueue": lambda **o: Job.enqueue(self.partner.export_it, **o),
        }.items():
            with self.subTest(way):
                expected = rf"^{way}\(\) has no option 'priorty' \(is 'priority' meant"
                with self.assertRaisesRegex(TypeError, expected):
                    call(priorty=5)

    def test_the_errors_say_what_there_is(self):
        with self.assertRaisesRegex(TypeError, "'zzz'; there are priority, eta, max"):
            self.partner.with_delay(zzz=5)
        with self.assertRaisesRegex(TypeError, "'priority' twice"):
            self.partner.with_delay(5, priority=5)
        too_many = range(len(RULES) + 1)
        with self.assertRaisesRegex(TypeError, f"{len(too_many)} options by position"):
            self.partner.with_delay(*too_many)
        prepared = self.partner.delayable().export_it()
        with self.assertRaisesRegex(ValueError, "priorty: no property.*there are prio"):
            prepared.set(priorty=5)
        prepared.delay()

    def test_they_are_attributes_that_can_be_set(self):
        delaying = self.partner.with_delay(priority=3)
        delaying.channel = "root.late"
        self.assertEqual((delaying.priority, delaying.channel), (3, "root.late"))
        record = delaying.export_it().db_record()
        self.assertEqual((record.priority, record.channel), (3, "root.late"))

    def test_what_is_called_is_encoded_once(self):
        encode = call_module.storable_text
        for key in ("plain", Identity("merged", on_duplicate="merge")):
            with patch.object(call_module, "storable_text", side_effect=encode) as text:
                self.partner.with_delay(identity_key=key).export_it("much")
            encoded = [asked.args[1] for asked in text.call_args_list]
            self.assertEqual(encoded, ["args", "kwargs"], key)


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
            ("eta", datetime.max, ValueError, "before the year 10000"),
            ("eta", LAST, ValueError, "before the year 10000"),
            ("eta", FIRST, ValueError, "from the year 1 on"),
            ("eta", "9999-12-31T23:59:59-05:00", ValueError, "before the year 10000"),
            ("expires", LAST, ValueError, "before the year 10000"),
            ("expires", datetime.max, ValueError, "before the year 10000"),
            ("priority", 10**5_000, ValueError, "2147483647"),
            ("max_retries", 10**5_000, ValueError, "2147483647"),
            ("timeout", 10**5_000, ValueError, "2147483647"),
            ("channel", "a\0b", ValueError, "without NUL"),
            ("channel", "\ud800", ValueError, "without NUL"),
            ("identity_key", "a\0b", ValueError, "without NUL"),
            ("identity_key", lambda job: "\ud800", ValueError, "without NUL"),
            ("lock_key", "a\0b", ValueError, "without NUL"),
            ("lock_key", lambda partner: "\ud800", ValueError, "without NUL"),
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

    def test_a_wrong_eta_is_named_though_a_key_is_looked_for(self):
        with self.assertRaisesRegex(ValueError, "delayed with eta='tomorrow': give"):
            self.delay_with(eta="tomorrow", identity_key="key")

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
