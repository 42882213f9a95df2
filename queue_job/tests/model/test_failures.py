# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failures of one cause are one failure, which users look after."""

import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models import queue_job_failure
from odoo.addons.queue_job.models.queue_job.failures import TOLD_PER
from odoo.addons.queue_job.store import failures
from odoo.addons.queue_job.worker import record

from .case import WORKER_LOGGER
from .cases import FailureCase


class CountedFailureCase(FailureCase):
    def fail_with(self, message, records=None):
        """Run a job that fails; return its record."""
        delayed = self.delay(self._raising(UserError(message)), records=records)
        self.run_failing(delayed)
        return delayed.db_record()

    def all(self):
        self.env.invalidate_all()
        return self.env["queue.job.failure"].search([], order="id")

    def told(self, job):
        """How many were told of a failure."""
        subtype = self.env.ref("queue_job.mt_job_failed")
        posted = job.message_ids.filtered(lambda m: m.subtype_id == subtype)
        return len(posted.notification_ids)


@tagged("post_install", "-at_install")
class TestFailures(CountedFailureCase):
    def test_jobs_that_fail_for_the_same_reason_are_one_failure(self):
        jobs = self.fail_with("Order 12 is locked") | self.fail_with(
            "Order 13 is locked"
        )
        failure = self.all()
        self.assertEqual(len(failure), 1)
        self.assertEqual(failure.message, "Order <number> is locked")
        self.assertEqual(failure.exc_name, "odoo.exceptions.UserError")
        self.assertEqual(failure.times, 2)
        self.assertEqual(failure.status, "open")
        self.assertEqual(failure.job_id, jobs[1])
        self.assertEqual(jobs.failure_id, failure)
        self.assertEqual(failure.functions, "<res.partner>.fail_it")
        self.assertTrue(failure.first_seen and failure.last_seen)
        self.assertEqual(failure.failed_jobs_shown, "2")

    def test_a_job_names_those_that_failed_alike(self):
        self.fail_with("Order 12 is locked")
        job = self.fail_with("Order 13 is locked").with_user(self.manager)
        name = "UserError in <res.partner>.fail_it"
        self.assertEqual(job.failure_id.display_name, name)
        self.assertEqual(job.failure_id.exc_short, "UserError")
        self.assertEqual(job.alike_shown, "2")
        functions = (
            "UPDATE queue_job_failure SET functions = functions || E'\\nanother'"
        )
        self.env.cr.execute(functions)
        self.env.invalidate_all()
        self.assertEqual(job.failure_id.display_name, f"{name} and 1 more")

    def test_another_reason_or_company_is_another_failure(self):
        self.fail_with("Order 12 is locked")
        self.fail_with("Order 12 is gone")
        self.assertEqual(len(self.all()), 2)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.fail_with("Order 12 is locked", self.partner.with_company(other))
        self.assertEqual(len(self.all()), 3)
        self.assertEqual(self.all()[-1].company_id, other)

    def test_functions_are_named_once(self):
        failure = self.fail_with("no").failure_id
        self.env.cr.execute("UPDATE queue_job_failure SET functions = 'another'")
        self.fail_with("no"), self.fail_with("no")
        self.env.invalidate_all()
        self.assertEqual(failure.functions, "another\n<res.partner>.fail_it")

    def test_a_fixed_one_that_comes_back_is_open_again_and_says_so(self):
        failure = self.fail_with("no").failure_id.with_user(self.manager)
        failure.mark_fixed()
        self.assertEqual((failure.status, failure.is_back), ("fixed", False))
        job = self.fail_with("no")
        self.env.invalidate_all()
        self.assertEqual((failure.status, failure.is_back), ("open", True))
        self.assertEqual(failure.told_job_id, job)

    def test_an_ignored_one_stays_ignored_and_nobody_hears_of_it(self):
        first = self.fail_with("no")
        self.assertTrue(self.told(first))
        failure = first.failure_id.with_user(self.manager)
        failure.ignore()
        first.button_done()  # the flood is over
        self.assertFalse(self.told(self.fail_with("no")))
        self.env.invalidate_all()
        self.assertEqual((failure.status, failure.times), ("ignored", 2))
        failure.reopen()
        self.assertEqual(failure.status, "open")

    def test_users_may_want_to_hear_of_each_failure_once(self):
        self.env["ir.config_parameter"].set_param(TOLD_PER, "failure")
        first = self.fail_with("no")
        self.assertTrue(self.told(first))
        first.button_done()
        self.assertFalse(self.told(self.fail_with("no")))
        self.assertTrue(self.told(self.fail_with("something else")))
        first.failure_id.mark_fixed()
        self.assertTrue(self.told(self.fail_with("no")))

    def fail_untold(self, message):
        """Run a job that fails, and whose announcement does."""
        jobs = self.registry["queue.job"]
        gone = ConnectionError("no mail today")
        with patch.object(jobs, "_message_post_on_failure", side_effect=gone):
            return self.fail_with(message)

    def test_a_failure_that_could_not_be_told_is_told_with_the_next(self):
        self.env["ir.config_parameter"].set_param(TOLD_PER, "failure")
        first = self.fail_untold("no")
        self.assertFalse(self.told(first))
        self.assertTrue(first.failure_id.tell_after)
        second = self.fail_with("no")
        self.assertTrue(self.told(second))
        self.env.invalidate_all()
        self.assertEqual(second.failure_id.told_job_id, second)
        self.assertFalse(second.failure_id.tell_after)
        self.assertFalse(self.told(self.fail_with("no")))

    def test_one_that_came_back_untold_is_told_with_the_next(self):
        self.env["ir.config_parameter"].set_param(TOLD_PER, "failure")
        failure = self.fail_with("no").failure_id
        failure.mark_fixed()
        self.assertFalse(self.told(self.fail_untold("no")))
        self.assertTrue(self.told(self.fail_with("no")))
        self.assertTrue(failure.back_seen)

    def test_a_job_that_fails_again_of_the_same_is_no_news(self):
        self.env["ir.config_parameter"].set_param(TOLD_PER, "failure")
        delayed = self.delay(self._raising(UserError("no")))
        self.run_failing(delayed)
        job = delayed.db_record()
        told = self.told(job)
        self.assertTrue(told)
        job.requeue()
        self.run_failing(delayed)
        self.assertEqual(self.told(job), told)

    def test_a_list_counts_those_that_are_failed_now_up_to_a_bound(self):
        failures = (self.fail_with("no") | self.fail_with("no")).failure_id
        failures |= self.fail_with("something else").failure_id
        counted = {f: f.failed_jobs_shown for f in failures}
        self.assertEqual(sorted(counted.values()), ["1", "2"])
        self.env.invalidate_all()
        with patch.object(queue_job_failure, "_MOST_COUNTED_EACH", 1):
            counted = [f.failed_jobs_shown for f in failures]
        self.assertEqual(sorted(counted), ["1", "1+"])

    def test_what_a_job_failed_with_is_said_once_in_its_chatter(self):
        job = self.fail_with("it is closed")
        [message] = job.message_ids.filtered(lambda m: "it is closed" in m.body)
        self.assertEqual(message.subtype_id, self.env.ref("queue_job.mt_job_failed"))
        self.assertNotIn("exc_message", job._track_get_fields())

    def test_all_its_failed_jobs_run_again(self):
        jobs = self.fail_with("no") | self.fail_with("no")
        other = self.fail_with("something else")
        failure = jobs.failure_id.with_user(self.manager)
        action = failure.requeue_failed_jobs()
        wizard = self.env[action["res_model"]].with_user(self.manager)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(wizard.moving_count, 2)
        self.assertEqual(wizard.failure_shown, failure.display_name)
        wizard.requeue()
        self.env.invalidate_all()
        self.assertEqual(set(jobs.mapped("state")), {State.PENDING})
        self.assertEqual(other.state, State.FAILED)
        self.assertEqual(failure.failed_jobs_shown, "0")
        found = self.env["queue.job"].search(failure.open_all_jobs()["domain"])
        self.assertEqual(found, jobs)

    def test_the_chart_counts_by_hour(self):
        failure = self.fail_with("no").failure_id
        self.fail_with("no")
        self.env.cr.execute(
            "INSERT INTO queue_job_failure_hour (failure_id, hour, times)"
            " SELECT failure_id, hour - interval '3 hours', 5"
            " FROM queue_job_failure_hour WHERE failure_id = %s",
            [failure.id],
        )
        self.env.invalidate_all()
        [drawn] = json.loads(failure.chart)
        values = [point["value"] for point in drawn["values"]]
        self.assertEqual(len(values), 48)
        self.assertEqual(values[-1], 2)
        self.assertEqual(values[-4], 5)

    def test_a_count_that_fails_costs_nothing_but_the_count(self):
        with (
            patch.object(failures, "note", side_effect=ValueError("no room")),
            mute_logger(WORKER_LOGGER),
        ):
            delayed = self.delay(self._raising(UserError("no")))
            self.assertEqual(self.run_job(delayed), "failed")
        job = self._assert_failed(delayed, "odoo.exceptions.UserError", "no")
        self.assertFalse(job.failure_id)
        self.assertTrue(self.told(job))
        self.assertIs(record.failures, failures)

    def test_a_job_that_succeeds_asks_nothing_of_it(self):
        def work(self):
            return None

        with patch.object(failures, "note") as note:
            self.run_job(self.delay(work))
        note.assert_not_called()

    def test_it_is_kept_as_long_as_its_jobs(self):
        job = self.fail_with("no")
        failure = job.failure_id
        self.env.cr.execute("UPDATE queue_job_failure SET last_seen = '2000-01-01'")
        self.env.cr.execute("UPDATE queue_job_failure_hour SET hour = '2000-01-01'")
        self.env.invalidate_all()
        failure._gc_failures()
        self.assertTrue(failure.exists())
        self.assertFalse(self.env["queue.job.failure.hour"].search([]))
        job.unlink()
        failure._gc_failures()
        self.assertFalse(failure.exists())


@tagged("post_install", "-at_install")
class TestRightsOnFailures(CountedFailureCase):
    def test_managers_see_those_of_their_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        own = self.fail_with("no").failure_id
        self.fail_with("no", self.partner.with_company(other))
        seen = self.env["queue.job.failure"].with_user(self.manager).search([])
        self.assertEqual(seen, own)

    def test_nobody_writes_them_but_by_the_buttons(self):
        failure = self.fail_with("no").failure_id
        for method, args in (
            ("write", [failure.ids, {"times": 0}]),
            ("create", [{"fingerprint": "x"}]),
            ("unlink", [failure.ids]),
        ):
            with self.assertRaises(AccessError):
                self.rpc(self.manager, "queue.job.failure", method, *args)
        for button in ("ignore", "mark_fixed", "reopen", "requeue_failed_jobs"):
            with self.assertRaises(AccessError):
                self.rpc(self.user, "queue.job.failure", button, failure.ids)
            self.rpc(self.manager, "queue.job.failure", button, failure.ids)
