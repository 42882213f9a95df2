# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls delayed in SQL: which methods may be, and that the job is the same call."""

import json

import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.delaying.delay_options import DEFAULT_PRIORITY
from odoo.addons.queue_job.job import Job, job
from odoo.addons.queue_job.models.base import _methods_for_sql
from odoo.addons.queue_job.store import delay_in_sql

from .case import JobCase, fresh

NAME = "<res.partner>.greet"


def greet(self, text, mark="!"):
    """Greet the partners"""
    self.env.user.check_access("read")
    return f"{self.env.user.login}: {text} {self.mapped('name')}{mark}"


@tagged("post_install", "-at_install")
class TestDelayInSQL(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(greet, sql=True)
        functions = self.env["queue.job.function"]
        functions._register_jobs([("res.partner", "greet", "root")])
        self.function = functions.search([("name", "=", NAME)])
        self.declared = _methods_for_sql(self.env, functions)
        functions._register_sql(self.declared)

    def _delay(self, args, kwargs, user):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT queue_job_delay('res.partner', 'greet', %s, %s, %s, %s)",
            (self.partners.ids, user.id, json.dumps(args), json.dumps(kwargs)),
        )
        uuid = self.env.cr.fetchone()[0]
        return self.env["queue.job"].search([("uuid", "=", uuid)])

    def test_what_the_code_declares_is_noted(self):
        self.assertIn(NAME, self.declared)
        self.assertTrue(self.function.is_sql_allowed)
        self.env["queue.job.function"]._register_sql([])
        self.assertFalse(self.function.is_sql_allowed)

    def test_the_row_is_that_of_a_delaying_call(self):
        made = self._delay(["Hello"], {"mark": "?"}, self.user)
        partner = self.user.partner_id
        context = {"allowed_company_ids": [self.user.company_id.id]}
        for name in ("lang", "tz"):
            if partner[name]:
                context[name] = partner[name]
        env = self.env(user=self.user, context=context, su=False)
        same = self.partners.with_env(env).with_delay().greet("Hello", mark="?")
        known = same.db_record()
        self.env.flush_all()
        columns = (
            "state", "retry", "attempt", "max_retries", "priority", "channel",
            "model_name", "method_name", "channel_method_name", "job_function_id",
            "user_id", "company_id", "records", "args", "kwargs",
        )  # fmt: skip
        rows = []
        for record in (made, known):
            self.env.cr.execute(
                f"SELECT {', '.join(columns)} FROM queue_job WHERE id = %s",
                (record.id,),
            )
            rows.append(dict(zip(columns, self.env.cr.fetchone(), strict=True)))
        self.assertEqual(*rows)

    def test_the_job_runs_as_its_user(self):
        made = self._delay(["Hello"], {}, self.user)

        self.assertEqual(self.run_job(Job.load(self.env, made.uuid)), "done")
        self.assertEqual(made.result, "somebody: Hello ['A', 'B']!")

    def test_nobody_but_code_says_which(self):
        values = {"name": "<res.users>.unlink", "is_sql_allowed": True}
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "queue.job.function", "create", [values])
        with self.assertRaises(AccessError):
            self.function.with_user(self.manager).write({"is_sql_allowed": True})
        context = {"default_is_sql_allowed": True}
        made = self.function.with_user(self.manager).with_context(**context)
        made = made.create({"name": "<res.users>.unlink"})
        self.assertFalse(made.is_sql_allowed)

    def test_a_record_that_becomes_that_of_another_method_has_it_no_more(self):
        self.function.with_user(self.manager).name = "<res.users>.unlink"
        self.assertFalse(self.function.is_sql_allowed)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.InsufficientPrivilege),
            self.env.cr.savepoint(),
        ):
            self._delay(["Hello"], {}, self.user)

    def test_python_and_sql_have_the_same_defaults(self):
        self.assertEqual(delay_in_sql.DEFAULT_PRIORITY, DEFAULT_PRIORITY)

    def test_what_sql_cannot_keep_is_refused_where_it_is_declared(self):
        for option in ({"encrypted": True}, {"lock_key": "partner-{self.id}"}):
            [name] = option
            with self.assertRaisesRegex(TypeError, f"{name} does not go with sql=True"):
                job(greet, sql=True, **option)
            job(fresh(greet), sql=False, **option)

    def test_the_option_is_true_or_false(self):
        for wrong in (1, "yes"):
            with self.assertRaisesRegex(TypeError, "sql"):
                job(greet, sql=wrong)
