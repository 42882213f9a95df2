# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from unittest.mock import patch

from odoo import api
from odoo.tools import SQL

from odoo.addons.queue_job.models.queue_job import QueueJob

from .case import JobCase

#: Columns in which two jobs of the same call may differ.
OWN = {"id", "uuid", "date_created"}


def export_it(self, *args, **kwargs):
    """Export the partner"""


class TestCreation(JobCase):
    """Rows of new jobs are made past the ORM where its passes have no effect."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.registry.clear_cache()

    def creations(self):
        """Let an add-on watch the creation of jobs; return what it is to see."""
        seen = []

        @api.model_create_multi
        def create(self, vals_list):
            seen.extend(vals_list)
            return super(type(self), self).create(vals_list)

        self.put_on(self.registry["queue.job"], "create", create)
        return seen

    def row(self, delayed):
        self.env.flush_all()
        [row] = self.env.execute_query_dict(
            SQL("SELECT * FROM queue_job WHERE uuid = %s", delayed.uuid)
        )
        return {name: value for name, value in row.items() if name not in OWN}

    def delay_it(self):
        return self.partner.with_delay(
            priority=3, eta=60, description="Töst", identity_key=None
        ).export_it({"a": [1, None, "ü"]}, partner=self.partners)

    def test_nobody_asks_the_orm_in_a_plain_database(self):
        with patch.object(QueueJob, "create", autospec=True) as create:
            create.__module__ = QueueJob.__module__
            self.delay_it()
        create.assert_not_called()

    def test_the_row_says_what_one_made_by_the_orm_says(self):
        plain = self.row(self.delay_it())
        seen = self.creations()
        by_orm = self.row(self.delay_it())
        self.assertEqual(len(seen), 1)
        self.assertEqual(plain.pop("eta").year, by_orm.pop("eta").year)
        self.assertEqual(
            {name: value or None for name, value in plain.items()},
            {name: value or None for name, value in by_orm.items()},
        )
        self.assertEqual(plain["attempt"], 0)
        self.assertEqual(plain["retry"], 0)

    def test_an_add_on_that_overrides_create_sees_all(self):
        seen = self.creations()
        jobs = self.partners.with_delay_each().export_it(1)
        self.assertEqual([vals["uuid"] for vals in seen], [job.uuid for job in jobs])
        self.assertEqual([vals["args"] for vals in seen], [(1,), (1,)])

    def test_an_add_on_that_overrides_the_creation_of_all_records_sees_all(self):
        seen = []

        @api.model_create_multi
        def create(self, vals_list):
            seen.append(self._name)
            return super(type(self), self).create(vals_list)

        base = self.registry["base"]
        with patch.object(base, "create", create, create=True):
            self.registry.clear_cache()
            with patch.object(type(self.env["queue.job"]), "_insert_jobs_by_orm",
                              autospec=True, return_value=[1]) as by_orm:  # fmt: skip
                self.delay_it()
        self.registry.clear_cache()
        by_orm.assert_called_once()

    def test_further_values_of_the_model_are_stored(self):
        self.put_on(
            self.registry["res.partner"],
            "_job_store_values",
            lambda self, job: {"exc_name": "said by the model", "priority": 99},
        )
        record = self.delay_it().db_record()
        self.assertEqual(record.priority, 3)
        self.assertFalse(record.exc_name)

    def test_a_field_with_a_default_that_is_not_given_leaves_it_to_the_orm(self):
        model = self.env["queue.job"]
        names = frozenset({"uuid", "state", "priority", "channel", "attempt"})
        self.assertTrue(model._needs_no_more_than(names))
        self.assertFalse(model._needs_no_more_than(names - {"channel"}))
        self.assertFalse(model._needs_no_more_than(names | {"attempt_ids"}))
        self.assertFalse(model._needs_no_more_than(names | {"no_field"}))

    def test_defaults_that_people_set_are_left_to_the_orm(self):
        model = self.env["queue.job"]
        names = frozenset({"uuid", "state", "priority", "channel", "attempt"})
        self.env["ir.default"].set("queue.job", "priority", 7)
        self.assertTrue(model._needs_no_more_than(names))
        self.env["ir.default"].set("queue.job", "result", "by default")
        self.assertTrue(model._needs_no_more_than(names))  # as code says
        self.env["ir.default"].set("queue.job", "max_retries", 7)
        self.assertFalse(model._needs_no_more_than(names))
        self.assertEqual(self.delay_it().priority, 3)

    def test_a_search_in_the_same_transaction_finds_the_job(self):
        model = self.env["queue.job"].sudo()
        before = model.search_count([("method_name", "=", "export_it")])
        delayed = self.delay_it()
        after = model.search([("method_name", "=", "export_it")])
        self.assertEqual(len(after), before + 1)
        self.assertIn(delayed.db_record(), after)
        self.assertEqual(delayed.row_id, delayed.db_record().id)
        self.assertEqual(delayed.db_record().args, [{"a": [1, None, "ü"]}])

    def test_storing_again_updates_the_row(self):
        delayed = self.delay_it()
        delayed.priority = 8
        delayed.store()
        self.assertEqual(delayed.db_record().priority, 8)

    def test_the_birth_of_a_job_leaves_no_message(self):
        record = self.delay_it().db_record()
        self.assertFalse(record.message_ids)
        self.assertFalse(record.message_follower_ids)

    def test_text_that_postgresql_has_not_is_refused(self):
        with self.assertRaisesRegex(TypeError, "kwargs"):
            self.partner.with_delay().export_it(text="a\x00b")
        with self.assertRaisesRegex(TypeError, "args"):
            self.partner.with_delay().export_it("\ud800")

    def test_texts_that_look_bad_and_are_not_are_stored(self):
        for text in ('"_type"', "\\u0000", "😀"):
            delayed = self.partner.with_delay().export_it(text)
            self.assertEqual(json.loads(json.dumps(delayed.db_record().args)), [text])
