# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the code of a job knows of it, and tells."""

import logging
from contextlib import suppress
from datetime import date

from odoo.tools import mute_logger

from odoo.addons.queue_job import current_job as module
from odoo.addons.queue_job.core.outcome import LostDispatchError
from odoo.addons.queue_job.core.progress import Throttle
from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError
from odoo.addons.queue_job.job import Job, current_job
from odoo.addons.queue_job.tests.common import JobMixin, trap_jobs

from .any_state import write_row
from .case import JobCase

LOGGER = "odoo.addons.queue_job.current_job"


class CurrentJobCase(JobCase, JobMixin):
    def rows(self, table, columns):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT {columns} FROM {table} ORDER BY id")  # noqa: S608
        return self.env.cr.fetchall()

    def progress_rows(self):
        return self.rows("queue_job_progress", "attempt, done, total, text")

    def checkpoints(self):
        return [data for (data,) in self.rows("queue_job_checkpoint", "data")]


class TestProgress(CurrentJobCase):
    def stop_the_clock(self):
        """All that is told is told at the same moment."""
        self.put_on(module, "Throttle", lambda: Throttle(1, lambda: 0.0))

    def test_a_job_that_tells_nothing_leaves_nothing(self):
        def look(self):
            return bool(current_job(self.env)), current_job(self.env).uuid

        delayed = self.delay(look)
        self.assertEqual(self.run_job(delayed), "done")
        record = delayed.db_record()
        self.assertEqual(record.result, str((True, delayed.uuid)))
        self.assertFalse(record.has_progress)
        self.assertEqual(self.progress_rows() + self.checkpoints(), [])

    def test_nothing_is_asked_of_the_database_for_a_job_that_tells_nothing(self):
        def nothing(self):
            pass

        self.put_job(nothing)
        job = Job.load(self.env, self.partner.with_delay().nothing().uuid)
        with self.assertQueryCount(0):
            job._call()

    def test_progress_stands_on_the_job(self):
        def tell(self):
            current_job(self.env).progress(1, 4, "first quarter")

        delayed = self.delay(tell)
        self.assertEqual(self.run_job(delayed), "done")
        record = delayed.db_record().with_user(self.manager)
        self.assertTrue(record.has_progress)
        self.assertEqual(record.progress, 25)
        self.assertEqual(record.progress_text, "first quarter")

    def test_what_is_only_counted_is_shown_as_a_number(self):
        def count(self):
            current_job(self.env).progress(12, text="lines")

        delayed = self.delay(count)
        self.run_job(delayed)
        record = delayed.db_record()
        self.assertEqual((record.progress, record.progress_text), (0, "12: lines"))

    def test_what_comes_too_fast_is_left_out_but_for_the_last_one(self):
        self.stop_the_clock()
        seen = []

        def tell(self):
            job = current_job(self.env)
            for number in range(1, 11):
                job.progress(number, 10)
                self.env.cr.execute("SELECT done FROM queue_job_progress")
                seen.append(self.env.cr.fetchone()[0])

        self.run_job(self.delay(tell))
        self.assertEqual(set(seen), {1.0})
        self.assertEqual(self.progress_rows(), [(1, 10.0, 10.0, None)])

    def test_the_last_one_is_written_when_the_job_fails(self):
        """Inside a test it goes with the work; so it is looked for before that."""
        self.stop_the_clock()
        written = []

        def fail(self):
            current_job(self.env).progress(1, 10)
            current_job(self.env).progress(7, 10)
            raise ValueError("no")

        write = module.store.write_progress
        self.put_on(
            module.store, "write_progress",
            lambda *args: written.append(args[3]) or write(*args),
        )  # fmt: skip
        self.run_failing(self.delay(fail))
        self.assertEqual(written, [1.0, 7.0])

    def test_a_wrong_number_is_told_to_the_code(self):
        def tell(self):
            current_job(self.env).progress("7")

        delayed = self.delay(tell)
        self.run_failing(delayed)
        self.assertIn("done must be a number", delayed.db_record().exc_message)

    def test_work_goes_on_where_progress_cannot_be_written(self):
        def tell(self):
            current_job(self.env).progress(1, 2)
            self.name = "told"

        def refuse(*args):
            raise ValueError("no progress today")

        self.put_on(module.store, "write_progress", refuse)
        with self.assertLogs(LOGGER, logging.INFO) as logged:
            self.assertEqual(self.run_job(self.delay(tell)), "done")
        self.assertIn("no progress today", logged.output[0])
        self.assertEqual(self.partner.name, "told")

    def test_an_attempt_that_counts_no_more_overwrites_nothing(self):
        def tell(self, done):
            current_job(self.env).progress(done, 10)

        delayed = self.delay(tell, 3)
        stale = Job.load(self.env, delayed.uuid)
        stale.attempt = 1
        self.env.cr.execute("UPDATE queue_job SET attempt = 2 WHERE id = %s", (
            delayed.row_id,
        ))  # fmt: skip
        fresh = Job.load(self.env, delayed.uuid)
        fresh.attempt = 2
        fresh.perform()
        stale._args = (9,)
        stale.perform()
        self.assertEqual(self.progress_rows(), [(2, 3.0, 10.0, None)])

    def test_a_job_dispatched_anew_begins_without_progress(self):
        def tell(self):
            current_job(self.env).progress(1, 2)

        delayed = self.delay(tell)
        self.run_job(delayed)
        delayed.db_record().requeue()
        self.dispatch(delayed)
        self.assertFalse(delayed.db_record().has_progress)

    def test_progress_is_read_in_one_query_for_a_list(self):
        def tell(self):
            current_job(self.env).progress(1, 2)

        jobs = [self.delay(tell) for _number in range(5)]
        for delayed in jobs:
            self.run_job(delayed)
        records = self.env["queue.job"].browse(one.row_id for one in jobs)
        records.mapped("attempt")
        with self.assertQueryCount(1):
            self.assertEqual(records.mapped("progress"), [50] * 5)

    def test_it_goes_with_the_job(self):
        def tell(self):
            current_job(self.env).progress(1, 2)
            current_job(self.env).checkpoint(3)

        delayed = self.delay(tell)
        self.run_job(delayed)
        delayed.db_record().unlink()
        self.assertEqual(self.progress_rows() + self.checkpoints(), [])


class TestCheckpoints(CurrentJobCase):
    def go_on(self):
        """A job that needs three attempts; what each finds of the one before."""
        found = []

        def go_on(self):
            job = current_job(self.env)
            found.append(job.last_checkpoint)
            if len(found) < 3:
                job.checkpoint({"page": len(found)})
                found_again.append(job.last_checkpoint)
                raise RetryableJobError("more", seconds=0)

        found_again = []
        return self.delay(go_on), found, found_again

    def test_work_that_is_rolled_back_takes_its_checkpoint_along(self):
        delayed, found, found_again = self.go_on()
        for _attempt in range(3):
            self.run_job(delayed)
        # in a test all of it is uncommitted work
        self.assertEqual(found, [None, None, None])
        self.assertEqual(found_again, [{"page": 1}, {"page": 2}])
        self.assertEqual(self.checkpoints(), [])

    def test_the_next_attempt_goes_on_where_committed_work_ended(self):
        delayed, found, _found_again = self.go_on()
        for number in (1, 2):
            job = Job.load(self.env, delayed.uuid)
            with suppress(RetryableJobError):  # assertRaises would roll it back
                job.perform()
            self.assertEqual(self.checkpoints(), [{"page": number}])
        Job.load(self.env, delayed.uuid).perform()
        self.assertEqual(found, [None, {"page": 1}, {"page": 2}])
        self.assertEqual(self.checkpoints(), [None])

    def test_an_attempt_that_did_not_ask_leaves_no_checkpoint_when_it_is_done(self):
        found, runs = [], []

        def ask_at_times(self):
            runs.append(current_job(self.env).uuid)
            if len(runs) == 1:
                raise RetryableJobError("more", seconds=0)
            if len(runs) == 3:
                found.append(current_job(self.env).last_checkpoint)

        delayed = self.delay(ask_at_times)
        self.run_job(delayed)
        record = delayed.db_record()
        self.env.cr.execute(
            "INSERT INTO queue_job_checkpoint (job_id, attempt, data)"
            " VALUES (%s, 1, '{\"page\": 1}')",
            [record.id],
        )
        write_row(record, eta=None)
        self.assertEqual(self.run_job(delayed), "done")
        record.requeue()
        self.run_job(delayed)
        self.assertEqual(found, [None])

    def test_a_job_that_is_done_begins_anew(self):
        found = []

        def again(self, error):
            job = current_job(self.env)
            found.append(job.last_checkpoint)
            job.checkpoint("somewhere")
            if error:
                raise NothingToDoJob("all there")

        for error in (False, True):
            delayed = self.delay(again, error)
            for _run in range(2):
                self.assertEqual(self.run_job(delayed), "done")
                delayed.db_record().requeue()
        self.assertEqual(found, [None] * 4)

    def test_what_may_be_an_argument_may_be_a_checkpoint(self):
        kept = {"day": date(2026, 1, 2), "seen": self.partners, "place": (1, "two")}
        found = []

        def keep(self):
            current_job(self.env).checkpoint(kept)
            found.append(current_job(self.env).last_checkpoint)

        self.run_job(self.delay(keep))
        self.assertEqual(found, [kept])

    def test_what_cannot_be_stored_is_named(self):
        def keep(self):
            current_job(self.env).checkpoint({"pages": {1, 2}})

        delayed = self.delay(keep)
        self.run_failing(delayed)
        message = delayed.db_record().exc_message
        self.assertIn("checkpoint['pages'] (set) cannot be stored", message)

    def test_an_attempt_that_counts_no_more_is_stopped(self):
        def keep(self):
            current_job(self.env).checkpoint(1)

        job = Job.load(self.env, self.delay(keep).uuid)
        job.attempt = 7
        with self.assertRaises(LostDispatchError):
            job.perform()
        self.assertEqual(self.checkpoints(), [])


class TestElsewhere(CurrentJobCase):
    def tell_all(self):
        def tell_all(self):
            job = current_job(self.env)
            job.progress(1, 2, "half")
            job.checkpoint(5)
            job.log("half of it")
            return job.last_checkpoint

        self.put_job(tell_all)

    def test_outside_of_a_job_all_calls_are_taken_and_do_nothing(self):
        self.tell_all()
        self.assertIsNone(self.partner.tell_all())
        self.assertFalse(current_job(self.env))
        self.assertEqual(self.progress_rows() + self.checkpoints(), [])

    def test_a_client_cannot_pretend_that_a_job_runs(self):
        self.tell_all()
        delayed = self.partner.with_delay().tell_all()
        self.partner.with_context(job_uuid=delayed.uuid).tell_all()
        self.assertEqual(self.progress_rows(), [])

    def test_in_a_trap_everything_stays_in_memory(self):
        self.tell_all()
        with trap_jobs() as trap:
            self.partner.with_delay().tell_all()
            [job] = trap.enqueued_jobs
            with mute_logger(LOGGER):
                trap.perform_enqueued_jobs()
        self.assertEqual(job.result, 5)
        self.assertEqual(self.progress_rows() + self.checkpoints(), [])

    def test_the_helpers_for_stored_jobs_run_it(self):
        self.tell_all()
        counter = self.job_counter()
        delayed = self.partner.with_delay().tell_all()
        self.drain_jobs(counter)
        self.assertEqual(delayed.db_record().state, "done")
        self.assertEqual(self.progress_rows(), [(0, 1.0, 2.0, "half")])

    def test_a_line_of_the_log_names_the_job(self):
        self.tell_all()
        delayed = self.partner.with_delay().tell_all()
        with self.assertLogs(LOGGER, logging.INFO) as logged:
            self.run_job(delayed)
        [line] = logged.output
        self.assertTrue(line.endswith(f"job {delayed.uuid}: half of it"))

    def test_levels_are_those_of_the_log(self):
        def shout(self):
            current_job(self.env).log("x", level="loud")

        delayed = self.delay(shout)
        self.run_failing(delayed)
        self.assertIn("'loud'", delayed.db_record().exc_message)

    def test_a_call_within_a_job_belongs_to_it(self):
        self.tell_all()

        def outer(self):
            self.tell_all()

        delayed = self.delay(outer)
        self.run_job(delayed)
        self.assertEqual(delayed.db_record().progress, 50)
        self.assertFalse(current_job(self.env))
