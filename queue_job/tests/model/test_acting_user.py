# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In a job the same user acts as in the direct call, wherever that is asked."""

import threading

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import FailedJobError

from .case import WORKER_LOGGER, JobCase


def leave_to_compute(self):
    """Leave something to be computed at the flush, as a write does."""
    self.env.add_to_compute(self._fields["commercial_company_name"], self)


class ActingCase(JobCase):
    def setUp(self):
        super().setUp()
        self.user.group_ids += self.env.ref("base.group_partner_manager")
        self.seen = []
        self._watch_the_compute()

    def _watch_the_compute(self):
        """Note who computes what is stored with partners and not read at once."""
        partners = self.registry["res.partner"]
        compute, seen = partners._compute_commercial_company_name, self.seen

        def _compute_commercial_company_name(self):
            seen.append(_who(self.env))
            return compute(self)

        self.put(_compute_commercial_company_name)

    def _as(self, records, **context):
        return records.with_user(self.user).with_context(**context)

    def _seen_in_job(self, records, method=leave_to_compute):
        delayed = self.delay(method, records=records)
        self.env.flush_all()
        self.seen.clear()
        self.assertEqual(self.run_job(delayed), "done")
        return list(self.seen)

    def _seen_directly(self, records, method=leave_to_compute):
        """As in a call over RPC of the user of the records."""
        transaction = self.env.transaction
        self.env.flush_all()
        self.seen.clear()
        transaction.default_env = records.env(su=False)
        try:
            method(records)
            transaction.flush()
        finally:
            transaction.default_env = self.env
        return list(self.seen)

    def _fail_with_hook(self, hook, records):
        """Let a job of the records fail, and the hook be called for it."""

        def fail_it(self):
            raise FailedJobError("broken")

        self.put(hook)
        self.put_job(fail_it)
        self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "fail_it",
                "on_fail_method": hook.__name__,
            }
        )
        delayed = records.with_delay().fail_it()
        self.env.flush_all()
        self.seen.clear()
        with mute_logger(WORKER_LOGGER):
            self.run_job(delayed)

    def _assert_same(self, records, method=leave_to_compute):
        in_job = self._seen_in_job(records, method)
        self.assertTrue(in_job)
        self.assertEqual(in_job, self._seen_directly(records, method))


def _who(env):
    return env.uid, env.su, env.company.id, env.lang


class TestFlush(ActingCase):
    def test_what_the_flush_computes_is_computed_as_in_the_direct_call(self):
        self._assert_same(self._as(self.partner, lang="en_US"))

    def test_behind_sudo_as_well(self):
        self._assert_same(self._as(self.partner, lang="en_US").sudo())

    def test_after_a_savepoint_as_well(self):
        def in_savepoint(self):
            with self.env.cr.savepoint():
                leave_to_compute(self)

        self._assert_same(self._as(self.partner), in_savepoint)

    def test_before_a_search_as_well(self):
        def then_search(self):
            leave_to_compute(self)
            self.search([("commercial_company_name", "=", "searched")], limit=1)

        self._assert_same(self._as(self.partner), then_search)

    def test_in_the_company_of_the_call(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.user.company_ids += company
        self._assert_same(self._as(self.partner, allowed_company_ids=company.ids))

    def test_of_the_superuser_too(self):
        self._assert_same(self.partner.with_user(1))


def make_mighty(self, group_id):
    """What Odoo refuses under ``sudo()``, unless the user behind it may do it."""
    groups = {"group_ids": [Command.link(group_id)]}
    self.sudo().write({"user_ids": [Command.update(self.env.uid, groups)]})


class TestRights(ActingCase):
    def setUp(self):
        super().setUp()
        self.system = self.env.ref("base.group_system")
        self.me = self._as(self.user.partner_id)

    def _assert_not_mighty(self):
        self.user.invalidate_recordset()
        self.assertNotIn(self.system, self.user.all_group_ids)

    def test_sudo_gives_no_groups_to_who_has_no_right_to_them(self):
        delayed = self.delay(make_mighty, self.system.id, records=self.me)
        with mute_logger(WORKER_LOGGER):
            self.assertEqual(self.run_job(delayed), "failed")
        record = delayed.db_record()
        self.assertEqual(record.exc_name, "odoo.exceptions.AccessError")
        self._assert_not_mighty()

    def test_nor_to_who_runs_the_job_himself(self):
        delayed = self.delay(make_mighty, self.system.id, records=self.me)
        with self.assertRaises(AccessError):
            delayed.perform()

    def test_nor_in_the_hook_of_a_failure(self):
        def on_failure(self, **_values):
            make_mighty(self, self.env.ref("base.group_system").id)

        self._fail_with_hook(on_failure, self.me)
        self._assert_not_mighty()

    def test_an_administrator_may_as_ever(self):
        self.user.group_ids += self.system
        delayed = self.delay(make_mighty, self.system.id, records=self.me)
        self.assertEqual(self.run_job(delayed), "done")


class TestHooks(ActingCase):
    def test_the_hook_of_a_failure_acts_as_the_jobs_user(self):
        asked = []

        def on_failure(self, **_values):
            asked.append(_who(self.env.transaction.default_env))
            leave_to_compute(self)

        self._fail_with_hook(on_failure, self._as(self.partner, lang="en_US"))
        self.assertEqual(asked[0][:2], (self.user.id, False))
        self.assertEqual(self.seen[0][0], self.user.id)


class TestAround(ActingCase):
    def test_nothing_of_it_is_left_behind(self):
        transaction, thread = self.env.transaction, threading.current_thread()
        before = transaction.default_env, getattr(thread, "uid", None)
        self._seen_in_job(self._as(self.partner))
        self.assertEqual(
            (transaction.default_env, getattr(thread, "uid", None)), before
        )

    def test_each_job_of_a_batch_acts_as_its_own_user(self):
        first = self.delay(leave_to_compute, records=self._as(self.partner))
        second = self.delay(
            leave_to_compute, records=self.partner.with_user(self.env.user)
        )
        numbers = [self.dispatch(first), self.dispatch(second)]
        self.seen.clear()
        self.run_together([first, second], numbers)
        self.assertEqual(
            [who[0] for who in self.seen], [self.user.id, self.env.user.id]
        )

    def test_what_the_addon_itself_writes_is_its_own(self):
        writers = []

        def write(self, values, origin=self.registry["queue.job"].write):
            writers.append((self.env.uid, self.env.transaction.default_env.uid))
            return origin(self, values)

        self.put(write, "queue.job")
        delayed = self.delay(leave_to_compute, records=self._as(self.partner))
        self.run_job(delayed)
        self.assertEqual(set(writers), {(1, 1)})

    def test_a_call_that_is_not_delayed_leaves_the_caller_who_he_is(self):
        records = self.partner.with_user(self.user)
        records = records.with_context(queue_job__no_delay=True)
        before = self.env.transaction.default_env

        def look(self):
            return self.env.transaction.default_env is before

        self.assertIs(self.delay(look, records=records).result, True)
