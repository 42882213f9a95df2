# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job in memory: performed, postponed, and moved from state to state."""

from datetime import timedelta

from odoo.addons.queue_job.exception import (
    FailedJobError,
    NothingToDoJob,
    RetryableJobError,
)

from .cases import NOW, JobInMemoryCase, export_it


class TestRetrySeconds(JobInMemoryCase):
    def test_the_greatest_key_reached_counts(self):
        self.put_job(export_it, retry_pattern={1: 5, 3: 60, 10: 600})
        waiting = self._job()
        for retry, seconds in ((0, 600), (1, 5), (2, 5), (3, 60), (9, 60), (10, 600)):
            waiting.retry = retry
            with self.subTest(retry):
                self.assertEqual(waiting._get_retry_seconds(), seconds)

    def test_seconds_that_are_said_win(self):
        self.put_job(export_it, retry_pattern={1: 5})
        waiting = self._job()
        waiting.retry = 1
        self.assertEqual(waiting._get_retry_seconds(7), 7)
        self.assertEqual(waiting._get_retry_seconds(0), 5)
        self.assertEqual(waiting._get_retry_seconds(None), 5)

    def test_a_pair_is_drawn_from(self):
        for pair in ((10, 12), [10, 12]):
            self.put_job(export_it, retry_pattern={1: pair})
            waiting = self._job()
            waiting.retry = 1
            drawn = {waiting._get_retry_seconds() for _ in range(200)}
            self.assertEqual(drawn, {10, 11, 12})


class TestPerform(JobInMemoryCase):
    def test_it_calls_the_method_and_keeps_the_result(self):
        new = self._job(args=(1,), kwargs={"k": 2})
        records, args, kwargs = new.perform()
        self.assertEqual(records, self.partner)
        self.assertEqual(records.env.context["job_uuid"], new.uuid)
        self.assertEqual((args, kwargs), ((1,), {"k": 2}))
        self.assertEqual(new.result, (records, args, kwargs))
        self.assertEqual((new.retry, new.state), (1, "pending"))
        self.assertFalse(new.db_record())

    def _later(self, **options):
        def try_it(self):
            raise RetryableJobError("not now", **options)

        return self._job_of(try_it)

    def test_each_try_counts_until_the_last_one_fails(self):
        new = self._later()
        new.max_retries = 2
        with self.assertRaises(RetryableJobError):
            new.perform()
        with self.assertRaisesRegex(
            FailedJobError, r"Max. retries \(2\) reached.*not now"
        ) as caught:
            new.perform()
        self.assertIsInstance(caught.exception.__cause__, RetryableJobError)
        self.assertEqual(new.retry, 2)

    def test_without_limit_it_is_tried_without_end(self):
        new = self._later()
        new.max_retries, new.retry = 0, 1000
        with self.assertRaises(RetryableJobError):
            new.perform()

    def test_a_try_that_does_not_count(self):
        new = self._later(ignore_retry=True)
        new.max_retries, new.retry = 2, 2
        with self.assertRaises(RetryableJobError):
            new.perform()
        self.assertEqual(new.retry, 2)

    def test_other_exceptions_pass_straight_through(self):
        for error in (ValueError("x"), NothingToDoJob("y"), FailedJobError("z")):

            def fail_it(self, error=error):
                raise error

            new = self._job_of(fail_it)
            with self.subTest(error), self.assertRaises(type(error)) as caught:
                new.perform()
            self.assertIs(caught.exception, error)
            self.assertEqual(new.retry, 1)


class TestStatesInMemory(JobInMemoryCase):
    def setUp(self):
        super().setUp()
        self._stop_the_clock()
        self.job = self._job()

    def test_enqueued(self):
        self.job.date_started, self.job.worker_pid = NOW, 7
        self.job.set_enqueued()
        self.assertEqual(self.job.state, "enqueued")
        self.assertEqual(self.job.date_enqueued, NOW)
        self.assertIsNone(self.job.date_started)
        self.assertIsNone(self.job.worker_pid)

    def test_started(self):
        self.job.set_started()
        self.assertEqual((self.job.state, self.job.date_started), ("started", NOW))
        self.assertTrue(self.job.worker_pid)

    def test_done(self):
        self.job.exc_info = self.job.exc_name = self.job.exc_message = "x"
        self.job.date_started = NOW - timedelta(seconds=3)
        self.job.date_failed = NOW
        self.job.set_done(result="r")
        self.assertIsNone(self.job.date_failed)
        self.assertEqual((self.job.state, self.job.date_done), ("done", NOW))
        self.assertEqual((self.job.exec_time, self.job.result), (3, "r"))
        for name in ("exc_info", "exc_name", "exc_message"):
            self.assertIsNone(getattr(self.job, name))

    def test_done_keeps_the_result_when_none_is_given(self):
        self.job.result = "earlier"
        self.job.set_done()
        self.assertEqual((self.job.result, self.job.exec_time), ("earlier", None))

    def test_the_time_it_took_is_that_from_start_to_end_unless_it_is_kept(self):
        self.job.date_started, self.job.date_done = NOW - timedelta(seconds=3), NOW
        self.assertEqual(self.job.exec_time, 3)
        self.job.exec_time = 2.5
        self.assertEqual(self.job.exec_time, 2.5)

    def test_cancelled(self):
        self.job.set_cancelled(result="r")
        self.assertEqual(
            (self.job.state, self.job.date_cancelled, self.job.result),
            ("cancelled", NOW, "r"),
        )

    def test_failed_with_text_or_with_keywords(self):
        self.job.set_failed("trace")
        self.assertEqual((self.job.state, self.job.exc_info), ("failed", "trace"))
        self.assertEqual(self.job.date_failed, NOW)
        self.job.set_failed(exc_info="t2", exc_name="n", exc_message="m")
        self.job.set_failed(exc_info=None, exc_name=None, exc_message=None)
        self.assertEqual(
            (self.job.exc_info, self.job.exc_name, self.job.exc_message),
            ("t2", "n", "m"),
        )

    def test_pending(self):
        self.job.set_started()
        self.job.retry = 3
        self.job.set_pending(reset_retry=False)
        self.assertEqual((self.job.state, self.job.retry), ("pending", 3))
        self.assertIsNone(self.job.date_started)
        self.assertIsNone(self.job.worker_pid)
        self.job.set_pending(result="r")
        self.assertEqual((self.job.retry, self.job.result), (0, "r"))

    def test_postponed(self):
        self.job.exc_info = "x"
        self.job.set_started()
        self.job.postpone(result="later", seconds=60)
        self.assertEqual(self.job.eta, NOW + timedelta(minutes=1))
        self.assertEqual((self.job.result, self.job.exc_info), ("later", None))
        self.assertEqual(self.job.state, "started")
        self.job.postpone()
        self.assertEqual(self.job.eta, NOW + timedelta(minutes=10))
        self.assertEqual(self.job.result, "later")
