# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a call may want of its identity key: until when another job counts as the same,
and what is done then."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.queue_job import Identity
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.store import dispatch, ties
from odoo.addons.queue_job.tests.common import JobMixin, mock_with_delay, trap_jobs

from .case import WORKER_LOGGER, JobCase

EXPORTED = []


def export_it(self, *args, **kwargs):
    """Export the partner"""
    EXPORTED.append(self.ids)
    return self.ids


def other_job(self, *args):
    pass


class RulesCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        EXPORTED.clear()

    def call(self, *args, records=None, key="k", eta=None, **rule):
        """Delay the call with a rule for its key."""
        records = self.partner if records is None else records
        options = {"identity_key": Identity(key, **rule), "eta": eta}
        return records.with_delay(**options).export_it(*args)

    def set_state(self, job, state, seconds_ago=0):
        self.env.flush_all()
        ended = datetime.now() - timedelta(seconds=seconds_ago)
        self.env.cr.execute(
            "UPDATE queue_job SET state = %s, date_done = %s WHERE uuid = %s",
            (state, ended if state == "done" else None, job.uuid),
        )
        job.db_record().invalidate_recordset()

    def assert_stored(self, job):
        self.assertTrue(job.db_record())
        self.assertEqual(job.db_record().uuid, job.uuid)


class TestUntil(RulesCase):
    def test_by_itself_the_object_means_the_plain_key(self):
        first = self.call()
        plain = self.partner.with_delay(identity_key="k").export_it()
        self.assertEqual(plain, first)
        self.assertEqual(self.call(), first)
        self.set_state(first, "started")
        self.assertNotEqual(self.call(), first)

    def test_the_key_may_be_a_function(self):
        first = self.call(1, key=lambda job: f"of {job.args}")
        self.assertEqual(first.identity_key, "of (1,)")
        self.assertEqual(first.db_record().identity_key, "of (1,)")
        self.assertNotEqual(self.call(2, key=lambda job: f"of {job.args}"), first)

    def test_without_a_key_nothing_is_the_same(self):
        first = self.call(key=lambda job: None, until="done")
        self.assertFalse(first.db_record().identity_until)
        self.assertNotEqual(self.call(key=lambda job: None, until="done"), first)

    def test_until_done_a_running_job_is_kept(self):
        first = self.call(until="done")
        for state in ("pending", "enqueued", "wait_dependencies", "started"):
            self.set_state(first, state)
            self.assertEqual(self.call(until="done"), first)
        for state in ("done", "failed", "cancelled"):
            self.set_state(first, state)
            again = self.call(until="done")
            self.assertNotEqual(again, first)
            self.set_state(again, "cancelled")

    def test_for_a_period_a_job_that_is_done_is_kept(self):
        first = self.call(period=600)
        self.set_state(first, "done", seconds_ago=590)
        again = self.call(period=600)
        self.assertEqual((again, again.state), (first, "done"))
        self.assertNotEqual(self.call(period=500), first)

    def test_a_failed_job_keeps_no_other_out(self):
        first = self.call(period=600)
        self.set_state(first, "failed")
        self.assertNotEqual(self.call(period=600), first)

    def test_a_job_that_sleeps_longer_does_not_stand_for_a_call(self):
        tomorrow = self.call(eta=86400)
        self.assertEqual(self.call(eta=90000), tomorrow)
        soon = self.call(eta=60)
        self.assertNotEqual(soon, tomorrow)
        now = self.call()
        self.assertNotIn(now, [tomorrow, soon])
        self.assertEqual(self.call(), now)
        # There is one run, and it is the earliest
        self.assertEqual(self.run_job(now), "done")
        for job in (tomorrow, soon):
            self.assertEqual(job.db_record().same_as, now.uuid)

    def test_of_many_at_once_each_has_its_eta(self):
        tomorrow = self.call(eta=86400)
        jobs = [
            Job(self.partner.export_it, identity_key="k", eta=eta)
            for eta in (90000, None)
        ]
        self.assertEqual(Job.enqueue_many(jobs[:1]), [tomorrow])
        self.assertEqual(Job.enqueue_many(jobs[1:]), jobs[1:])
        self.assert_stored(jobs[1])

    def test_beyond_so_many_ties_a_call_stores_a_job_of_its_own(self):
        kept = [self.call(key=key) for key in "ab"]
        with patch.object(ties, "MOST_TIES", 1):
            self.assertEqual(self.call(key="a"), kept[0])
            self.assertEqual(self.call(key="a"), kept[0])
            self.assertNotEqual(self.call(key="b"), kept[1])

    def test_the_vacuum_spares_what_still_counts(self):
        days = 24 * 3600
        spared = self.call(key="long", period=60 * days)
        gone = self.call(key="short", period=30 * days)
        for job in (spared, gone):
            self.set_state(job, "done", seconds_ago=50 * days)
        self.env["queue.job"].autovacuum()
        self.assertTrue(spared.db_record())
        self.assertFalse(gone.db_record())

    def test_many_at_once_follow_the_same_rule(self):
        running, lately = self.call(until="done"), self.call(key="p", period=60)
        self.set_state(running, "started")
        self.set_state(lately, "done", seconds_ago=30)
        jobs = self.partner.delay_many(
            "export_it", [(1,), (2,)], identity_key=Identity("k", until="done")
        )
        self.assertEqual(jobs, [running, running])
        jobs = self.partners.with_delay_each(
            identity_key=Identity("p", period=60)
        ).export_it()
        self.assertEqual(jobs, [lately, lately])


class TestPostpone(RulesCase):
    rule = {"on_duplicate": "postpone"}

    def test_the_last_call_runs_and_the_others_end_as_that(self):
        first = self.call(1, eta=60, **self.rule)
        second = self.call(2, eta=120, **self.rule)
        self.assertNotEqual(first, second)
        self.env.flush_all()
        self.assertEqual(dispatch.enqueue(self.env.cr, first.db_record().ids), [])
        self.env["queue.job"].invalidate_model()
        record = first.db_record()
        self.assertEqual((record.state, record.same_as), ("done", second.uuid))
        self.assertEqual(record.same_as_id, second.db_record())
        self.assertEqual(second.db_record().same_jobs_count, 1)
        self.assertEqual(second.db_record().state, "pending")
        self.assertEqual(self.run_job(second), "done")

    def test_the_first_of_many_calls_says_when_it_runs_at_the_latest(self):
        rule = {"on_duplicate": "postpone", "at_latest": 100}
        first = self.call(eta=60, **rule)
        self.assertLess(first.eta, datetime.now() + timedelta(seconds=61))
        second = self.call(eta=500, **rule)
        record = second.db_record()
        self.assertEqual(record.identity_deadline, first.db_record().identity_deadline)
        self.assertEqual(record.eta, record.identity_deadline)
        self.assertLess(record.eta, datetime.now() + timedelta(seconds=101))

    def test_a_wrong_eta_is_still_named(self):
        with self.assertRaisesRegex(ValueError, "eta='soon'"):
            self.call(eta="soon", at_latest=5, **self.rule)


class TestMerge(JobMixin, RulesCase):
    rule = {"on_duplicate": "merge"}

    def setUp(self):
        super().setUp()
        self.one, self.two = self.partners

    def test_one_run_with_the_records_of_all_calls(self):
        first = self.call(records=self.one, **self.rule)
        second = self.call(records=self.two, **self.rule)
        self.assertEqual(self.run_job(first), "done")
        self.assertEqual(EXPORTED, [self.partners.ids])
        record = first.db_record()
        self.assertEqual(record.records, self.partners)
        self.assertEqual(record.record_ids, self.partners.ids)
        self.assertIn(str(self.partners), record.func_string)
        merged = second.db_record()
        self.assertEqual((merged.state, merged.same_as_id), ("done", record))
        self.assertEqual(merged.result, f"same as job {first.uuid}")
        action = record.with_user(self.manager).open_same_jobs()
        self.assertEqual(self.env["queue.job"].search(action["domain"]), merged)

    def test_it_runs_as_who_delayed_it_in_the_same_context(self):
        first = self.call(records=self.one, **self.rule)
        other = self.call(records=self.two.with_user(self.user), **self.rule)
        self.assertEqual(self.run_job(first), "done")
        self.assertEqual(EXPORTED, [self.one.ids])
        self.assertEqual(other.db_record().state, "pending")

    def test_another_call_of_the_key_is_refused(self):
        self.call(1, records=self.one, **self.rule)
        with self.assertRaisesRegex(ValueError, r"export_it\(2\).*export_it\(1\)"):
            self.call(2, records=self.two, **self.rule)
        with self.assertRaisesRegex(ValueError, "only the records may differ"):
            self.put_job(other_job)
            identity = Identity("k", **self.rule)
            self.two.with_delay(identity_key=identity).other_job(1)
        # of another user it is another job anyway
        others = self.one.with_user(self.user)
        self.assert_stored(self.call(2, records=others, **self.rule))

    def test_records_may_be_arguments_too(self):
        first = self.call(self.two, records=self.one, **self.rule)
        self.call(self.two, records=self.two, **self.rule)
        self.assertEqual(self.run_job(first), "done")
        self.assertEqual(EXPORTED, [self.partners.ids])

    def test_stored_jobs_are_performed_as_one(self):
        counter = self.job_counter()
        self.call(records=self.one, **self.rule)
        self.call(records=self.two, **self.rule)
        self.perform_jobs(counter)
        self.assertEqual(EXPORTED, [self.partners.ids])

    def test_stored_jobs_are_drained_as_one(self):
        counter = self.job_counter()
        for record in self.partners:
            self.call(records=record, **self.rule)
            self.call(key="p", eta=60, on_duplicate="postpone", records=record)
        self.drain_jobs(counter)
        self.assertEqual(EXPORTED, [self.partners.ids, self.two.ids])


class TestSuperseding(RulesCase):
    rule = {"supersedes_failed": True}

    def fail(self, job):
        record = job.db_record()
        failed = {"state": "failed", "exc_name": "X"}
        record.with_context(_job_edit_sentinel=record.EDIT_SENTINEL).write(failed)
        self.env.flush_all()

    def test_a_failed_job_is_cancelled_when_a_later_call_runs(self):
        first = self.call(**self.rule)
        self.fail(first)
        second = self.call(**self.rule)
        self.assertEqual(self.run_job(second), "done")
        record = first.db_record()
        self.assertEqual(record.state, "cancelled")
        self.assertEqual(record.same_as_id, second.db_record())
        self.assertEqual(record.result, f"superseded by job {second.uuid}")
        self.assertEqual(record.exc_name, "X")
        action = second.db_record().with_user(self.manager).open_same_jobs()
        self.assertEqual(self.env["queue.job"].search(action["domain"]), record)

    def test_by_itself_a_failed_job_stays_failed(self):
        first = self.call()
        self.fail(first)
        second = self.call()
        self.assertFalse(second.db_record().identity_supersedes)
        self.assertEqual(self.run_job(second), "done")
        self.assertEqual(first.db_record().state, "failed")

    def test_a_job_that_fails_when_a_later_call_waits_is_told_and_cancelled(self):
        def fail_it(self):
            raise ValueError("no")

        self.put_job(fail_it)
        identity = Identity("k", **self.rule)
        first = self.partner.with_delay(identity_key=identity).fail_it()
        attempt = self.dispatch(first)
        self.set_state(first, "started")  # so it does not count as the same
        second = self.call(**self.rule)
        self.set_state(first, "enqueued")
        with mute_logger(WORKER_LOGGER):
            self.assertEqual(self.run_under(first, attempt), "failed")
        record = first.db_record()
        self.assertEqual((record.state, record.same_as), ("cancelled", second.uuid))
        self.assertEqual(record.exc_name, "ValueError")
        self.assertIn("no", record.exc_message)
        self.assertEqual(len(record.attempt_ids), 1)

    def test_a_call_that_slept_and_stands_for_a_later_one_supersedes(self):
        sleeping = self.call(eta=3600, **self.rule)
        failed = self.call(**self.rule)
        self.assertNotEqual(sleeping, failed)
        self.fail(failed)
        # when its time comes, and the key is delayed anew
        sleeping.db_record().with_context(
            _job_edit_sentinel=sleeping.db_record().EDIT_SENTINEL
        ).eta = False
        self.assertEqual(self.call(**self.rule), sleeping)
        self.assertEqual(self.run_job(sleeping), "done")
        self.assertEqual(failed.db_record().state, "cancelled")

    def test_a_waiting_job_without_the_option_does_not_stand_for_a_call_with_it(self):
        failed = self.call()
        self.fail(failed)
        plain = self.call()
        later = self.call(**self.rule)
        self.assertNotEqual(later, plain)
        self.assertEqual(self.call(**self.rule), later)
        # one of them runs all the same
        self.assertEqual(self.run_job(plain), "done")
        self.assertEqual(later.db_record().same_as, plain.uuid)
        self.assertEqual(failed.db_record().state, "cancelled")

    def test_a_job_to_run_again_does_not_stand_for_a_call_that_supersedes(self):
        again = self.call(**self.rule)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET attempt = 1 WHERE uuid = %s", (again.uuid,)
        )
        later = self.call(**self.rule)
        self.assertNotEqual(later, again)
        self.assertEqual(self.call(**self.rule), later)

    def test_one_done_lately_without_the_option_does_not_stand_for_a_call_with_it(self):
        failed = self.call()
        self.fail(failed)
        self.set_state(done := self.call(period=60), "done", seconds_ago=10)
        self.assertEqual(self.call(period=60), done)
        later = self.call(period=60, **self.rule)
        self.assertNotEqual(later, done)
        self.env.flush_all()
        self.assertEqual(dispatch.enqueue(self.env.cr, later.db_record().ids), [])
        self.env.invalidate_all()
        self.assertEqual(later.db_record().same_as, done.uuid)
        self.assertEqual(failed.db_record().state, "cancelled")

    def test_of_many_calls_those_with_the_option_are_not_kept_by_one_without(self):
        failed = self.call()
        self.fail(failed)
        plain = self.call()
        made = [
            Job(self.partner.export_it, identity_key=Identity("k", **rule))
            for rule in ({}, self.rule, {}, self.rule)
        ]
        answer = Job.enqueue_many(made)
        self.assertEqual(answer, [plain, made[1], plain, made[1]])


class TestGraphs(RulesCase):
    def member(self, key="k", **rule):
        return self.partner.delayable(identity_key=Identity(key, **rule)).export_it()

    def test_members_point_to_jobs_that_count_by_their_rule(self):
        running, waits = self.call(until="done"), self.call(key="w", until="done")
        self.set_state(running, "started")
        before = self.env["queue.job"].search_count([])
        members = self.member(until="done"), self.member("w", until="done")
        group(*members).delay()
        found = [member._generated_job for member in members]
        self.assertEqual(found, [running, waits])
        self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_a_graph_that_waits_already_is_not_stored_again(self):
        first = [self.member(key) for key in "abc"]
        chain(first[0], group(*first[1:])).delay()
        before = self.env["queue.job"].search_count([])
        again = [self.member(key) for key in "abc"]
        chain(again[0], group(*again[1:])).delay()
        jobs = [[call._generated_job for call in calls] for calls in (first, again)]
        self.assertEqual(*jobs)
        self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_no_call_without_a_key_is_lost(self):
        self.call()
        member, plain = self.member(), self.partner.delayable().export_it()
        chain(member, plain).delay()
        self.assert_stored(plain._generated_job)
        self.assertEqual(
            plain._generated_job.db_record().dependency_ids,
            member._generated_job.db_record(),
        )

    def test_no_order_of_calls_is_lost(self):
        for key in "ab":
            self.call(key=key)
        first, second = self.member("a"), self.member("b")
        chain(first, second).delay()
        record = second._generated_job.db_record()
        self.assertEqual(record.state, "wait_dependencies")
        self.assertEqual(record.dependency_ids, first._generated_job.db_record())

    def test_behind_a_failed_job_nobody_stands_for_a_call(self):
        parent, child = self.member("parent"), self.member("child")
        chain(parent, child).delay()
        self.assertEqual(self.call(key="child"), child._generated_job)
        self.set_state(parent._generated_job, "failed")
        self.assertNotEqual(self.call(key="child"), child._generated_job)

    def test_members_that_postpone_or_merge_are_stored_with_their_graph(self):
        for rule in ("postpone", "merge"):
            self.call(key=rule, on_duplicate=rule)
            member = self.member(key=rule, on_duplicate=rule)
            other = self.partner.delayable().export_it()
            group(member, other).delay()
            self.assert_stored(member._generated_job)
            self.assert_stored(other._generated_job)

    def test_who_is_waited_for_runs_before_those_who_wait(self):
        single = self.call()
        member, after = self.member(), self.member(key="free")
        chain(member, after).delay()
        job = member._generated_job
        self.assertNotEqual(job, single)
        self.env.flush_all()
        self.dispatch(single)
        self.assertEqual(job.db_record().state, "pending")
        self.assertEqual(self.run_job(job), "done")

    def test_split_keeps_the_rule(self):
        prepared = self.partners.delayable(
            identity_key=Identity("k", on_duplicate="merge")
        ).export_it()
        prepared.split(1).delay()
        jobs = self.env["queue.job"].search([("identity_key", "=", "k")])
        self.assertEqual(jobs.mapped("identity_on_duplicate"), ["merge", "merge"])


class TestHelpers(RulesCase):
    def test_the_six_keywords_stay(self):
        identity = Identity("k", until="done")
        with mock_with_delay() as (delayable_class, _delayable):
            self.partner.with_delay(identity_key=identity).export_it()
        self.assertEqual(len(delayable_class.call_args.kwargs), 6)
        self.assertIs(delayable_class.call_args.kwargs["identity_key"], identity)

    def test_without_delay_keys_are_ignored(self):
        self.call(period=60)
        partner = self.partner.with_context(queue_job__no_delay=True)
        done = self.call(records=partner, period=60)
        self.assertEqual(done.result, partner.ids)
        called = self.partner.with_context(test_queue_job_no_delay=True)
        with mute_logger("odoo.addons.queue_job.models.base"):
            self.assertEqual(self.call(records=called), partner.ids)

    def test_a_job_says_its_key(self):
        job = Job(self.partner.export_it, identity_key=Identity("k"))
        self.assertEqual(job.identity_key, "k")
        self.assertEqual(Job.enqueue(job.func, identity_key="k").identity_key, "k")

    def test_caught_calls_are_merged(self):
        rule = {"on_duplicate": "merge"}
        one, two = self.partners
        with trap_jobs() as trap:
            self.call(records=one, **rule)
            self.call(records=two, **rule)
            with self.assertRaisesRegex(ValueError, "only the records may differ"):
                self.call(5, records=two, **rule)
            trap.assert_jobs_count(1)
            trap.assert_jobs_count(1, only=self.partners.export_it)
            trap.assert_enqueued_job(
                two.export_it, properties={"identity_key": Identity("k", **rule)}
            )
            self.assertEqual(len(trap.calls), 3)
            trap.perform_enqueued_jobs()
        self.assertEqual(EXPORTED, [self.partners.ids])

    def test_of_caught_calls_that_postpone_the_last_one_stays(self):
        with trap_jobs() as trap:
            self.call(1, eta=60, on_duplicate="postpone")
            last = self.call(2, eta=60, on_duplicate="postpone")
        self.assertEqual(trap.enqueued_jobs, [last])
        self.assertEqual(len(trap.calls), 2)

    def test_caught_calls_count_while_they_run_and_for_their_period(self):
        seen = []

        def run_it(self, **rule):
            again = self.with_delay(identity_key=Identity("r", **rule)).run_it()
            seen.append(again)

        self.put_job(run_it)
        for rule, count in (({}, 1), ({"until": "done"}, 0)):
            with trap_jobs() as trap:
                identity = Identity("r", **rule)
                self.partner.with_delay(identity_key=identity).run_it(**rule)
                trap.perform_enqueued_jobs()
                trap.assert_jobs_count(count)
        with trap_jobs() as trap:
            first = self.call(period=60)
            trap.perform_enqueued_jobs()
            self.assertEqual(self.call(period=60), first)
            trap.assert_jobs_count(0)
