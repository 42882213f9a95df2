# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are stopped, and time limits, as people and code see them."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.core.states import UNDER_WAY, State
from odoo.addons.queue_job.core.stopping import Interruption
from odoo.addons.queue_job.exception import (
    JobStopped,
    JobTimeout,
    NothingToDoJob,
    RetryableJobError,
)
from odoo.addons.queue_job.job import Job, current_job, job
from odoo.addons.queue_job.store import stopping
from odoo.addons.queue_job.tests.common import trap_jobs

from .any_state import AnyState
from .case import WORKER_LOGGER, JobCase
from .test_command import CommandCase

TIMED_OUT = "odoo.addons.queue_job.exception.JobTimeout"


def export_it(self):
    self.name = "exported"


class StoppingCase(AnyState, JobCase):
    def requests(self):
        self.env["queue.job.stop"].invalidate_model()
        return self.env["queue.job.stop"].search([])

    def ask_from_within(self, delayed):
        """Ask to stop a job while it runs, as another session would."""
        self.env.flush_all()
        record = delayed.db_record()
        stopping.ask(self.env.cr, record.ids, self.manager.id, None, "Stopped")


@tagged("post_install", "-at_install")
class TestStopping(StoppingCase):
    def test_a_job_that_runs_stays_started_and_says_that_it_is_to_end(self):
        record = self.make_job(State.STARTED)
        manager = record.with_user(self.manager)
        manager.button_stop("wrong period")
        self.assertEqual(record.state, State.STARTED)
        self.assertTrue(record.is_stopping)
        self.assertIn("queue manager", record.stopping_note)
        self.assertIn("wrong period", record.stopping_note)
        told = record.explain()
        self.assertEqual(told["reason"], "stopping")
        self.assertEqual(told["sentence"], record.stopping_note)
        [request] = self.requests()
        self.assertIn(f"Stopped by {self.manager.name} at ", request.result)
        self.assertIn("UTC: wrong period", request.result)

    def test_jobs_that_wait_are_cancelled_and_those_that_are_over_stay(self):
        jobs = self.make_job_in_each_state()
        every = self.env["queue.job"].union(*jobs.values())
        told = every.with_user(self.manager).button_stop()
        every.invalidate_recordset()
        for state, record in jobs.items():
            is_cancelled = state in UNDER_WAY - {State.STARTED}
            after = State.CANCELLED if is_cancelled else state
            self.assertEqual(record.state, after, f"from {state}")
        self.assertEqual(self.requests().job_id, jobs[State.STARTED])
        message = told["params"]["message"]
        self.assertIn("1 jobs are asked to end", message)
        self.assertIn("3 jobs did not run yet", message)
        self.assertIn("3 jobs have ended already", message)
        self.assertEqual(told["params"]["type"], "warning")

    def test_code_stops_a_job_and_hears_whether_it_was_over(self):
        self.put_job(export_it)
        delayed = self.partner.with_delay().export_it()
        self.assertTrue(delayed.stop("not needed"))
        self.assertEqual(delayed.db_record().state, State.CANCELLED)
        self.assertIn("not needed", delayed.db_record().result)
        self.assertFalse(delayed.stop())

    def test_those_who_are_stopping_are_found(self):
        stopped, other = self.make_job(State.STARTED), self.make_job(State.STARTED)
        stopped.with_user(self.manager).button_stop()
        jobs = self.env["queue.job"].with_user(self.manager)
        among = [("id", "in", (stopped + other).ids)]
        self.assertEqual(jobs.search([*among, ("is_stopping", "=", True)]), stopped)
        self.assertEqual(jobs.search([*among, ("is_stopping", "=", False)]), other)

    def test_what_was_asked_of_an_earlier_dispatch_is_not_shown(self):
        record = self.make_job(State.STARTED)
        record.with_user(self.manager).button_stop()
        self.env.cr.execute(
            "UPDATE queue_job SET attempt = attempt + 1 WHERE id = %s", record.ids
        )
        record.invalidate_recordset()
        self.assertFalse(record.is_stopping)
        self.assertFalse(record.stopping_note)

    # --- rights --------------------------------------------------------------------

    def test_only_managers_stop_jobs(self):
        record = self.make_job(State.STARTED)
        for method in ("button_stop",):
            with self.assertRaises(AccessError):
                self.rpc(self.user, "queue.job", method, record.ids)
        self.assertFalse(self.requests())
        self.rpc(self.manager, "queue.job", "button_stop", record.ids)
        self.assertTrue(self.requests())

    def test_managers_stop_no_jobs_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Other"})
        record = self.make_job(State.STARTED)
        self.env.cr.execute(
            "UPDATE queue_job SET company_id = %s WHERE id = %s",
            (company.id, record.id),
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "queue.job", "button_stop", record.ids)
        self.assertFalse(self.requests())

    def test_no_request_is_forged(self):
        record = self.make_job(State.STARTED)
        requests = self.env["queue.job.stop"].with_user(self.manager)
        self.assertTrue(requests.has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(requests.has_access(operation))
        with self.assertRaises(UserError):
            self.rpc(self.manager, "queue.job", "button_stop", record.ids, [1])

    def test_a_reason_without_end_is_cut(self):
        record = self.make_job(State.STARTED)
        record.with_user(self.manager).button_stop("x" * 100_000)
        [request] = self.requests()
        self.assertLess(len(request.reason), 2000)
        self.assertLess(len(request.result), 2000)

    # --- the wizard ------------------------------------------------------------------

    def test_the_wizard_stops_what_was_chosen(self):
        jobs = self.make_job_in_each_state()
        every = self.env["queue.job"].union(*jobs.values())
        for context in (
            {"active_ids": every.ids},
            {"active_ids": [], "active_domain": [("id", "in", every.ids)]},
        ):
            wizard = self.env["queue.jobs.stop"].with_user(self.manager)
            wizard = wizard.with_context(active_model="queue.job", **context)
            wizard = wizard.create({"reason": "wrong"})
            stoppable = [j for j in every if j.state in UNDER_WAY]
            self.assertEqual(wizard.moving_count, len(stoppable))
            self.assertTrue(wizard.stop())
            every.invalidate_recordset()
            self.assertEqual(jobs[State.PENDING].state, State.CANCELLED)
            self.assertEqual(self.requests().reason, "wrong")

    # --- the worker ------------------------------------------------------------------

    def test_a_job_is_asked_and_ends_cancelled(self):
        def look(self):
            own = current_job(self.env)
            seen.append(own.should_stop)
            interrupted(own)
            seen.append(own.should_stop)
            self.name = "half done"
            own.progress(1)
            seen.append("not reached")

        def interrupted(own):
            own._running.job.guard.interrupt(Interruption("Stopped by A"), 0.0)

        seen = []
        delayed = self.delay(look)
        self.assertEqual(self.run_job(delayed), "cancelled")
        self.assertEqual(seen, [False, True])
        self.assertEqual(self.partner.name, "A")
        record = delayed.db_record()
        self.assertEqual((record.state, record.result), ("cancelled", "Stopped by A"))
        self.assertTrue(record.date_cancelled)
        [attempt] = record.attempt_ids
        self.assertEqual(attempt.exc_name, stopping.STOPPED)
        self.assertEqual(attempt.exc_message, "Stopped by A")
        self.assertIn("in look", attempt.exc_info)

    def test_its_checkpoint_is_told_before(self):
        def tell(self):
            own = current_job(self.env)
            own._running.job.guard.interrupt(Interruption("Stopped by A"), 0.0)
            own.checkpoint(3)
            raise AssertionError("not reached")

        self.assertEqual(self.run_job(self.delay(tell)), "cancelled")

    def test_one_that_returns_is_done_and_the_request_forgotten(self):
        def finish(self):
            case.ask_from_within(delayed)
            own = current_job(self.env)
            own._running.job.guard.interrupt(Interruption("Stopped"), 0.0)
            return "finished"

        case, delayed = self, self.delay(finish)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertFalse(self.requests())

    def test_one_that_asks_for_another_attempt_has_none(self):
        def again(self):
            raise RetryableJobError("later")

        # what is asked within the work of a test is rolled back with it
        self.put_on(
            stopping, "standing", lambda cr, asked: dict.fromkeys(asked, "Stopped")
        )
        delayed = self.delay(again)
        self.assertEqual(self.run_job(delayed), "cancelled")
        record = delayed.db_record()
        self.assertEqual((record.state, record.result), ("cancelled", "Stopped"))

    def test_jobs_that_wait_for_it_go_along(self):
        def stop_at_once(self):
            raise JobStopped

        def wait(self):
            pass

        self.put_job(stop_at_once)
        self.put_job(wait)
        first = self.partner.delayable().stop_at_once()
        second = self.partner.delayable().wait()
        first.on_done(second).delay()
        delayed = first._generated_job

        def interrupt(guard, work, *args):
            guard.interrupt(Interruption("Stopped by A"), 0.0)
            work(*args)

        from odoo.addons.queue_job.worker import guard as module

        self.put_on(module.Guard, "run", interrupt)
        self.assertEqual(self.run_job(delayed), "cancelled")
        self.assertEqual(second._generated_job.db_record().state, "cancelled")


@tagged("post_install", "-at_install")
class TestTimeLimit(StoppingCase):
    def timeout_of(self, **options):
        delayed = self.partner.with_delay(**options).export_it()
        self.env.cr.execute(
            "SELECT timeout FROM queue_job WHERE uuid = %s", (delayed.uuid,)
        )
        return self.env.cr.fetchone()[0]

    def test_the_call_says_it_or_the_record_or_the_decorator(self):
        self.put_job(export_it)
        self.assertIsNone(self.timeout_of())
        self.put_job(export_it, timeout=60)
        self.assertEqual(self.timeout_of(), 60)
        self.assertEqual(self.timeout_of(timeout=5), 5)
        self.assertEqual(self.timeout_of(timeout=timedelta(minutes=2)), 120)
        self.assertEqual(self.timeout_of(timeout=0.2), 1)
        self.assertIsNone(self.timeout_of(timeout=0))
        partners = self.env["ir.model"]._get("res.partner")
        self.env["queue.job.function"].create(
            {"model_id": partners.id, "method": "export_it", "timeout": 7}
        )
        self.assertEqual(self.timeout_of(), 7)

    def test_the_worker_reads_it_back(self):
        self.put_job(export_it, timeout=60)
        delayed = self.partner.with_delay().export_it()
        self.assertEqual(delayed.timeout, 60)
        self.assertEqual(Job.load(self.env, delayed.uuid).timeout, 60)

    def test_other_values_are_refused_where_they_are_said(self):
        self.put_job(export_it)
        wrong = {
            TypeError: ("1", True, float("nan")),
            ValueError: (-1, 2**40, 10**5_000),
        }
        for error, value in ((e, v) for e, values in wrong.items() for v in values):
            with self.subTest(value), self.assertRaisesRegex(error, "timeout="):
                self.partner.with_delay(timeout=value).export_it()
        for options in (
            {"timeout": "1"}, {"timeout": -1}, {"on_timeout": "explode"},
            {"timeout": 10**5_000},
        ):  # fmt: skip
            with (
                self.subTest(list(options)),
                self.assertRaisesRegex(TypeError, "timeout"),
            ):
                job(lambda self: None, **options)

    def test_records_hold_no_negative_ones(self):
        record = self.make_job(State.PENDING)
        with self.assertRaises(ValidationError):
            record.with_user(self.manager).timeout = -1
        partners = self.env["ir.model"]._get("res.partner")
        values = {"model_id": partners.id, "method": "export_it", "timeout": -1}
        with self.assertRaisesRegex(UserError, "time limit"):
            self.env["queue.job.function"].create(values)

    def over_time(self, error=JobStopped, **options):
        """Run a job whose time is over."""

        def take_long(self):
            guard = current_job(self.env)._running.job.guard
            guard.interrupt(Interruption("too long", is_timeout=True), 0.0)
            self.name = "half done"
            raise error

        self.put_job(take_long, **options)
        delayed = self.partner.with_delay().take_long()
        return self.run_job(delayed), delayed.db_record()

    @mute_logger(WORKER_LOGGER)
    def test_a_job_whose_time_is_over_fails(self):
        end, record = self.over_time(on_timeout="fail")
        self.assertEqual((end, record.state), ("failed", "failed"))
        self.assertEqual((record.exc_name, record.exc_message), (TIMED_OUT, "too long"))
        self.assertEqual(record.attempt_ids.exc_name, TIMED_OUT)
        self.assertEqual(self.partner.name, "A")

    def test_or_is_retried_by_the_pattern_where_that_is_chosen(self):
        end, record = self.over_time(on_timeout="retry", retry_pattern={1: 7})
        self.assertEqual((end, record.state), ("postponed", "pending"))
        self.assertEqual(record.result, "too long")
        self.assertEqual(record.attempt_ids.exc_name, TIMED_OUT)

    def test_one_that_had_nothing_to_do_is_done(self):
        end, record = self.over_time(NothingToDoJob("no"))
        self.assertEqual((end, record.state), ("done", "done"))

    def after_its_worker_ended(self, **options):
        """Run a job once more whose worker had to end."""
        self.put_job(export_it, timeout=60, **options)
        delayed = self.partner.with_delay().export_it()
        record = delayed.db_record()
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'started', attempt = 1,"
            " date_started = '2020-01-01' WHERE id = %s",
            record.ids,
        )
        stopping.bury(self.env.cr, record.ids)
        record.invalidate_recordset()
        self.assertEqual(record.state, "pending")
        return self.run_job(delayed), record

    @mute_logger(WORKER_LOGGER)
    def test_it_fails_as_well_when_its_worker_had_to_end(self):
        end, record = self.after_its_worker_ended()
        self.assertEqual((end, record.exc_name), ("failed", TIMED_OUT))
        self.assertIn("60 seconds", record.exc_message)
        record.requeue()
        self.assertEqual(self.run_job(Job.load(self.env, record.uuid)), "done")

    def test_or_runs_again(self):
        end, _record = self.after_its_worker_ended(on_timeout="retry")
        self.assertEqual(end, "done")

    def test_in_tests_of_other_modules_nobody_looks(self):
        self.put_job(export_it, timeout=1)
        with trap_jobs() as trap:
            self.partner.with_delay(timeout=5).export_it()
            trap.assert_enqueued_job(self.partner.export_it, properties={"timeout": 5})
            trap.perform_enqueued_jobs()
        self.assertEqual(self.partner.name, "exported")

    def test_the_error_is_a_failure(self):
        self.assertIn("FailedJobError", [c.__name__ for c in JobTimeout.__mro__])
        self.assertFalse(issubclass(JobStopped, Exception))


@tagged("post_install", "-at_install")
class TestStopCommand(CommandCase):
    def test_it_stops_what_runs_and_cancels_what_is_named(self):
        running, waiting = self._row("started"), self._row("pending")
        status, _out, err = self.call("stop", "--channel", "root", "--yes")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(running.is_stopping)
        self.assertEqual(waiting.state, "pending")
        status, out, _err = self.call(
            "stop", running.uuid, waiting.uuid, "--yes", "--reason", "wrong"
        )
        self.assertEqual(status, 0)
        self.assertIn("2 jobs are to end", out)
        self.assertEqual(waiting.state, "cancelled")
        self.assertIn("wrong", waiting.result)
        action = self.env["queue.job.action"].search([], limit=1)
        self.assertEqual((action.operation, action.origin), ("stop", "command"))
        self.assertEqual((action.reason, action.changed_count), ("wrong", 2))

    def test_it_wants_to_know_which_and_asks(self):
        running = self._row("started")
        self.assertEqual(self.call("stop")[0], 1)
        self.assertEqual(self.call("stop", running.uuid, answer="n\n")[0], 1)
        self.assertFalse(running.is_stopping)
        self.assertEqual(self.call("stop", running.uuid, "--dry-run")[0], 0)
        self.assertFalse(running.is_stopping)
        self.assertEqual(self.call("stop", self._row("done").uuid)[0], 1)
