# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ground on which several modules of tests stand."""

from datetime import datetime
from unittest.mock import patch

from odoo.addons.queue_job import job as job_module
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.job import Job, job

from .any_state import write_row
from .case import JobCase

NOW = datetime(2020, 2, 3, 4, 5, 6)


def export_it(self, *args, **kwargs):
    """
    Export the partner

    More about it.
    """
    return self, args, kwargs


class JobInMemoryCase(JobCase):
    """Jobs that are not stored."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _job(self, *args, **kwargs):
        return Job(self.partner.export_it, *args, **kwargs)

    def _job_of(self, func, **options):
        func = job(func, **options)
        self.put(func)
        return Job(getattr(self.partner, func.__name__))

    def _stop_the_clock(self):
        clock = patch.object(job_module, "datetime", autospec=True)
        clock.start().now.return_value = NOW
        self.addCleanup(clock.stop)


class JobModelCase(JobCase):
    """Rows in any state."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _row(self, state="pending", **values):
        record = self.partner.with_delay().export_it().db_record()
        write_row(record, state=str(state), **values)
        return record.with_user(self.manager)

    def _one_of_each(self):
        rows = [self._row(state) for state in State]
        return self.env["queue.job"].union(*rows).with_user(self.manager)


class FailureCase(JobCase):
    """Jobs that fail when they are run."""

    def _raising(self, error):
        def fail_it(self):
            self.name = "half done"
            self.env.flush_all()
            raise error

        return fail_it

    def _assert_failed(self, delayed, exc_name, exc_message):
        record = delayed.db_record()
        self.assertEqual(record.state, "failed")
        self.assertEqual(record.exc_name, exc_name)
        self.assertIn(exc_message, record.exc_message)
        self.assertTrue(record.exc_info)
        return record

    def _set(self, delayed, **columns):
        write_row(delayed.db_record(), **columns)
