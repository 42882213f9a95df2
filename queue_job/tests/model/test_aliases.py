# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs stored under a former name of their method, or of its model."""

import json
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.queue_job.delaying import decorators
from odoo.addons.queue_job.exception import NotReadableJobError
from odoo.addons.queue_job.job import Job, job

from .case import JobCase, fresh


def old_name(self, text):
    return f"old {text}"


def new_name(self, text):
    return f"new {self.name} {text}"


@tagged("post_install", "-at_install")
class TestAliases(JobCase):
    def setUp(self):
        super().setUp()
        names = patch.object(decorators, "ALIASED_NAMES", set())
        found = names.start()
        self.addCleanup(names.stop)
        self.addCleanup(self.env.registry.clear_cache)
        noted = patch.dict(decorators._NAMES, {"aliases": found})
        noted.start()
        self.addCleanup(noted.stop)
        where = patch("odoo.addons.queue_job.delaying.aliases.ALIASED_NAMES", found)
        where.start()
        self.addCleanup(where.stop)

    def _renamed(self, aliases, func=new_name):
        """Delay the old method, then let it be gone for the new one."""
        self.put_job(old_name)
        delayed = self.partner.with_delay().old_name("text")
        self.env.flush_all()
        delattr(self.registry["res.partner"], "old_name")
        self.addCleanup(setattr, self.registry["res.partner"], "old_name", None)
        self.put_job(func, aliases=aliases)
        self.env.registry.clear_cache()
        return delayed

    def test_a_job_of_the_old_name_runs_the_new_method(self):
        for aliases in ("old_name", ["other", "res.partner.old_name"]):
            with self.subTest(aliases):
                delayed = self._renamed(aliases)
                self.assertEqual(self.run_job(delayed), "done")
                self.assertEqual(delayed.db_record().result, "new A text")

    def test_without_a_declaration_it_fails_and_says_what_is_gone(self):
        delayed = self._renamed(())
        self.run_failing(delayed)
        self.assertIn("old_name", delayed.db_record().exc_message)

    def test_the_records_of_a_model_of_another_name_are_those_of_the_new_one(self):
        self.put_job(new_name, aliases="old.model.old_name")
        self.put_job(old_name)
        delayed = self.partner.with_delay().old_name("text")
        self.env.flush_all()
        records = {"_type": "odoo_recordset", "model": "old.model", "uid": 1,
                   "ids": self.partner.ids, "su": True, "context": {}}  # fmt: skip
        self.env.cr.execute(
            "UPDATE queue_job SET model_name = 'old.model', records = %s"
            " WHERE uuid = %s",
            (json.dumps(records), delayed.uuid),
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        loaded = Job.load(self.env, delayed.uuid)
        self.assertEqual(loaded.recordset, self.partner)
        self.assertEqual(loaded.job_function_name, "<res.partner>.new_name")
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(delayed.db_record().result, "new A text")

    def test_as_long_as_the_old_method_is_there_it_runs(self):
        self.put_job(new_name, aliases="old_name")
        delayed = self.delay(old_name, "text")
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(delayed.db_record().result, "old text")

    def test_where_nothing_is_renamed_nothing_is_looked_up(self):
        delayed = self.delay(old_name, "text")
        functions = type(self.env["queue.job.function"])
        with patch.object(functions, "_aliases", side_effect=AssertionError):
            self.assertEqual(self.run_job(delayed), "done")

    def test_what_a_manager_chose_for_the_old_name_holds_for_the_new_one(self):
        Function = self.env["queue.job.function"]
        chosen = Function.create(
            {"name": "<res.partner>.old_name", "edit_retry_pattern": "{1: 7}"}
        )
        self.put_job(new_name, aliases="old_name")
        Function._register_jobs([("res.partner", "new_name", "root")])
        self.assertEqual(chosen.name, "<res.partner>.new_name")
        config = Function.job_config("<res.partner>.new_name")
        self.assertEqual(config.job_function_id, chosen.id)
        self.assertEqual(config.retry_pattern, {1: 7})

    def test_where_both_have_a_record_each_keeps_its_own(self):
        Function = self.env["queue.job.function"]
        for name in ("old_name", "new_name"):
            Function.create({"name": f"<res.partner>.{name}"})
        self.put_job(new_name, aliases="old_name")
        Function._register_jobs([("res.partner", "new_name", "root")])
        self.assertTrue(Function.search([("name", "=", "<res.partner>.old_name")]))

    def test_what_is_no_name_is_refused(self):
        for wrong in (7, "a b", "a..b", ("x", 1), "x.", {"a": "b"}):
            with self.subTest(wrong), self.assertRaisesRegex(TypeError, "aliases"):
                job(fresh(new_name), aliases=wrong)

    def test_the_doctor_misses_nothing_that_was_renamed(self):
        self._renamed("old_name")
        gone, _unrecorded = self.env["queue.job.doctor"]._functions()
        self.assertNotIn("<res.partner>.old_name", gone)

    def test_a_loaded_job_says_what_is_gone(self):
        delayed = self._renamed(())
        with self.assertRaises(NotReadableJobError):
            Job.load(self.env, delayed.uuid)
