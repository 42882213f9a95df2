# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each way in which a method can write is told the same user, company and language in a
job as in the direct call of a client."""

import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.queue_job.tests.common import JobMixin

from .case import WORKER_LOGGER, JobCase


def write_it(self):
    self.name = "written"


def write_in_savepoint(self):
    with self.env.cr.savepoint():
        self.name = "written"


def write_what_is_found(self):
    found = self.search([("id", "in", self.ids)])
    found.name = "written"


def write_under_sudo(self):
    self.sudo().name = "written"


def write_with_user(self):
    self.with_user(self.env.ref("base.user_admin")).name = "written"


def write_and_flush(self):
    self.name = "written"
    self.flush_recordset()


def write_in_an_empty_context(self):
    self.with_context({}).name = "written"


def create_another(self):
    self.sudo().create({"name": "another"})


def write_on_another_model(self):
    self.env.user.sudo().partner_id.name = "written"


def raise_it(self):
    self.name = "half done"
    self.flush_recordset()
    raise ValueError("no")


def thread_uid():
    return getattr(threading.current_thread(), "uid", None)


WAYS = (
    write_it, write_in_savepoint, write_what_is_found, write_under_sudo,
    write_with_user,
    write_and_flush, write_in_an_empty_context, create_another, write_on_another_model,
)  # fmt: skip


class WaysCase(JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        cls.writer = new_test_user(
            cls.env, "writer", "base.group_user,base.group_partner_manager"
        )
        for user in (cls.writer, cls.env.ref("base.user_admin")):
            user.company_ids += cls.other_company
        cls.portal = new_test_user(cls.env, "portal", "base.group_portal")

    def setUp(self):
        super().setUp()
        self.seen = []
        self._witness("_compute_complete_name")

    def _witness(self, compute):
        seen, compute_it = self.seen, getattr(self.registry["res.partner"], compute)

        def look(self):
            env, default = self.env, self.env.transaction.default_env
            seen.append(
                {
                    "user": env.user.login,
                    "su": env.su,
                    "language": env.lang,
                    "company": env.company,
                    "default user": default.uid,
                    "default su": default.su,
                    "default language": default.lang,
                    "default company": default.company,
                    "thread": thread_uid(),
                }
            )
            return compute_it(self)

        self.put_on(self.registry["res.partner"], compute, look)

    @contextmanager
    def _answers(self):
        """What was asked within the block."""
        self.env.flush_all()
        self.seen.clear()
        answers = []
        yield answers
        answers += self.seen

    def _directly(self, records, method):
        """What a client's call sees, from its beginning to its commit."""
        env, thread = records.env(su=False), threading.current_thread()
        default_env, uid = env.transaction.default_env, getattr(thread, "uid", None)
        with self._answers() as answers:
            env.transaction.default_env, thread.uid = env, env.uid
            getattr(records, method)()
            env.cr.flush()
            env.transaction.default_env, thread.uid = default_env, uid
        self.assertTrue(answers)
        return answers

    def _records(self, user, sudo=False):
        context = {"lang": "fr_FR", "tz": "Europe/Paris"}
        if self.other_company in user.company_ids:
            context["allowed_company_ids"] = self.other_company.ids
        partner = self.env["res.partner"].create({"name": "A"})
        records = partner.with_user(user).with_context(**context)
        return records.sudo() if sudo else records

    def _run_well(self, delayed):
        self.assertEqual(self.run_job(delayed), "done")


class TestWays(WaysCase):
    def _assert_same(self, func, *who, **how):
        self.put_job(func)
        direct = self._directly(self._records(*who), func.__name__)
        delayed = getattr(self._records(*who).with_delay(**how), func.__name__)()
        with self._answers() as answers:
            self._run_well(delayed)
        self.assertEqual(answers, direct)

    def test_each_way_is_as_in_the_direct_call(self):
        for func in WAYS:
            with self.subTest(func.__name__):
                self._assert_same(func, self.writer)

    def test_under_sudo_too(self):
        for func in WAYS:
            with self.subTest(func.__name__):
                self._assert_same(func, self.writer, True)

    def test_that_of_a_portal_user(self):
        self._assert_same(write_it, self.portal, True)

    def test_that_of_the_superuser(self):
        self._assert_same(write_it, self.env.ref("base.user_root"))

    def test_in_a_graph(self):
        self.put_job(write_it)
        direct = self._directly(self._records(self.writer), "write_it")
        first = self._records(self.writer).delayable().write_it()
        then = self._records(self.writer).delayable().write_it()
        first.on_done(then).delay()
        with self._answers() as answers:
            self._run_well(first._generated_job)
            self._run_well(then._generated_job)
        self.assertEqual(answers, direct * 2)

    def test_what_is_computed_without_superuser_mode(self):
        field = self.env["res.partner"]._fields["complete_name"]
        with patch.object(field, "compute_sudo", False):
            self._assert_same(write_it, self.writer)
            self.assertFalse(self.seen[0]["su"])

    def test_nothing_stays_of_it(self):
        self.put_job(write_it)
        self.put_job(raise_it)
        one = self._records(self.writer).with_delay().write_it()
        failing = self._records(self.writer).with_delay().raise_it()
        other = self._records(self.portal, True).with_delay().write_it()
        before = self.env.transaction.default_env, thread_uid()
        with self._answers() as answers, mute_logger(WORKER_LOGGER):
            numbers = [self.dispatch(job) for job in (one, failing, other)]
            ends = self.run_together([one, failing, other], numbers)
        self.assertEqual(ends, ["done", "failed", "done"])
        self.assertEqual(
            [answer["user"] for answer in answers], ["writer", "writer", "portal"]
        )
        now = self.env.transaction.default_env, thread_uid()
        self.assertEqual(now, before)


class TestInTests(WaysCase, JobMixin):
    def test_jobs_run_by_tests_act_alike(self):
        self.put_job(write_it)
        direct = self._directly(self._records(self.writer), "write_it")
        records = self._records(self.writer)
        with self._answers() as answers, self.trap_jobs() as trap:
            records.with_delay().write_it()
            trap.perform_enqueued_jobs()
        self.assertEqual(answers, direct)
        for run in (self.perform_jobs, self.drain_jobs):
            with self.subTest(run.__name__):
                counter = self.job_counter()
                self._records(self.writer).with_delay().write_it()
                with self._answers() as answers:
                    run(counter)
                self.assertEqual(answers, direct)
