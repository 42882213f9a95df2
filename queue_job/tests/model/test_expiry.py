# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Until when a job has to begin: said by the call, the decorator or the record."""

from datetime import datetime, timedelta, timezone

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.delay import chain
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Identity, Job, job
from odoo.addons.queue_job.store import dispatch, expiry
from odoo.addons.queue_job.tests.common import trap_jobs

from .case import WORKER_LOGGER, JobCase

PAST = datetime(2020, 2, 2, 2, 2, 2)


def export_it(self, *args):
    """Export the partner"""
    return "exported"


def later(self):
    raise RetryableJobError("later")


@tagged("post_install", "-at_install")
class TestExpiry(JobCase):
    def _delay(self, func=export_it, **options):
        return self.delay(func, options=options)

    def _late(self, delayed):
        record = delayed.db_record()
        record.expires_at = PAST
        self.env.flush_all()
        return record

    def _wait(self, delayed):
        """Seconds from now to its expiry."""
        moment = delayed.db_record().expires_at
        return (moment - server_clock.now(self.env.cr)).total_seconds()

    def test_it_is_given_like_an_eta(self):
        moment = datetime(2040, 1, 2, 3, 4, 5)
        self.assertEqual(self._delay(expires=moment).db_record().expires_at, moment)
        zoned = moment.replace(tzinfo=timezone(timedelta(hours=2)))
        self.assertEqual(
            self._delay(expires=zoned).db_record().expires_at,
            moment - timedelta(hours=2),
        )
        for given in (3600, timedelta(hours=1)):
            self.assertAlmostEqual(self._wait(self._delay(expires=given)), 3600, None,
                                   None, 60)  # fmt: skip
        for nothing in (None, 0):
            self.assertFalse(self._delay(expires=nothing).db_record().expires_at)

    def test_what_is_no_moment_is_refused_by_name(self):
        for wrong in ("soon", 1.5, object(), 10**12):
            with self.assertRaisesRegex((TypeError, ValueError), "with expires="):
                self._delay(expires=wrong)

    def test_a_job_that_could_never_begin_is_refused(self):
        for eta, expires in ((120, 60), (timedelta(hours=2), 3600)):
            with self.assertRaisesRegex(ValueError, "would never begin"):
                self._delay(eta=eta, expires=expires)

    def test_a_call_is_not_kept_by_one_that_expires_before_it(self):
        first = self._delay(identity_key="key", expires=60)
        for later in ({}, {"expires": 120}):
            self.assertNotEqual(self._delay(identity_key="key", **later), first)

    def test_a_call_is_kept_by_one_that_expires_no_sooner(self):
        for key, first in (("a", {}), ("b", {"expires": 120})):
            kept = self._delay(identity_key=key, **first)
            self.assertEqual(self._delay(identity_key=key, expires=60), kept)

    def test_with_a_key_what_is_no_moment_is_refused_by_name_too(self):
        for wrong in ("soon", "tomorrow", 1.5):
            with self.assertRaisesRegex((TypeError, ValueError), "with expires="):
                self._delay(identity_key="key", expires=wrong)

    def test_texts_are_compared_as_moments(self):
        self.put_job(export_it)
        for moment, count in (("2040-01-01 00:00:00", 1), ("2039-01-01 00:00:00", 0)):
            before = self.env["queue.job"].search_count([])
            for _number in range(2):
                self.partner.delay_many(
                    "export_it", [()] * 2, identity_key="key", expires=moment
                )
            found = self.env["queue.job"].search_count([]) - before
            self.assertEqual(found, count)

    def test_many_calls_that_expire_some_time_from_now_are_asked_for_together(self):
        self.put_job(export_it)

        def statements(count):
            before = self.env.cr.sql_log_count
            jobs = [
                Job(self.partner.export_it, identity_key=f"{count} {n}", expires=3600)
                for n in range(count)
            ]
            Job.enqueue_many(jobs)
            return self.env.cr.sql_log_count - before

        statements(1)
        self.assertEqual(statements(30), statements(3))

    def test_calls_of_one_are_stored_as_the_one_that_expires_last(self):
        late, soon = datetime(2040, 1, 2), datetime(2040, 1, 1)
        moments = [soon, late, None, soon]
        self.put_job(export_it)
        jobs = [
            Job(self.partner.export_it, identity_key="key", expires=moment)
            for moment in moments
        ]
        answer = Job.enqueue_many(jobs)
        self.assertEqual(answer, [jobs[0]] * 4)
        self.assertFalse(jobs[0].db_record().expires_at)
        [job, _same] = Job.enqueue_many(
            [
                Job(self.partner.export_it, identity_key="other", expires=moment)
                for moment in (soon, late)
            ]
        )
        self.assertEqual(job.db_record().expires_at, late)

    def test_records_of_other_calls_are_not_to_go_with_it(self):
        identity = Identity("key", on_duplicate="merge")
        with self.assertRaisesRegex(ValueError, "merge"):
            self._delay(identity_key=identity, expires=60)

    def test_the_decorator_and_the_record_count_from_when_it_is_due(self):
        self.put_job(export_it, expires=600)
        delayed = self.partner.with_delay().export_it()
        self.assertAlmostEqual(self._wait(delayed), 600, None, None, 60)
        delayed = self.partner.with_delay(eta=3600).export_it()
        self.assertAlmostEqual(self._wait(delayed), 4200, None, None, 60)
        self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it", "expires": 60}
        )
        [delayed] = self.partner.with_delay_each().export_it()
        self.assertLessEqual(self._wait(delayed), 60)
        delayed = self.partner.with_delay(expires=9000).export_it()
        self.assertAlmostEqual(self._wait(delayed), 9000, None, None, 60)

    def test_what_is_due_too_late_to_expire_is_refused(self):
        self.put_job(export_it, expires=365 * 24 * 3600)
        for eta in (datetime(9999, 12, 1), "9999-06-01 00:00:00"):
            with self.assertRaisesRegex(ValueError, "with eta=.*expire 31536000 sec"):
                self.partner.with_delay(eta=eta).export_it()
        delayed = self.partner.with_delay(eta=datetime(9998, 12, 1)).export_it()
        self.assertEqual(delayed.db_record().expires_at, datetime(9999, 12, 1))

    def test_calls_to_be_merged_have_none_by_default(self):
        self.put_job(export_it, expires=600)
        identity = Identity("key", on_duplicate="merge")
        delayed = self.partner.with_delay(identity_key=identity).export_it()
        self.assertFalse(delayed.db_record().expires_at)

    def test_decorator_and_record_refuse_other_numbers(self):
        for wrong in (-1, 1.5, "60", True, 2**31):
            with self.assertRaisesRegex(TypeError, "expires"):
                job(export_it, expires=wrong)
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it"}
        )
        with self.assertRaisesRegex(UserError, "-1"):
            function.expires = -1

    def test_a_worker_does_not_begin_it_too_late(self):
        self.put_job(export_it)
        first, second = (self.partner.delayable().export_it() for _ in range(2))
        chain(first, second).delay()
        delayed = first._generated_job
        attempt = self.dispatch(delayed)
        record = self._late(delayed)

        with self.assertLogs(WORKER_LOGGER, "DEBUG") as logged:
            self.assertEqual(self.run_under(delayed, attempt), "not_taken")

        self.assertIn("has expired", "".join(logged.output))
        self.assertEqual(record.state, "cancelled")
        self.assertEqual(record.result, "expired at 2020-02-02 02:02:02 UTC")
        self.assertEqual(second._generated_job.db_record().state, "cancelled")

    def test_once_begun_it_goes_on_whatever_it_waits_for(self):
        delayed = self._delay(later, expires=60)
        self.assertEqual(self.run_job(delayed), "postponed")
        record = delayed.db_record()
        self.assertEqual((record.state, record.expires_at), ("pending", False))

    def test_requeued_it_may_begin_at_any_time(self):
        record = self._late(self._delay(expires=60))
        self.assertIn(record.id, expiry.expire_some(self.env.cr))
        record.invalidate_recordset()
        self.assertEqual(record.state, "cancelled")
        record.requeue()
        self.assertEqual((record.state, record.expires_at), ("pending", False))

    def test_a_job_loaded_and_stored_keeps_it(self):
        delayed = self._delay(expires=datetime(2040, 1, 2))
        loaded = Job.load(self.env, delayed.uuid)
        self.assertEqual(loaded.expires, datetime(2040, 1, 2))
        loaded.store()
        self.assertEqual(loaded.db_record().expires_at, datetime(2040, 1, 2))
        loaded.set_started()
        loaded.store()
        self.assertFalse(loaded.db_record().expires_at)

    def test_a_manager_may_change_it_while_the_job_waits(self):
        record = self._delay(expires=60).db_record().with_user(self.manager)
        record.sudo(False).expires_at = "2040-01-02T03:04:05+02:00"
        self.assertEqual(record.expires_at, datetime(2040, 1, 2, 1, 4, 5))

    def test_why_it_does_not_run_says_until_when_it_may(self):
        record = self._delay(expires=datetime(2040, 1, 2), eta=60).db_record()
        told = record.with_user(self.manager).explain()["sentence"]
        self.assertRegex(told, "2040.*if it has not begun by then")
        self._late(Job.load(self.env, record.uuid))
        told = record.with_user(self.manager).explain()["sentence"]
        self.assertRegex(told, "^It expired on .*2020")

    def test_the_trap_knows_the_option(self):
        self.put_job(export_it)
        with trap_jobs() as trap:
            self.partner.with_delay(expires=60).export_it()
            trap.assert_enqueued_job(self.partner.export_it, properties={"expires": 60})
            trap.perform_enqueued_jobs()

    def test_a_dispatched_job_of_another_number_is_not_touched(self):
        delayed = self._delay(expires=60)
        number = self.dispatch(delayed)
        record = self._late(delayed)
        late = dispatch.DispatchedJob(record.id, record.uuid, number - 1)
        self.assertFalse(expiry.expire_dispatched(self.env.cr, late))
