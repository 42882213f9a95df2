"""A handed-out job in a worker: what becomes of it when it succeeds or comes again."""

import logging
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import (
    PG_RETRY,
    RunJobController,
    _prevent_commit,
)
from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError
from odoo.addons.queue_job.job import Job

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
            seen.append((self.uuid, vals.get("state"), vals.get("result")))
            return write.super(self, vals)

        write.super = self.registry["queue.job"].write
        self.put(write, "queue.job")
        delayed = self.delay(rename)
        self.run_job(delayed)
        self.assertEqual(seen, [(delayed.uuid, "done", "was named renamed")])


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


class TestHandouts(ExecutorCase):
    def test_another_number_gets_nothing(self):
        delayed = self.delay(rename)
        attempt = self.hand_out(delayed)
        for number in (attempt - 1, attempt + 1, 0, 2**31 - 1):
            with self.assertLogs(WORKER_LOGGER, "WARNING") as logged:
                self.assertEqual(self.run_under(delayed, number), "not_taken")
            self.assertIn("was requested to run job", logged.output[0])
        self.assertEqual(self.partner.name, "A")
        self.assertEqual(delayed.db_record().state, "enqueued")

    def test_a_job_does_not_run_twice_for_one_hand_out(self):
        delayed = self.delay(rename)
        attempt = self.hand_out(delayed)
        self.assertEqual(self.run_under(delayed, attempt), "done")
        self.partner.name = "A"
        with mute_logger(WORKER_LOGGER):
            self.assertEqual(self.run_under(delayed, attempt), "not_taken")
        self.assertEqual(self.partner.name, "A")

    def test_work_under_a_number_that_was_lost_meanwhile_is_rolled_back(self):
        def lose_it(self):
            self.name = "half done"
            self.env.flush_all()
            uuid = self.env.context["job_uuid"]
            self.env.cr.execute(
                "UPDATE queue_job SET attempt = attempt + 1 WHERE uuid = %s", (uuid,)
            )

        delayed = self.delay(lose_it)
        with self.assertLogs(WORKER_LOGGER, "WARNING") as logged:
            self.assertEqual(self.run_job(delayed), "lost")
        self.assertIn(delayed.uuid, "".join(logged.output))
        self.assertEqual(self.partner.name, "A")
        record = delayed.db_record()
        self.assertEqual(record.state, "started")  # to be rescued
        self.assertFalse(record.attempt_ids)

    def test_a_job_that_is_gone_is_no_error(self):
        delayed = self.delay(rename)
        attempt = self.hand_out(delayed)
        delayed.db_record().unlink()
        with self.assertLogs(WORKER_LOGGER, "WARNING"):
            self.assertEqual(self.run_under(delayed, attempt), "not_taken")

    def test_a_failed_job_does_not_undo_its_neighbours(self):
        def fail_it(self):
            self.name = "half done"
            raise ValueError("no")

        good = self.delay(rename, "first")
        bad = self.delay(fail_it)
        after = self.delay(rename, "last")
        attempts = [self.hand_out(delayed) for delayed in (good, bad, after)]
        with mute_logger(WORKER_LOGGER):
            outcomes = self.run_together([good, bad, after], attempts)
        self.assertEqual(outcomes, ["done", "failed", "done"])
        self.assertEqual(self.partner.name, "last")

    def test_behind_a_failure_jobs_may_be_left_alone(self):
        def fail_it(self):
            raise ValueError("no")

        bad, after = self.delay(fail_it), self.delay(rename)
        attempts = [self.hand_out(delayed) for delayed in (bad, after)]
        with mute_logger(WORKER_LOGGER):
            outcomes = self.run_together([bad, after], attempts, stops_at_failure=True)
        self.assertEqual(outcomes, ["failed", "not_taken"])
        self.assertEqual(after.db_record().state, "enqueued")

    def test_a_process_that_is_to_end_begins_no_further_job(self):
        first, second = self.delay(rename, "first"), self.delay(rename, "second")
        attempts = [self.hand_out(delayed) for delayed in (first, second)]
        path = "odoo.addons.queue_job.executor.stopping.is_stopping"
        with patch(path, side_effect=[False, True]):
            outcomes = self.run_together([first, second], attempts)
        self.assertEqual(outcomes, ["done", "not_taken"])
        self.assertEqual(second.db_record().state, "enqueued")


class TestControllerMethods(ExecutorCase):
    """What tests and monitoring tools of other add-ons call and replace."""

    def test_a_job_is_acquired_and_run(self):
        delayed = self.delay(rename)
        self.hand_out(delayed)
        acquired = RunJobController._acquire_job(self.env, delayed.uuid)
        self.assertEqual((acquired, acquired.state), (delayed, "started"))
        RunJobController._runjob(self.env, acquired)
        delayed.db_record().invalidate_recordset()
        self.assertEqual(delayed.db_record().state, "done")
        self.assertEqual(self.partner.name, "renamed")

    def test_what_cannot_be_acquired(self):
        delayed = self.delay(rename)
        for uuid in (delayed.uuid, "no-such-uuid"):
            with self.assertLogs(WORKER_LOGGER, "WARNING"):
                self.assertIsNone(RunJobController._acquire_job(self.env, uuid))

    def test_a_loaded_job_is_run(self):
        delayed = self.delay(rename)
        loaded = RunJobController._load_job(self.env, delayed.uuid)
        RunJobController._runjob(self.env, loaded)
        delayed.db_record().invalidate_recordset()
        self.assertEqual(delayed.db_record().state, "done")

    def test_the_work_may_be_wrapped_by_an_ordinary_method(self):
        seen = []
        original = RunJobController._try_perform_job

        def watched(self, env, job):
            seen.append((type(self), job))
            return original(env, job)

        delayed = self.delay(rename)
        with patch.object(RunJobController, "_try_perform_job", watched):
            self.assertEqual(self.run_job(delayed), "done")
            again = self.delay(rename)
            RunJobController._runjob(self.env, Job.load(self.env, again.uuid))
        self.assertEqual(seen, [(RunJobController, delayed), (RunJobController, again)])

    def test_what_is_stored_of_an_exception(self):
        self.assertEqual(
            RunJobController._get_failure_values(None, "trace\0", ValueError("a", 1)),
            {
                "exc_info": "trace",
                "exc_name": "builtins.ValueError",
                "exc_message": "a",
            },
        )

    def test_the_former_guard_against_commits_lets_them_pass(self):
        with _prevent_commit(self.env.cr) as nothing:
            self.assertIsNone(nothing)
            self.assertEqual(self.env.cr.commit, type(self).env.cr.commit)
