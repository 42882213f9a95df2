# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one clock is PostgreSQL's: what a host says of time and zone decides nothing."""

import os
import time
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from freezegun import freeze_time

from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.tests.common import freeze_eta

from .case import JobCase
from .cases import NOW, export_it

NEAR = timedelta(minutes=1)
#: 2026-01-02 12:00 in New Zealand
AWARE = datetime(2026, 1, 2, 12, tzinfo=timezone(timedelta(hours=13)))
IN_UTC = datetime(2026, 1, 1, 23)


class TestClock(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        measured = patch.dict(server_clock._measured, clear=True)
        measured.start()
        self.addCleanup(measured.stop)

    def _be_elsewhere(self):
        """As on a host whose clock shows half a day more."""
        zone = os.environ.get("TZ")
        self.addCleanup(self._set_zone, zone)
        self._set_zone("Pacific/Auckland")

    def _set_zone(self, zone):
        os.environ.pop("TZ", None)
        if zone is not None:
            os.environ["TZ"] = zone
        time.tzset()

    def _database_time(self):
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        return self.env.cr.fetchone()[0]

    def _assert_in(self, moment, **delta):
        expected = self._database_time() + timedelta(**delta)
        self.assertLess(abs(moment - expected), NEAR)

    def test_the_time_of_a_new_job_is_the_databases(self):
        self._be_elsewhere()
        record = self.partner.with_delay(eta=3600).export_it().db_record()
        self._assert_in(record.date_created)
        self._assert_in(record.eta, hours=1)
        later = self.partner.with_delay(eta=timedelta(hours=2)).export_it()
        self._assert_in(later.db_record().eta, hours=2)

    def test_so_are_those_of_the_moves_of_a_job_in_memory(self):
        self._be_elsewhere()
        job = Job(self.partner.export_it)
        for move, name in (
            (job.set_enqueued, "date_enqueued"), (job.set_started, "date_started"),
            (job.set_done, "date_done"), (job.set_cancelled, "date_cancelled"),
        ):  # fmt: skip
            move()
            self._assert_in(getattr(job, name))
        job.postpone(seconds=3600)
        self._assert_in(job.eta, hours=1)

    def test_and_the_back_off_of_a_postponed_one(self):
        def retry_it(self):
            raise RetryableJobError("later", seconds=3600)

        delayed = self.delay(retry_it)
        self._be_elsewhere()
        self.assertEqual(self.run_job(delayed), "postponed")
        record = delayed.db_record()
        record.invalidate_recordset()
        self._assert_in(record.eta, hours=1)

    def test_and_what_counts_as_stuck(self):
        record = self.partner.with_delay().export_it().db_record()
        self.dispatch(Job.load(self.env, record.uuid))
        self._be_elsewhere()
        jobs = self.env["queue.job"]
        self.assertNotIn(record, jobs._get_stuck_jobs_to_requeue(5, 0))

    def test_the_database_is_not_asked_for_each_job(self):
        server_clock.now(self.env.cr)
        with patch.object(server_clock, "_measure", side_effect=AssertionError):
            Job(self.partner.export_it, eta=5)

    def test_but_again_when_a_clock_of_the_host_jumped(self):
        server_clock.now(self.env.cr)
        [before] = server_clock._measured.values()
        jumped = time.time() + 600
        with patch.object(server_clock.time, "time", return_value=jumped):
            self._assert_in(server_clock.now(self.env.cr))
        self.assertNotEqual([before], [*server_clock._measured.values()])

    def test_a_measurement_takes_back_nothing_that_orders_jobs(self):
        last = server_clock._measure(self.env.cr, None)
        ahead = last._replace(time=last.time + timedelta(milliseconds=500))
        again = server_clock._measure(self.env.cr, ahead)
        self.assertGreaterEqual(again.time, ahead.time)
        wrong = last._replace(time=last.time + timedelta(minutes=10))
        self._assert_in(server_clock._measure(self.env.cr, wrong).time)

    def test_a_test_may_stop_the_clock(self):
        with freeze_eta(NOW):
            eta = Job(self.partner.export_it, eta=60).eta
        self.assertEqual(eta, NOW + timedelta(seconds=60))
        with freeze_time("2031-02-03 04:05:06"):
            job = Job(self.partner.export_it, eta=60)
        self.assertEqual(job.date_created, datetime(2031, 2, 3, 4, 5, 6))
        self.assertEqual(job.eta, datetime(2031, 2, 3, 4, 6, 6))
        self._assert_in(Job(self.partner.export_it).date_created)


class TestMomentsWithTimeZone(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def test_they_are_understood_as_eta(self):
        later = self.partner.delayable().export_it()
        later.set(eta=AWARE).delay()
        for job in (
            self.partner.with_delay(eta=AWARE).export_it(),
            self.partner.with_delay(eta=AWARE.isoformat()).export_it(),
            self.partner.with_delay(eta="2026-01-01T23:00:00Z").export_it(),
            later._generated_job,
        ):
            self.assertEqual(job.db_record().eta, IN_UTC)

    def test_and_when_they_are_written(self):
        job = self.partner.with_delay().export_it()
        record = job.db_record()
        for value in (AWARE, AWARE.isoformat(), "2026-01-01 23:00:00"):
            record.write({"eta": False})
            record.write({"eta": value})
            self.env.flush_all()
            record.invalidate_recordset()
            self.assertEqual(record.eta, IN_UTC)
        job.eta = AWARE + timedelta(days=1)
        job.store()
        self.assertEqual(record.eta, IN_UTC + timedelta(days=1))

    def test_what_is_no_moment_is_refused(self):
        with self.assertRaisesRegex(ValueError, "eta"):
            self.partner.with_delay(eta="tomorrow").export_it()
