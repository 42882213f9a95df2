# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In a trap a later call supersedes what failed, as it does in the queue."""

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.delay import chain
from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError
from odoo.addons.queue_job.job import Identity
from odoo.addons.queue_job.tests.common import trap_jobs

from .case import JobCase

PLAIN = Identity("stock")
LAST = Identity("stock", supersedes_failed=True)


class TestTrapSupersedes(JobCase):
    def setUp(self):
        super().setUp()
        self.errors = [ValueError("the shop is closed")]
        errors = self.errors

        def fetch_it(self):
            if errors:
                raise errors.pop()

        self.put_job(fetch_it)

    def fetch(self, identity, **options):
        return self.partner.with_delay(identity_key=identity, **options).fetch_it()

    def fail(self, trap, identity, error=ValueError):
        job = self.fetch(identity)
        with self.assertRaises(error):
            trap.perform_enqueued_jobs()
        return job

    def test_a_job_that_failed_is_kept_as_failed(self):
        with trap_jobs() as trap:
            job = self.fail(trap, PLAIN)
            self.assertEqual(trap.failed_jobs, [job])
            self.assertEqual(job.state, State.FAILED)
            self.assertEqual(job.exc_name, "ValueError")
            again = self.fetch(PLAIN)  # by itself it supersedes nothing
            self.assertNotEqual(again, job)
            self.assertEqual(trap.failed_jobs, [job])

    def test_a_later_call_that_says_so_supersedes_it(self):
        with trap_jobs() as trap:
            job = self.fail(trap, PLAIN)
            later = self.fetch(LAST)
            self.assertEqual((trap.failed_jobs, trap.superseded_jobs), ([], [job]))
            self.assertEqual(job.state, State.CANCELLED)
            self.assertEqual(job.result, f"superseded by job {later.uuid}")
            trap.assert_jobs_count(1)

    def test_so_does_one_for_which_another_stands(self):
        with trap_jobs() as trap:
            job = self.fail(trap, PLAIN)
            standing = self.fetch(PLAIN)
            self.fetch(LAST)
            self.assertEqual(trap.superseded_jobs, [job])
            self.assertEqual(trap.enqueued_jobs, [standing])

    def test_one_of_another_key_does_not(self):
        with trap_jobs() as trap:
            job = self.fail(trap, PLAIN)
            self.fetch(Identity("prices", supersedes_failed=True))
            self.assertEqual(trap.failed_jobs, [job])

    def test_one_that_waits_when_it_fails_does(self):
        errors = self.errors

        def fetch_again(self):
            self.with_delay(identity_key=LAST).fetch_it()
            raise errors.pop()

        self.put_job(fetch_again)
        with trap_jobs() as trap:
            job = self.partner.with_delay(identity_key=PLAIN).fetch_again()
            with self.assertRaises(ValueError):
                trap.perform_enqueued_jobs()
            self.assertEqual(trap.superseded_jobs, [job])

    def test_what_was_to_be_merged_or_others_wait_for_is_not(self):
        merging = Identity("stock", on_duplicate="merge")
        with trap_jobs() as trap:
            job = self.fail(trap, merging)
            self.fetch(LAST)
            self.assertEqual(trap.failed_jobs, [job])
        self.errors.append(ValueError("again"))
        with trap_jobs() as trap:
            first = self.partner.delayable(identity_key=PLAIN).fetch_it()
            chain(first, self.partner.delayable().fetch_it()).delay()
            with self.assertRaises(ValueError):
                trap.perform_enqueued_jobs()
            self.fetch(LAST)
            [failed] = trap.failed_jobs
            self.assertEqual(failed.identity_key, "stock")

    def test_what_is_no_failure_is_not_kept_as_one(self):
        for error in (RetryableJobError, NothingToDoJob):
            self.errors[:] = [error("not now")]
            with trap_jobs() as trap:
                self.fail(trap, PLAIN, error)
                self.assertEqual(trap.failed_jobs, [])
