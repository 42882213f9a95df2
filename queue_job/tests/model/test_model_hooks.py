# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What models want stored with their jobs: at each ``store()``, and at each end."""

from unittest.mock import patch

from odoo.addons.queue_job.exception import NothingToDoJob, RetryableJobError

from .case import WORKER_LOGGER, JobCase


def export_it(self, error=None):
    if error:
        raise error
    return "exported"


class HookCase(JobCase):
    def _written(self, step):
        """What is written to jobs while ``step`` runs."""
        seen = []

        def write(self, vals):
            seen.append(vals)
            return write.super(self, vals)

        write.super = self.registry["queue.job"].write
        self.put(write, "queue.job")
        step()
        return seen


class TestStoring(HookCase):
    def test_models_add_values_and_the_methods_hook_wins(self):
        def _job_store_values(self, job):
            return {"eta": "2040-01-01", "activity_summary": "x", "state": "done"}

        def _job_store_values_for_export_it(self, job):
            return {"company_id": 77, "identity_key": "core wins", "worker_pid": 99}

        self.put(_job_store_values)
        self.put(_job_store_values_for_export_it)
        made = self.delay(export_it)
        [written] = self._written(made.store)
        self.assertEqual(written["activity_summary"], "x")
        for key in ("eta", "state", "company_id", "identity_key", "worker_pid"):
            self.assertNotIn(written[key], ("done", 77, "core wins", 99), key)

    def test_what_is_written_once_is_not_for_models_to_add(self):
        def _job_store_values(self, job):
            return {"name": "x", "uuid": "y", "channel": "root.z", "priority": 99}

        self.put(_job_store_values)
        made = self.delay(export_it)
        for _ in range(2):
            made.store()
            record = made.db_record()
            self.assertEqual((record.name, record.uuid), (made.description, made.uuid))
            self.assertEqual((record.channel, record.priority), ("root", 10))


class TestEnds(HookCase):
    """The execution writes the ends of jobs past ``store()``."""

    def _run(self, error=None):
        def try_it(self):
            return export_it(self, error)

        def _job_store_values_for_try_it(self, job):
            text = f"{job.state}: {job.result or job.exc_message}"
            return {"activity_summary": text, "retry": 99}

        delayed = self.delay(try_it)
        self.put(_job_store_values_for_try_it)
        run = self.run_failing if isinstance(error, ValueError) else self.run_job
        written = self._written(lambda: run(delayed))
        self.assertEqual(delayed.db_record().retry, 1)
        return [vals["activity_summary"] for vals in written if len(vals) == 1]

    def test_values_are_stored_when_a_job_is_done(self):
        self.assertEqual(self._run(), ["done: exported"])

    def test_the_end_of_a_job_that_finds_nothing_to_do_at_its_flush_is_seen_and_stored(
        self,
    ):
        def leave_to_flush(self):
            self.is_company = not self.is_company

        def refuse(self):
            raise NothingToDoJob("too late")

        def _job_store_values(self, job):
            return {"activity_summary": job.state}

        delayed = self.delay(leave_to_flush)
        self.put(_job_store_values)
        with patch.object(type(self.partner), "_compute_commercial_partner", refuse):
            written = self._written(lambda: self.run_job(delayed))
        self.assertEqual(
            [vals["state"] for vals in written if "state" in vals], ["done"]
        )
        self.assertIn({"activity_summary": "done"}, written)

    def test_values_are_stored_when_a_job_has_failed(self):
        self.assertEqual(self._run(ValueError("no")), ["failed: no"])

    def test_values_are_stored_when_a_job_will_come_again(self):
        self.assertEqual(self._run(RetryableJobError("later")), ["pending: later"])

    def test_the_general_hook_is_asked_as_well(self):
        def _job_store_values(self, job):
            return {"activity_summary": job.state}

        delayed = self.delay(export_it)
        self.put(_job_store_values)
        written = self._written(lambda: self.run_job(delayed))
        self.assertIn({"activity_summary": "done"}, written)

    def test_a_hook_that_fails_does_not_undo_a_failure(self):
        def _job_store_values(self, job):
            raise LookupError("not to be had")

        def try_it(self):
            raise ValueError("no")

        delayed = self.delay(try_it)
        self.put(_job_store_values)
        with self.assertLogs(WORKER_LOGGER, "ERROR") as logged:
            self.assertEqual(self.run_job(delayed), "failed")
        self.assertIn("not to be had", "".join(logged.output))
        self.assertEqual(delayed.db_record().exc_message, "no")
