# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which jobs a worker takes, and how other add-ons have it take them."""

from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import RunJobController, _prevent_commit
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from .case import WORKER_LOGGER, JobCase


def rename(self, name="renamed"):
    self.name = name
    return f"was named {name}"


class TestDispatches(JobCase):
    def test_another_number_gets_nothing(self):
        delayed = self.delay(rename)
        attempt = self.dispatch(delayed)
        for number in (attempt - 1, attempt + 1, 0, 2**31 - 1):
            with self.assertLogs(WORKER_LOGGER, "WARNING") as logged:
                self.assertEqual(self.run_under(delayed, number), "not_taken")
            self.assertIn("was requested to run job", logged.output[0])
        self.assertEqual(self.partner.name, "A")
        self.assertEqual(delayed.db_record().state, "enqueued")

    def test_a_job_does_not_run_twice_for_one_dispatch(self):
        delayed = self.delay(rename)
        attempt = self.dispatch(delayed)
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
        attempt = self.dispatch(delayed)
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
        attempts = [self.dispatch(delayed) for delayed in (good, bad, after)]
        with mute_logger(WORKER_LOGGER):
            outcomes = self.run_together([good, bad, after], attempts)
        self.assertEqual(outcomes, ["done", "failed", "done"])
        self.assertEqual(self.partner.name, "last")

    def test_behind_a_failure_jobs_may_be_left_alone(self):
        def fail_it(self):
            raise ValueError("no")

        bad, after = self.delay(fail_it), self.delay(rename)
        attempts = [self.dispatch(delayed) for delayed in (bad, after)]
        with mute_logger(WORKER_LOGGER):
            outcomes = self.run_together([bad, after], attempts, stops_at_failure=True)
        self.assertEqual(outcomes, ["failed", "not_taken"])
        self.assertEqual(after.db_record().state, "enqueued")

    def test_behind_one_that_comes_again_they_are_left_alone_as_well(self):
        def back_off(self):
            raise RetryableJobError("later", seconds=600)

        later, after = self.delay(back_off), self.delay(rename)
        attempts = [self.dispatch(delayed) for delayed in (later, after)]
        outcomes = self.run_together([later, after], attempts, stops_at_failure=True)
        self.assertEqual(outcomes, ["postponed", "not_taken"])
        self.assertEqual(after.db_record().state, "enqueued")

    def test_behind_one_that_is_not_to_be_had_they_are_left_alone_as_well(self):
        first, after = self.delay(rename, "first"), self.delay(rename, "after")
        attempts = [self.dispatch(delayed) for delayed in (first, after)]
        attempts[0] += 1
        with mute_logger(WORKER_LOGGER):
            outcomes = self.run_together(
                [first, after], attempts, stops_at_failure=True
            )
        self.assertEqual(outcomes, ["not_taken", "not_taken"])

    def test_a_process_that_is_to_end_begins_no_further_job(self):
        first, second = self.delay(rename, "first"), self.delay(rename, "second")
        attempts = [self.dispatch(delayed) for delayed in (first, second)]
        path = "odoo.addons.queue_job.worker.executor.shutdown.is_stopping"
        with patch(path, side_effect=[False, True]):
            outcomes = self.run_together([first, second], attempts)
        self.assertEqual(outcomes, ["done", "not_taken"])
        self.assertEqual(second.db_record().state, "enqueued")


class TestControllerMethods(JobCase):
    """What tests and monitoring tools of other add-ons call and replace."""

    def test_a_job_is_acquired_and_run(self):
        delayed = self.delay(rename)
        self.dispatch(delayed)
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

    def test_a_job_that_nobody_dispatched_is_performed(self):
        delayed = self.delay(rename)
        RunJobController._try_perform_job(self.env, delayed)
        self.assertEqual(delayed.db_record().state, "done")
        self.assertEqual(self.partner.name, "renamed")

    def test_what_makes_a_job_fail_comes_out_once_it_is_recorded(self):
        for error in (ZeroDivisionError("no"), KeyboardInterrupt("no")):

            def fail_it(self, error=error):
                raise error

            delayed = self.delay(fail_it)
            with (
                self.subTest(error),
                mute_logger(WORKER_LOGGER),
                self.assertRaisesRegex(type(error), "no"),
            ):
                RunJobController._runjob(self.env, delayed)
            self.assertEqual(delayed.db_record().state, "failed")

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
                "exc_name": "ValueError",
                "exc_message": "a",
            },
        )

    def test_the_former_guard_against_commits_lets_them_pass(self):
        with _prevent_commit(self.env.cr) as nothing:
            self.assertIsNone(nothing)
            self.assertEqual(self.env.cr.commit, type(self).env.cr.commit)
