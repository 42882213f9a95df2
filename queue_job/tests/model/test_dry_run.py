# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job would come to: its work is done for trial, and nothing of it is kept."""

import logging
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.exception import NothingToDoJob
from odoo.addons.queue_job.job import current_job

from .any_state import write_row
from .case import JobCase

_logger = logging.getLogger(__name__)
_sent = []


def change_it(self, name):
    self.name = name
    self.env["res.partner"].create({"name": "Another one"})
    _logger.info("renamed to %s", name)
    current_job(self.env).progress(1, 2)
    current_job(self.env).checkpoint({"page": 1})
    self.env.cr.postcommit.add(lambda: _sent.append("hook"))
    self.with_delay().change_it("later")
    return self.env.uid, self.env.su


def commit_it(self):
    self.name = "committed"
    self.env.cr.commit()  # pylint: disable=invalid-commit


def roll_it_back(self):
    self.env.cr.rollback()


def divide_it(self):
    return 1 / 0


def leave_it(self):
    raise NothingToDoJob("all is well")


def take_long(self):
    self.env.cr.execute("SELECT pg_sleep(600)")


def mail_it(self):
    mail = (
        self.env["mail.mail"]
        .sudo()
        .create({"email_to": "a@example.com", "subject": "x", "body_html": "y"})
    )
    mail.send(raise_exception=True)
    return mail.state


class DryRunCase(JobCase):
    def setUp(self):
        super().setUp()
        for func in (
            change_it, commit_it, roll_it_back, divide_it, leave_it, take_long, mail_it,
        ):  # fmt: skip
            self.put_job(func)
        self.admin = self.env.ref("base.user_admin")
        _sent.clear()

    def delayed(self, name, *args):
        records = self.partner.with_user(self.user)
        return getattr(records.with_delay(), name)(*args).db_record()

    def wizard(self, job, user=None):
        env = self.env(user=user or self.admin, su=False)
        return env["queue.job.dry.run"].create({"job_id": job.id})

    def dry_run(self, job):
        """Return the dialogue after the run. The row of the job has to stay."""
        columns = "SELECT * FROM queue_job ORDER BY id"
        self.env.flush_all()
        self.env.cr.execute(columns)
        before = self.env.cr.fetchall()
        wizard = self.wizard(job)
        wizard.run()
        self.env.flush_all()
        self.env.cr.execute(columns)
        self.assertEqual(self.env.cr.fetchall(), before)
        return wizard


class TestDryRun(DryRunCase):
    def setUp(self):
        super().setUp()
        # the user may change partners
        self.user.group_ids += self.env.ref("base.group_partner_manager")

    def test_the_work_is_done_as_the_user_and_nothing_is_kept(self):
        job = self.delayed("change_it", "New")
        others = self.env["res.partner"].search_count([("name", "=", "Another one")])
        hooks = len(self.env.cr.postcommit)
        wizard = self.dry_run(job)
        self.assertTrue(wizard.is_well, wizard.traceback)
        self.assertEqual(wizard.result, str((self.user.id, False)))
        self.assertGreater(wizard.statements, 1)
        self.assertGreater(wizard.seconds, 0)
        self.assertIn("renamed to New", wizard.log)
        self.assertEqual(self.partner.name, "A")
        found = self.env["res.partner"].search_count([("name", "=", "Another one")])
        self.assertEqual(found, others)
        for model in ("queue.job.progress", "queue.job.checkpoint"):
            self.assertFalse(self.env[model].search([("job_id", "=", job.id)]))
        self.assertEqual(len(self.env.cr.postcommit), hooks)
        self.assertFalse(_sent)

    def test_an_error_is_shown(self):
        wizard = self.dry_run(self.delayed("divide_it"))
        self.assertFalse(wizard.is_well)
        self.assertEqual(wizard.error, "ZeroDivisionError: division by zero")
        self.assertIn("divide_it", wizard.shown_traceback["text"])

    def test_nothing_to_do_is_success(self):
        wizard = self.dry_run(self.delayed("leave_it"))
        self.assertTrue(wizard.is_well)
        self.assertEqual(wizard.result, "all is well")

    def test_a_job_that_ends_its_transaction_is_refused(self):
        before = self.env.cr.commit, self.env.cr.rollback
        for name in ("commit_it", "roll_it_back"):
            wizard = self.dry_run(self.delayed(name))
            with self.subTest(name):
                self.assertIn("cannot be run for trial", wizard.error)
                self.assertEqual(self.partner.name, "A")
        self.assertEqual((self.env.cr.commit, self.env.cr.rollback), before)

    @mute_logger("odoo.sql_db")
    def test_a_statement_that_takes_too_long_is_cancelled(self):
        limit = "odoo.addons.queue_job.worker.dry_run.MOST_SECONDS"
        with patch(limit, 1):
            wizard = self.dry_run(self.delayed("take_long"))
        self.assertIn("QueryCanceled", wizard.error)
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")

    def test_no_mail_is_sent(self):
        servers = self.registry["ir.mail_server"]
        self.put_on(servers, "_disable_send", lambda self: False)
        smtp = patch("smtplib.SMTP", side_effect=AssertionError("a mail is sent"))
        with smtp:
            wizard = self.dry_run(self.delayed("mail_it"))
        self.assertTrue(wizard.is_well, wizard.traceback)
        self.assertEqual(wizard.result, "sent")
        self.assertIn("is not sent", wizard.log)

    def test_a_method_that_is_gone_is_said_to_be(self):
        job = self.delayed("divide_it")
        write_row(job, method_name="there_is_none")
        with self.assertRaisesRegex(UserError, "no method"):
            self.wizard(job).run()

    def test_a_user_who_is_archived_does_no_work(self):
        job = self.delayed("change_it", "New")
        self.user.active = False
        self.assertIn("is archived", self.dry_run(job).error)

    def test_not_while_it_runs(self):
        for state in (State.ENQUEUED, State.STARTED):
            job = self.delayed("change_it", "New")
            write_row(job, state=str(state))
            with self.subTest(state), self.assertRaisesRegex(UserError, "is running"):
                self.wizard(job).run()


class TestWhoRunsDry(DryRunCase):
    def test_neither_managers_nor_administrators_alone(self):
        job = self.delayed("divide_it")
        system = new_test_user(self.env, "system", "base.group_system")
        manager_group = self.env.ref("queue_job.group_queue_job_manager")
        system.group_ids -= manager_group
        self.assertFalse(system.has_group("queue_job.group_queue_job_manager"))
        for user in (self.manager, self.user, system):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.rpc(user, "queue.job", "open_dry_run", job.ids)
                with self.assertRaises(AccessError):
                    self.wizard(job, user).run()
                with self.assertRaises(AccessError):
                    job.with_user(user)._dry_run()

    def test_no_job_of_another_company(self):
        job = self.delayed("divide_it")
        foreign = self.env["res.company"].create({"name": "Foreign"})
        write_row(job, company_id=foreign.id)
        with self.assertRaises(AccessError):
            job.with_user(self.admin).sudo(False)._dry_run()

    def test_what_it_came_to_is_for_whom_it_was_done(self):
        other = new_test_user(
            self.env, "other", "base.group_system,queue_job.group_queue_job_manager"
        )
        wizard = self.wizard(self.delayed("divide_it"))
        with self.assertRaises(AccessError):
            self.rpc(other, wizard._name, "read", wizard.ids, ["result"])

    def test_the_private_door_is_none_for_clients(self):
        job = self.delayed("divide_it")
        with self.assertRaises(AccessError):
            self.rpc(self.admin, "queue.job", "_dry_run", job.ids)

    def test_superuser_mode_of_the_queue_is_not_that_of_the_job(self):
        def tell_rights(self):
            return self.env.uid, self.env.su

        self.put_job(tell_rights)
        wizard = self.wizard(self.delayed("tell_rights"))
        wizard.run()
        self.assertEqual(wizard.result, str((self.user.id, False)))
        self.assertNotEqual(self.user.id, SUPERUSER_ID)
