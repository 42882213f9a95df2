# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lock keys: as code or a manager says them, as they are stored."""

import os
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.queue_job import config
from odoo.addons.queue_job.core.explanation.reason import Kind
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.job import Job, job
from odoo.addons.queue_job.tests.common import trap_jobs

from .case import JobCase
from .test_explanation import ExplanationCase


def export_it(self, text=None, partner=None):
    """Export the partner"""


@tagged("post_install", "-at_install")
class TestLockKeys(JobCase):
    def stored(self, *args, options=None, records=None, **kwargs):
        records = self.partner if records is None else records
        return records.with_delay(**(options or {})).export_it(*args, **kwargs)

    def test_without_a_key_nothing_is_stored(self):
        self.put_job(export_it)
        record = self.stored().db_record()
        self.env.cr.execute(
            "SELECT lock_key, lock_limit, lane FROM queue_job WHERE id = %s",
            [record.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(None, None, None)])

    def test_a_text_names_ids_and_arguments(self):
        self.put_job(export_it, lock_key="{self.id}-{company.id}-{user.id}-{text}")
        delayed = self.stored("x")
        parts = (self.partner.id, self.env.company.id, self.env.uid)
        expected = "-".join([*map(str, parts), "x"])
        self.assertEqual(delayed.db_record().lock_key, expected)
        self.assertEqual(delayed.db_record().lock_limit, 1)
        self.assertEqual(delayed.db_record().lane, f"key={expected}")

    def test_records_of_fields_and_arguments_are_followed(self):
        self.put_job(export_it, lock_key="{{{partner.id}}} {self.child_ids.ids}")
        child = self.partners[1]
        child.parent_id = self.partner
        record = self.stored(partner=child).db_record()
        self.assertEqual(record.lock_key, f"{{{child.id}}} {child.id}")

    def test_a_function_gets_what_the_method_gets(self):
        self.put_job(
            export_it,
            lock_key=lambda self, text=None: text and f"{self.name} {text}",
            lock_limit=3,
        )
        record = self.stored("x").db_record()
        self.assertEqual((record.lock_key, record.lock_limit), ("A x", 3))
        record = self.stored().db_record()
        self.assertFalse(record.lock_key or record.lock_limit or record.lane)

    def test_the_delaying_call_says_otherwise(self):
        self.put_job(export_it, lock_key="declared", lock_limit=2)
        for options, expected in (
            ({}, ("declared", 2)),
            ({"lock_key": "{self.id}"}, (str(self.partner.id), 2)),
            ({"lock_limit": 5}, ("declared", 5)),
            ({"lock_key": ""}, (False, 0)),
        ):
            with self.subTest(options):
                record = self.stored(options=options).db_record()
                self.assertEqual((record.lock_key, record.lock_limit), expected)

    def test_a_manager_says_otherwise(self):
        self.put_job(export_it, lock_key="declared")
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it"}
        )
        self.assertEqual(self.stored().lock_key, "declared")
        function.write({"lock_key": "partner-{self.id}", "lock_limit": 4})
        record = self.stored().db_record()
        expected = (f"partner-{self.partner.id}", 4)
        self.assertEqual((record.lock_key, record.lock_limit), expected)

    def test_a_manager_reads_no_other_values_by_a_key(self):
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it"}
        )
        self.put_job(export_it)
        for key, words in (
            ("{self.name}", "does not end with .id"),
            ("{self.env.id}", "no field with records"),
            ("{self.user_ids.password}", "does not end with .id"),
        ):
            with self.subTest(key):
                function.lock_key = key
                with self.assertRaisesRegex(ValueError, words):
                    self.stored()
        for key in ("{self.__class__.id}", "{self[0]}", "{0}", "a { b", "{text!r}"):
            with self.subTest(key), self.assertRaises(ValidationError):
                function.lock_key = key
        with self.assertRaises(ValidationError):
            function.lock_limit = -1

    def test_what_is_wrong_is_named_with_its_cure(self):
        self.put_job(export_it)
        for options, args, words in (
            ({"lock_key": 5}, (), "give a text"),
            ({"lock_key": lambda self: 5}, (), "has to return text"),
            ({"lock_key": "{other}"}, (), "there is no 'other'; there are self"),
            ({"lock_key": "{text}"}, ([1],), "neither text nor a number"),
            ({"lock_key": "k" * 3_000}, (), "at most 2600 bytes"),
            ({"lock_key": "k", "lock_limit": 0}, (), "1 or more"),
            ({"lock_key": "k", "lock_limit": "2"}, (), "a whole number"),
            ({"lock_limit": 2}, (), "give the lock_key"),
        ):
            with self.subTest(options):
                with self.assertRaisesRegex((TypeError, ValueError), words) as raised:
                    self.stored(*args, options=options)
                self.assertIn("<res.partner>.export_it", str(raised.exception))
        with self.assertRaisesRegex(ValueError, "write .ids"):
            self.stored(records=self.partners, options={"lock_key": "{self.id}"})

    def test_a_wrong_declaration_is_refused_where_it_is_made(self):
        for options in (
            {"lock_key": 5}, {"lock_limit": 2}, {"lock_key": "k", "lock_limit": 0},
            {"lock_key": "k", "lock_limit": True},
        ):  # fmt: skip
            with self.subTest(options), self.assertRaisesRegex(TypeError, "@job on"):
                job(lambda self: None, **options)

    def test_each_slice_has_a_key_of_its_own(self):
        self.put_job(export_it, lock_key="{self.id}")
        keys = [j.lock_key for j in self.partners.with_delay_each().export_it()]
        self.assertEqual(keys, [str(partner_id) for partner_id in self.partners.ids])

    def test_a_job_that_is_loaded_has_the_key_as_it_was_made(self):
        self.put_job(export_it)
        delayed = self.stored(options={"lock_key": "{{self.id}}", "lock_limit": 2})
        loaded = Job.load(self.env, delayed.uuid)
        self.assertEqual((loaded.lock_key, loaded.lock_limit), ("{self.id}", 2))

    def test_jobs_are_trapped_with_their_keys(self):
        self.put_job(export_it)
        with trap_jobs() as trap:
            self.stored(options={"lock_key": "k-{self.id}"})
            [trapped] = trap.enqueued_jobs
        self.assertEqual(trapped.lock_key, f"k-{self.partner.id}")

    def test_a_channel_that_tells_companies_apart_has_lanes(self):
        self.addCleanup(config.forget)
        self.put_job(export_it)
        channels = "root:4,root.api:4:per=company:2"
        with patch.dict(os.environ, ODOO_QUEUE_JOB_CHANNELS=channels):
            config.forget()
            record = self.stored(options={"channel": "root.api.x"}).db_record()
            other = self.stored().db_record()
        self.assertEqual(record.lane, f"company={self.env.company.id}")
        self.assertFalse(other.lane)


@tagged("post_install", "-at_install")
class TestLockKeyExplanation(ExplanationCase):
    def test_the_job_of_its_lock_key_that_runs_is_named(self):
        key = {"lock_key": "k", "lane": "key=k", "lock_limit": 1}
        running = self.make_job(State.STARTED, **key)
        waiting = self.make_job(**key)
        words = ("lock key k", f"#{running.id}")
        self.assert_told(waiting, Kind.KEY, *words, culprit=running)
        self.assert_told(self.make_job(), Kind.NEXT)

    def test_a_fair_channel_says_that_companies_take_turns(self):
        self.configure("root:9,root.api:1:fair=company")
        running = self.make_job(State.STARTED, channel="root.api")
        for _number in range(3):
            waiting = self.make_job(channel="root.api")
        running_words = ("root.api", "companies take turns", f"#{running.id}")
        self.assert_told(waiting, Kind.TURN, *running_words, culprit=running)

    def test_the_company_that_has_its_jobs_running_is_named(self):
        self.configure("root:9,root.api:9:per=company:1")
        company = {"channel": "root.api", "company_id": self.env.company.id}
        running = self.make_job(State.STARTED, **company)
        waiting = self.make_job(**company)
        words = (self.env.company.display_name, "root.api", f"#{running.id}")
        self.assert_told(waiting, Kind.PER, *words, culprit=running)
