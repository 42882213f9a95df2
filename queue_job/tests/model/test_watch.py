# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is done to a job that does not end: when, and to nobody else."""

import logging
import sys
import threading
import time

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job import current_job
from odoo.addons.queue_job.core.stopping import Step, StopSteps
from odoo.addons.queue_job.exception import JobStopped
from odoo.addons.queue_job.store import stopping
from odoo.addons.queue_job.store.dispatch import DispatchedJob
from odoo.addons.queue_job.worker.guard import Guard
from odoo.addons.queue_job.worker.watch import Watcher

LOGGER = "odoo.addons.queue_job.worker.watch"
JOB = DispatchedJob(7, "uuid", 3)
STEPS = StopSteps(5, 10, 20)


class Cursor:
    """Counts what is cancelled."""

    cancelled = 0
    closed = False

    @property
    def _cnx(self):
        return self

    def cancel(self):
        self.cancelled += 1


class Locks:
    """Answers what is asked of the database."""

    def __init__(self):
        self.asked = 0
        self.standing = {}
        self.told = []

    def ask(self, _default, question, *args):
        if question is stopping.standing:
            self.asked += 1
            return {one: self.standing[one] for one in args[0] if one in self.standing}
        self.told.append(question.__name__)
        return None


class NotedGuard(Guard):
    """Notes the steps, in place of taking them."""

    def __init__(self, *args):
        super().__init__(*args)
        self.steps = []

    def act(self, step):
        self.steps.append(step)
        return step is Step.PROCESS


@tagged("post_install", "-at_install")
class TestWatcher(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = 100.0
        self.locks = Locks()
        self.watcher = Watcher(lambda: STEPS, lambda: self.now)
        self.watcher._thread = threading.current_thread()  # none of its own

    def guard(self, timeout=None):
        guard = NotedGuard(JOB, Cursor(), self.locks, lambda: STEPS, None)
        guard.began, guard.timeout = self.now, timeout
        self.watcher.add(guard)
        return guard

    def look_after(self, seconds):
        self.now += seconds
        return self.watcher.look()

    def test_of_quick_jobs_nothing_is_asked(self):
        guard = self.guard()
        self.assertEqual(self.look_after(0.9), 1)
        self.watcher.discard(guard)
        self.assertEqual(self.look_after(5), 0)
        self.assertEqual(self.locks.asked, 0)

    def test_nothing_is_done_to_a_job_that_nobody_wants_to_stop(self):
        guard = self.guard()
        self.look_after(3600)
        self.assertEqual((self.locks.asked, guard.steps), (1, []))
        self.assertIsNone(guard.interruption)

    def test_no_job_runs_any_more_where_the_work_could_not_say_so(self):
        """It is stopped just where it is about to."""

        def work():
            current_job.running.set("a job")
            raise JobStopped("now")

        self.addCleanup(current_job.running.set, current_job.running.get())
        with self.assertRaises(JobStopped):
            self.guard().run(work)
        self.assertIsNone(current_job.running.get())

    def test_each_step_comes_at_its_time(self):
        guard = self.guard()
        self.locks.standing = {(7, 3): "Stopped by A"}
        self.look_after(1)
        self.assertEqual(guard.interruption.message, "Stopped by A")
        with mute_logger(LOGGER):  # that it goes on is not told of here
            for seconds in (4, 1, 5, 10):
                self.look_after(seconds)
        self.assertEqual(
            guard.steps,
            [Step.ASK, Step.ASK, Step.STATEMENT, Step.EXCEPTION, Step.PROCESS],
        )

    def test_a_stop_of_another_dispatch_is_none(self):
        guard = self.guard()
        self.locks.standing = {(7, 2): "Stopped by A", (8, 3): "Stopped by B"}
        self.look_after(60)
        self.assertIsNone(guard.interruption)

    def test_a_stop_of_any_of_those_that_run_as_one_call_is_one_of_the_call(self):
        guard = self.guard()
        guard.mates = [DispatchedJob(8, "second", 3), DispatchedJob(9, "third", 4)]
        self.locks.standing = {(8, 2): "Stopped by B"}
        self.look_after(1)
        self.assertIsNone(guard.interruption)
        self.locks.standing = {(9, 4): "Stopped by A"}
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.look_after(1)
            self.look_after(1)
        self.assertEqual(guard.interruption.message, "Stopped by A")
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(self.locks.asked, 3)

    def test_a_time_limit_begins_with_the_statement(self):
        guard = self.guard(timeout=30)
        self.look_after(29)
        self.assertEqual(guard.steps, [])
        self.look_after(1)
        self.assertTrue(guard.interruption.is_timeout)
        self.look_after(5)
        self.assertEqual(guard.steps, [Step.STATEMENT, Step.EXCEPTION])

    def test_who_asks_counts_more_than_a_limit(self):
        guard = self.guard(timeout=30)
        self.look_after(30)
        self.locks.standing = {(7, 3): "Stopped by A"}
        self.look_after(1)
        self.assertFalse(guard.interruption.is_timeout)

    def test_that_it_cannot_be_ended_is_said_once(self):
        self.guard()
        self.locks.standing = {(7, 3): "Stopped by A"}
        self.look_after(1)
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.look_after(20)
            self.look_after(1)
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(self.locks.told, ["note_stuck"])

    def test_what_its_server_knows_is_noted(self):
        self.guard()
        self.watcher.note_limit("limit_time_cpu (60)")
        self.assertEqual(self.locks.told, ["note_limit"])


@tagged("post_install", "-at_install")
class TestGuard(BaseCase):
    def guard(self, end=None):
        return Guard(JOB, Cursor(), Locks(), lambda: STEPS, end)

    def test_a_job_that_is_at_its_work_is_hit(self):
        guard = self.guard()

        def work():
            guard.act(Step.STATEMENT)
            guard.act(Step.EXCEPTION)
            while True:
                pass

        with self.assertRaises(JobStopped):
            guard.run(work)
        self.assertEqual(guard._cr.cancelled, 2)

    def test_one_that_is_not_is_left_alone(self):
        ended = []
        guard = self.guard(lambda: ended.append(1))
        guard.act(Step.PROCESS)
        guard.run(lambda: None)
        guard.act(Step.PROCESS)
        self.assertEqual((ended, guard._cr.cancelled), ([], 0))

    def test_its_process_ends_where_that_hits_nobody_else(self):
        ended = []
        guard = self.guard(lambda: ended.append(1))
        guard.run(lambda: self.assertFalse(guard.act(Step.PROCESS)))
        self.assertEqual(ended, [1])
        other = self.guard()
        with self.assertRaises(JobStopped):
            other.run(lambda: (self.assertTrue(other.act(Step.PROCESS)), time.sleep(0)))

    def test_work_is_not_repeated_that_is_to_end(self):
        guard = self.guard()
        guard.interruption = stopped = type("Stopped", (), {"message": "by A"})()
        with self.assertRaisesRegex(JobStopped, "by A"):
            guard.run(self.fail)
        self.assertIs(guard.interruption, stopped)

    def test_nothing_arrives_behind_the_end_of_the_work(self):
        """Somebody raises all the time, while thousands of jobs come and go."""
        current = [self.guard()]
        is_over = threading.Event()

        def raise_all_the_time():
            while not is_over.is_set():
                current[0].act(Step.EXCEPTION)

        thread = threading.Thread(target=raise_all_the_time, daemon=True)
        thread.start()
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        counts = {"hit": 0, "done": 0}
        try:
            for _number in range(3000):
                current[0] = guard = self.guard()
                try:
                    guard.run(sum, range(200))
                except JobStopped:
                    counts["hit"] += 1
                else:
                    counts["done"] += 1
                for _step in range(20):  # an exception that is late would arrive here
                    len(counts)
        finally:
            sys.setswitchinterval(interval)
            is_over.set()
            thread.join()
        self.assertEqual(sum(counts.values()), 3000)
        self.assertTrue(counts["done"])
