# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dispatched job in a worker: what becomes of it when it succeeds or comes again."""

import logging
from datetime import datetime, timedelta
from unittest.mock import Mock, patch

import psycopg2

from odoo.addons.queue_job.controllers.main import PG_RETRY
from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError
from odoo.addons.queue_job.worker import attempt

from .case import WORKER_LOGGER, JobCase


def rename(self, name="renamed"):
    self.name = name
    return f"was named {name}"


def busy(self, sqlstate):
    """Meet the database error of a number."""
    self.name = "half done"
    self.env.flush_all()
    self.env.cr.execute(
        f"DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '{sqlstate}'; END $$",
        log_exceptions=False,
    )


class ExecutorCase(JobCase):
    def _later(self, error):
        def try_it(self):
            self.name = "half done"
            raise error

        return try_it

    def _assert_wait(self, record, seconds):
        wait = record.eta - datetime.now()
        self.assertAlmostEqual(wait.total_seconds(), seconds, delta=60)


class TestBegin(ExecutorCase):
    def test_a_session_that_is_gone_before_the_work_begins_is_lost(self):
        """The runner finds the job by its lock: nothing is raised at who asked."""
        delayed = self.delay(rename)
        gone = psycopg2.OperationalError("server closed the connection unexpectedly")
        self.put_on(attempt.Work, "begin", Mock(side_effect=gone))
        self.put_on(attempt, "roll_back", lambda env, work: False)
        with self.assertLogs(WORKER_LOGGER, "WARNING") as logged:
            self.assertEqual(self.run_job(delayed), "lost")
        self.assertIn("is lost to this worker", "\n".join(logged.output))


class TestSuccess(ExecutorCase):
    def test_the_work_and_the_end_of_the_job_are_written(self):
        delayed = self.delay(rename)
        self.assertEqual(self.run_job(delayed), "done")
        record = delayed.db_record()
        self.assertEqual(self.partner.name, "renamed")
        self.assertEqual(record.state, "done")
        self.assertEqual(record.result, "was named renamed")
        self.assertEqual((record.retry, record.attempt), (1, 1))
        self.assertTrue(record.date_enqueued)
        self.assertTrue(record.date_started)
        self.assertTrue(record.date_done)
        self.assertGreaterEqual(record.exec_time, 0)
        self.assertFalse(record.attempt_ids)
        self.assertFalse(record.message_ids)

    def test_the_method_sees_who_delayed_it_and_which_job_it_is(self):
        seen = []

        def look(self):
            seen.append((self.env.uid, self.env.su, dict(self.env.context)))

        records = self.partner.with_user(self.user).with_context(lang="en_US", x=1)
        delayed = self.delay(look, records=records)
        self.run_job(delayed)
        context = {"lang": "en_US", "job_uuid": delayed.uuid}
        self.assertEqual(seen, [(self.user.id, False, context)])

    def test_what_an_earlier_try_left_is_cleared(self):
        delayed = self.delay(rename)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET exc_info = 'i', exc_name = 'n', exc_message = 'm',"
            " result = 'r' WHERE uuid = %s",
            (delayed.uuid,),
        )
        self.run_job(delayed)
        record = delayed.db_record()
        for name in ("exc_info", "exc_name", "exc_message"):
            self.assertFalse(record[name], name)

    def test_a_falsy_result_is_stored_as_nothing(self):
        for result in (None, False, 0, [], ""):

            def give(self, result=result):
                return result

            delayed = self.delay(give)
            self.run_job(delayed)
            self.assertIs(delayed.db_record().result, False)

    def test_results_of_every_kind_are_storable(self):
        class Odd:
            def __bool__(self):
                raise ValueError("neither true nor false")

            def __str__(self):
                raise RuntimeError("without text")

        for result in (Odd(), "a\0b", "\ud800x", object(), self.partner, {1: b"x"}):

            def give(self, result=result):
                return result

            delayed = self.delay(give)
            with self.subTest(type(result).__name__):
                self.assertEqual(self.run_job(delayed), "done")
                self.assertTrue(delayed.db_record().result)

    def test_nothing_to_do_is_a_success_that_keeps_the_work(self):
        for text, result in (("No news", "No news"), ("", "There was nothing to do.")):

            def stop_here(self, text=text):
                self.name = "kept"
                raise NothingToDoJob(text)

            delayed = self.delay(stop_here)
            with self.assertNoLogs(WORKER_LOGGER, logging.INFO):
                self.assertEqual(self.run_job(delayed), "done")
            record = delayed.db_record()
            self.assertEqual((record.state, record.result), ("done", result))
            self.assertEqual(self.partner.name, "kept")

    def test_nothing_to_do_in_what_is_flushed_is_a_success_without_the_work(self):
        def refuse(self):
            raise NothingToDoJob("Too late")

        def leave_to_flush(self):
            self.write({"name": "not kept", "is_company": not self.is_company})

        delayed = self.delay(leave_to_flush)
        compute = "_compute_commercial_partner"
        with patch.object(type(self.partner), compute, refuse):
            self.assertEqual(self.run_job(delayed), "done")
        record = delayed.db_record()
        self.assertEqual((record.state, record.result), ("done", "Too late"))
        self.assertNotEqual(self.partner.name, "not kept")

    def test_its_way_can_be_followed_in_the_log(self):
        steps = {
            "done": self.delay(rename),
            "postponed": self.delay(self._later(RetryableJobError("not now"))),
        }
        for end, delayed in steps.items():
            with self.assertLogs(WORKER_LOGGER, logging.DEBUG) as logged:
                self.run_job(delayed)
            messages = [record.getMessage() for record in logged.records]
            self.assertEqual(messages, [f"{delayed} started", f"{delayed} {end}"])

    def test_overrides_of_write_see_it(self):
        seen = []

        def write(self, vals):
            before = self.uuid, self.state
            result = write.super(self, vals)
            seen.append((*before, self.state, self.result))
            return result

        write.super = self.registry["queue.job"].write
        self.put(write, "queue.job")
        delayed = self.delay(rename)
        self.run_job(delayed)
        expected = [(delayed.uuid, "started", "done", "was named renamed")]
        self.assertEqual(seen, expected)


class TestComingAgain(ExecutorCase):
    def test_the_work_is_rolled_back_and_the_job_waits(self):
        delayed = self.delay(self._later(RetryableJobError("not now", seconds=300)))
        with self.assertNoLogs(WORKER_LOGGER, logging.INFO):
            self.assertEqual(self.run_job(delayed), "postponed")
        record = delayed.db_record()
        self.assertEqual(self.partner.name, "A")
        self.assertEqual((record.state, record.result), ("pending", "not now"))
        self.assertEqual((record.retry, record.attempt), (1, 1))
        self._assert_wait(record, 300)
        for name in (
            "date_enqueued", "date_started", "date_done", "worker_pid", "exc_info",
            "exc_name", "exc_message",
        ):  # fmt: skip
            self.assertFalse(record[name], name)

    def test_each_such_try_is_kept(self):
        delayed = self.delay(self._later(RetryableJobError("not now")))
        for _ in range(2):
            self.run_job(delayed)
        tries = delayed.db_record().attempt_ids.sorted("number")
        self.assertEqual(tries.mapped("number"), [1, 2])
        self.assertEqual(set(tries.mapped("exc_message")), {"not now"})
        self.assertTrue(all(tries.mapped("date_started")))
        self.assertTrue(all(tries.mapped("host")))
        self.assertTrue(all(tries.mapped("pid")))
        self.assertIn("RetryableJobError", tries[0].exc_name)
        self.assertIn("Traceback", tries[0].exc_info)

    def test_it_waits_by_the_pattern_of_the_method(self):
        self.put_job(
            self._later(RetryableJobError("not now")),
            retry_pattern={1: 1000, 2: 2000, 4: (4000, 4010)},
        )
        delayed = self.partner.with_delay(max_retries=0).try_it()
        for seconds in (1000, 2000, 2000, 4000):
            self.assertEqual(self.run_job(delayed), "postponed")
            self._assert_wait(delayed.db_record(), seconds)

    def test_it_waits_by_the_pattern_chosen_while_it_ran(self):
        delayed = self.delay(self._later(RetryableJobError("not now")))
        roll_back = attempt.roll_back

        def give_up(*args):
            is_connected = roll_back(*args)
            self.env["queue.job.function"].create(
                {
                    "model_id": self.env.ref("base.model_res_partner").id,
                    "method": delayed.method_name,
                    "edit_retry_pattern": "{1: 3000}",
                }
            )
            return is_connected

        with patch.object(attempt, "roll_back", give_up):
            self.run_job(delayed)
        self._assert_wait(delayed.db_record(), 3000)

    def test_without_pattern_it_waits_ten_minutes(self):
        delayed = self.delay(self._later(RetryableJobError("not now")))
        self.run_job(delayed)
        self._assert_wait(delayed.db_record(), 600)

    def test_a_try_that_does_not_count(self):
        error = RetryableJobError("not now", ignore_retry=True)
        delayed = self.delay(self._later(error), options={"max_retries": 1})
        for _ in range(3):
            self.assertEqual(self.run_job(delayed), "postponed")
        record = delayed.db_record()
        self.assertEqual((record.retry, record.attempt), (0, 3))

    def test_a_job_that_asks_again_for_the_same_reason_keeps_one_attempt(self):
        error = RetryableJobError("not now", ignore_retry=True)
        delayed = self.delay(self._later(error))
        for _ in range(3):
            self.run_job(delayed)
        [kept] = delayed.db_record().attempt_ids
        self.assertEqual((kept.number, kept.times, kept.is_poll), (1, 3, True))
        self.assertGreaterEqual(kept.date_end, kept.date_started)

    def test_tries_that_count_are_each_kept(self):
        delayed = self.delay(self._later(RetryableJobError("not now")))
        for _ in range(3):
            self.run_job(delayed)
        kept = delayed.db_record().attempt_ids
        self.assertEqual(kept.mapped("number"), [3, 2, 1])
        self.assertEqual(kept.mapped("times"), [1, 1, 1])

    def test_errors_of_other_add_ons_that_derive_from_it_count_as_it(self):
        class NetworkRetryableError(RetryableJobError):
            pass

        delayed = self.delay(self._later(NetworkRetryableError("down", seconds=60)))
        self.assertEqual(self.run_job(delayed), "postponed")
        self._assert_wait(delayed.db_record(), 60)

    def test_a_message_that_cannot_be_stored_as_it_is(self):
        delayed = self.delay(self._later(RetryableJobError("a\0b\ud800")))
        self.assertEqual(self.run_job(delayed), "postponed")
        self.assertEqual(delayed.db_record().result, "ab")

    def test_each_try_gets_its_arguments_anew(self):
        seen = []

        def change(self, lines):
            lines.append(len(lines))
            seen.append(list(lines))
            raise RetryableJobError("not now")

        delayed = self.delay(change, [])
        for _ in range(2):
            self.run_job(delayed)
        self.assertEqual(seen, [[0], [0]])

    def test_contended_work_comes_again_soon(self):
        self.assertEqual(PG_RETRY, 5)
        for sqlstate in ("40001", "40P01", "55P03"):
            delayed = self.delay(busy, sqlstate)
            with self.subTest(sqlstate):
                self.assertEqual(self.run_job(delayed), "postponed")
                record = delayed.db_record()
                self.assertEqual((record.state, record.retry), ("pending", 1))
                self.assertIn("busy", record.result)
                wait = record.eta - datetime.now()
                self.assertLess(wait, timedelta(seconds=PG_RETRY + 1))
                self.assertEqual(self.partner.name, "A")

    def test_contended_work_ends_by_the_limit(self):
        delayed = self.delay(busy, "40001", options={"max_retries": 2})
        self.assertEqual(self.run_job(delayed), "postponed")
        log = self.run_failing(delayed)
        record = delayed.db_record()
        self.assertEqual((record.state, record.retry), ("failed", 2))
        self.assertIn("Max. retries (2) reached", record.exc_message)
        self.assertIn("busy", log)
