# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that differ only in their records, run as one call."""

import logging
from unittest.mock import patch

from odoo.exceptions import UserError

from odoo.addons.queue_job.core.stopping import Interruption
from odoo.addons.queue_job.db.transaction import Work
from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError
from odoo.addons.queue_job.job import current_job, job
from odoo.addons.queue_job.store import stopping

from .case import WORKER_LOGGER, JobCase

CALLS = []


def tag(self, text="x"):
    CALLS.append((self.ids, text))
    for partner in self:
        partner.ref = f"{partner.name}-{text}"
    return f"{len(self)} at once"


def refuse_c(self):
    CALLS.append(self.ids)
    self.write({"ref": "half done"})
    self.env.flush_all()
    if "C" in self.mapped("name"):
        raise ValueError("not C")
    self.write({"ref": "done"})


class ChunkCase(JobCase):
    def setUp(self):
        super().setUp()
        CALLS.clear()
        self.some = self.env["res.partner"].create([{"name": name} for name in "ABCDE"])

    def delay_each(self, func, *args, chunk=10, records=None, **kwargs):
        self.put_job(func, chunk=chunk)
        records = self.some if records is None else records
        delayed = [getattr(one.with_delay(), func.__name__) for one in records]
        return [delay(*args, **kwargs) for delay in delayed]

    def run_all(self, jobs, may_chunk=True, **options):
        self.env.registry.clear_cache()
        attempts = [self.dispatch(delayed) for delayed in jobs]
        return self.run_together(jobs, attempts, may_chunk=may_chunk, **options)


class TestChunk(ChunkCase):
    def test_they_are_one_call_and_each_has_its_own_end(self):
        jobs = self.delay_each(tag, "y")
        self.assertEqual(self.run_all(jobs), ["done"] * 5)
        self.assertEqual(CALLS, [(self.some.ids, "y")])
        self.assertEqual(self.some.mapped("ref"), [f"{name}-y" for name in "ABCDE"])
        for delayed in jobs:
            record = delayed.db_record()
            self.assertEqual((record.state, record.retry), ("done", 1))
            self.assertEqual(record.result, "5 at once")
            self.assertTrue(record.date_started and record.date_done)
            self.assertFalse(record.attempt_ids)

    def test_one_bad_record_fails_alone(self):
        jobs = self.delay_each(refuse_c)
        with self.assertLogs(WORKER_LOGGER, logging.INFO) as logged:
            ends = self.run_all(jobs)
        self.assertEqual(ends, ["done", "done", "failed", "done", "done"])
        self.assertEqual(CALLS, [self.some.ids, *([one.id] for one in self.some)])
        self.assertEqual(
            self.some.mapped("ref"), ["done", "done", False, "done", "done"]
        )
        self.assertIn("run one by one: ValueError", logged.output[0])
        for delayed in jobs:
            record = delayed.db_record()
            self.assertEqual((record.retry, record.attempt), (1, 1))
        self.assertEqual(len(jobs[2].db_record().attempt_ids), 1)

    def test_what_fails_behind_the_commit_makes_nothing_run_again(self):
        jobs = self.delay_each(tag)

        def commit(work):
            work._savepoint.close(rollback=False)
            work._savepoint = work.env.cr.savepoint()
            raise ValueError("a hook")

        attempts = [self.dispatch(delayed) for delayed in jobs]
        with patch.object(Work, "commit", commit):
            self.run_together(jobs, attempts, may_chunk=True)
        self.assertEqual(len(CALLS), 1)
        states = {delayed.db_record().state for delayed in jobs}
        self.assertEqual(states, {"done"})

    def test_no_more_at_once_than_the_method_says(self):
        self.run_all(self.delay_each(tag, chunk=2))
        first, second, third, fourth, fifth = self.some.ids
        calls = [[first, second], [third, fourth], [fifth]]
        self.assertEqual([ids for ids, _text in CALLS], calls)

    def test_a_method_that_does_not_ask_for_it_is_called_for_each(self):
        self.run_all(self.delay_each(tag, chunk=1))
        self.assertEqual(len(CALLS), 5)

    def test_a_manager_chooses_how_many(self):
        jobs = self.delay_each(tag, chunk=10)
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.tag", "chunk_size": 1}
        )
        self.run_all(jobs)
        self.assertEqual(len(CALLS), 5)
        with self.assertRaisesRegex(UserError, "0 to 1000"):
            function.chunk_size = -1

    def test_only_what_is_called_alike_goes_together(self):
        jobs = [
            *self.delay_each(tag, "x", records=self.some[:2]),
            *self.delay_each(tag, "y", records=self.some[2]),
            *self.delay_each(
                tag,
                "x",
                records=self.some[3].with_user(self.env.ref("base.user_admin")),
            ),
            *self.delay_each(tag, "x", records=self.some[4].with_context(a=1)),
        ]
        self.run_all(jobs)
        first, second, third, fourth, fifth = self.some.ids
        calls = [[first, second], [third], [fourth], [fifth]]
        self.assertEqual([ids for ids, _text in CALLS], calls)

    def test_nothing_is_overtaken(self):
        jobs = [
            *self.delay_each(tag, "x", records=self.some[0]),
            *self.delay_each(tag, "y", records=self.some[1]),
            *self.delay_each(tag, "x", records=self.some[2:4]),
        ]
        self.run_all(jobs)
        texts = [text for _ids, text in CALLS]
        self.assertEqual(texts, ["x", "y", "x"])

    def test_what_was_tried_before_goes_alone(self):
        jobs = self.delay_each(tag)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET retry = 1 WHERE uuid = %s", (jobs[1].uuid,)
        )
        self.run_all(jobs)
        first, second, *others = self.some.ids
        self.assertEqual([ids for ids, _text in CALLS], [[first], [second], others])

    def test_calls_without_records_are_as_many_calls(self):
        self.run_all(self.delay_each(tag, records=[self.some.browse()] * 3))
        self.assertEqual([ids for ids, _text in CALLS], [[]] * 3)

    def test_a_record_that_two_jobs_are_about_is_worked_on_once(self):
        self.run_all(self.delay_each(tag, records=[*self.some[:2], self.some[0]]))
        self.assertEqual([ids for ids, _text in CALLS], [self.some[:2].ids])

    def test_a_sequential_channel_runs_one_after_the_other(self):
        self.run_all(self.delay_each(tag), stops_at_failure=True)
        self.assertEqual(len(CALLS), 5)

    def test_nothing_to_do_is_an_end_of_all(self):
        def look(self):
            raise NothingToDoJob("all well")

        jobs = self.delay_each(look)
        self.assertEqual(self.run_all(jobs), ["done"] * 5)
        results = {delayed.db_record().result for delayed in jobs}
        self.assertEqual(results, {"all well"})

    def test_who_asks_for_another_attempt_asks_for_each(self):
        def wait_for_c(self):
            CALLS.append(self.ids)
            if "C" in self.mapped("name"):
                raise RetryableJobError("C is busy", seconds=60)

        jobs = self.delay_each(wait_for_c)
        ends = self.run_all(jobs)
        self.assertEqual(ends, ["done", "done", "postponed", "done", "done"])
        self.assertEqual(jobs[2].db_record().state, "pending")

    def test_those_that_wait_for_one_of_them_go_on(self):
        self.put_job(tag, chunk=10)
        ahead = [one.delayable().tag("x") for one in self.some[:2]]
        behind = self.some[2].delayable().tag("later")
        for one in ahead:
            one.on_done(behind)
        for one in ahead:
            one.delay()
        jobs = [one._generated_job for one in ahead]
        self.assertEqual(self.run_all(jobs), ["done"] * 2)
        self.assertEqual(len(CALLS), 1)
        self.assertEqual(behind._generated_job.db_record().state, "pending")

    def test_one_that_is_to_be_stopped_is_cancelled_and_the_others_run_alone(self):
        jobs = self.delay_each(refuse_c)
        named = (jobs[1].db_record().id, 1)
        self.put_on(
            stopping,
            "standing",
            lambda cr, asked: {named: "Stopped by A"} if named in asked else {},
        )
        with self.assertLogs(WORKER_LOGGER, logging.INFO):
            ends = self.run_all(jobs)
        self.assertEqual(ends, ["done", "cancelled", "failed", "done", "done"])
        first, _second, *others = self.some.ids
        self.assertEqual(CALLS[1:], [[first], *([id_] for id_ in others)])
        record = jobs[1].db_record()
        self.assertEqual((record.state, record.result), ("cancelled", "Stopped by A"))
        self.assertEqual(record.attempt_ids.mapped("exc_message"), ["Stopped by A"])

    def test_a_stop_of_any_is_heard_by_the_guard_of_all(self):
        guards = []

        def look(self):
            guard = current_job(self.env)._running.job.guard
            guards.append(guard.dispatches)
            guard.interrupt(Interruption("Stopped by A"), 0.0)

        forgotten = []
        self.put_on(stopping, "forget", lambda cr, *named: forgotten.append(named))
        jobs = self.delay_each(look)
        self.assertEqual(self.run_all(jobs), ["done"] * 5)
        named = [(delayed.db_record().id, 1) for delayed in jobs]
        self.assertEqual(guards, [named])
        self.assertEqual(forgotten, named, "it was quicker")

    def test_an_archived_user_fails_alone(self):
        gone = self.some[1].with_user(self.user)
        jobs = self.delay_each(tag, records=[self.some[0], gone, self.some[2]])
        self.user.active = False
        with self.assertLogs(WORKER_LOGGER, "ERROR"):
            ends = self.run_all(jobs)
        self.assertEqual(ends, ["done", "failed", "done"])

    def test_another_number_of_jobs_is_refused(self):
        for chunk in (0, True, "10", 1_001):
            with self.assertRaisesRegex(TypeError, "chunk"):
                job(lambda self: None, chunk=chunk)
