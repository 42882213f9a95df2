# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are retried after exceptions that their function lists."""

from datetime import timedelta

from requests import ConnectionError as NoConnectionError
from requests import HTTPError

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.core.listed_exceptions import RetryRules
from odoo.addons.queue_job.core.retry import exponential
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import job

from .case import JobCase

FULL_NAME = "requests.exceptions.ConnectionError"


def fetch(self):
    raise NoConnectionError("no route")


def refused(self):
    raise HTTPError("403")


def fetch_later(self):
    raise RetryableJobError("later")


@tagged("post_install", "-at_install")
class TestRetryOn(JobCase):
    def _delayed(self, func, max_retries=None, **options):
        self.put_job(func, **options)
        return getattr(
            self.partner.with_delay(max_retries=max_retries), func.__name__
        )()

    def _function(self, name="fetch", **vals):
        vals["name"] = f"<res.partner>.{name}"
        return self.env["queue.job.function"].create(vals)

    def test_a_listed_exception_postpones_by_the_pattern(self):
        delayed = self._delayed(
            fetch, retry_on=NoConnectionError, retry_pattern={1: 1000}
        )
        before = self.env.cr.now()
        self.assertEqual(self.run_job(delayed), "postponed")

        record = delayed.db_record()
        self.assertEqual((record.state, record.retry), ("pending", 1))
        self.assertEqual(record.result, f"{FULL_NAME}: no route")
        self.assertGreater(record.eta, before + timedelta(seconds=900))
        self.assertEqual(record.attempt_ids.exc_name, FULL_NAME)

    def test_the_last_attempt_fails_for_want_of_another(self):
        delayed = self._delayed(fetch, 2, retry_on=FULL_NAME)
        self.assertEqual(self.run_job(delayed), "postponed")
        self.run_failing(delayed)

        record = delayed.db_record()
        self.assertRegex(record.exc_name, r"\.MaxRetryJobError$")
        self.assertEqual(
            record.exc_message, f"Max. retries (2) reached: {FULL_NAME}: no route"
        )
        self.assertIn("NoConnectionError", record.exc_info)

    def test_what_is_given_up_on_fails_at_once(self):
        delayed = self._delayed(refused, retry_on=(OSError,), give_up_on=[HTTPError])
        self.run_failing(delayed)
        self.assertEqual(delayed.db_record().exc_message, "403")

    def test_others_fail_at_once(self):
        self.run_failing(self._delayed(refused, retry_on=NoConnectionError))

    def test_waits_grow(self):
        pattern = exponential(first=3000, factor=2, most=9000, jitter=0)
        delayed = self._delayed(fetch_later, retry_pattern=pattern)
        for seconds in (3000, 6000, 9000):
            before = self.env.cr.now()
            self.assertEqual(self.run_job(delayed), "postponed")
            waits = (delayed.db_record().eta - before).total_seconds()
            self.assertTrue(seconds - 60 < waits < seconds + 600, waits)

    def test_the_record_wins_list_by_list(self):
        delayed = self._delayed(fetch, retry_on=KeyError, give_up_on="ValueError")
        self._function(retry_on="OSError")
        self.assertEqual(delayed.retry_rules, RetryRules(("OSError",), ("ValueError",)))
        self.assertEqual(self.run_job(delayed), "postponed")

    def test_names_are_stored_in_one_form(self):
        function = self._function(retry_on=f"\n{FULL_NAME},OSError  OSError")
        self.assertEqual(function.retry_on, f"{FULL_NAME}, OSError")
        function.write({"retry_on": " , ", "give_up_on": "KeyError"})
        self.assertFalse(function.retry_on)
        config = function.job_config(function.name)
        self.assertEqual((config.retry_on, config.give_up_on), ((), ("KeyError",)))

    def test_what_names_no_exception_is_refused(self):
        function = self._function()
        for text in ("no.such.Error", "os.system", "int", "a-b", "base64"):
            with (
                self.subTest(text),
                self.assertRaisesRegex(UserError, f"Give Up.*{text}"),
            ):
                function.give_up_on = text

    def test_the_record_shows_what_the_code_says(self):
        function = self._function()
        self.assertFalse(function.retries_in_code)
        self.put_job(
            fetch,
            retry_on=(NoConnectionError, "a.b.Error"),
            give_up_on=KeyError,
            retry_pattern=exponential(),
        )
        function.invalidate_recordset()
        self.assertEqual(
            function.retries_in_code,
            "retry_pattern=exponential(first=10, factor=2, most=3600, jitter=0.1);"
            f" retry_on={FULL_NAME}, a.b.Error; give_up_on=KeyError",
        )

    def test_a_growing_pattern_is_typed_and_shown_as_text(self):
        function = self._function()
        function.edit_retry_pattern = " exponential(first=5, most=50)"
        self.env.flush_all()
        function.invalidate_recordset()
        expected = exponential(first=5, most=50)
        self.assertEqual(function.edit_retry_pattern, str(expected))
        self.assertEqual(function.job_config(function.name).retry_pattern, expected)
        self.assertEqual(function.retry_pattern, expected.as_json())

    def test_a_growing_pattern_of_another_form_is_refused(self):
        function = self._function()
        for text in (
            "exponential(first=0)",
            "exponential(5)",
            "exponential(f=open(1))",
        ):
            with (
                self.subTest(text),
                self.assertRaisesRegex(UserError, r"exponential\(first=10"),
            ):
                function.edit_retry_pattern = text
        with self.assertRaises(UserError):
            function.retry_pattern = {"exponential": {"first": "x"}}

    def test_the_decorator_refuses_what_is_no_exception(self):
        for option in ("retry_on", "give_up_on"):
            for listed in (7, int, "a b", [RetryableJobError]):
                with (
                    self.subTest(option=option, listed=listed),
                    self.assertRaisesRegex(TypeError, f"fetch: {option}: "),
                ):
                    job(fetch, **{option: listed})
