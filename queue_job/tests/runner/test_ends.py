# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every end says why: what a job does to itself, to its process or to its connection is
told on its attempt, and the worker lives on. Real commits, in a process of its own."""

import os
import signal
import sys

import pytest
from rig.one_job import LOCKS

from odoo.addons.queue_job.store import dispatch

RAISED = [
    "asyncio.CancelledError", "gevent.Timeout", "KeyboardInterrupt", "GeneratorExit",
    "another connection that is lost", "a closed cursor",
    "a closed cursor that is not used", "its own row deleted",
    "its own row declared done",
]  # fmt: skip


@pytest.mark.parametrize("what", RAISED)
def test_the_attempt_says_what_went_wrong_and_the_worker_lives(  # noqa: C901
    worker_database, work, what
):
    @work
    def answer(told, delay, run, elsewhere, look):  # noqa: C901
        import asyncio

        import gevent

        def go_wrong(self):
            match what:
                case "asyncio.CancelledError":
                    raise asyncio.CancelledError()
                case "gevent.Timeout":
                    raise gevent.Timeout(1)
                case "KeyboardInterrupt":
                    raise KeyboardInterrupt()
                case "GeneratorExit":
                    raise GeneratorExit()
                case "another connection that is lost":
                    other = elsewhere()
                    query = "SELECT pg_terminate_backend(%s)"
                    look(query, other.info.backend_pid)
                    other.cursor().execute("SELECT 1")
                case "a closed cursor":
                    self.env.cr.close()
                    self.env["res.partner"].search([])
                case "a closed cursor that is not used":
                    self.env.cr.close()
                case "its own row deleted":
                    self.env["queue.job"].sudo().search([]).unlink()
                    self.env.flush_all()
                case "its own row declared done":
                    self.env.cr.execute("UPDATE queue_job SET state = 'done'")

        def rename(self):
            self.name = "renamed"

        told["outcomes"] = [run(delay(go_wrong)), run(delay(rename))]

    assert answer.told == {"outcomes": ["failed", "done"]}
    [job] = worker_database.rows("SELECT * FROM queue_job WHERE state = 'failed'")
    [attempt] = worker_database.rows("SELECT * FROM queue_job_attempt")
    assert job["exc_name"] == attempt["exc_name"] != "JobFoundDead"
    assert "Traceback" in attempt["exc_info"]


def test_what_another_connection_met_is_not_done_again(worker_database, work):
    @work
    def answer(told, elsewhere, delay, run):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1
            other = elsewhere()
            other.set_session(isolation_level="REPEATABLE READ")
            do = "DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END $$"
            other.cursor().execute(do)

        told["outcome"] = run(delay(meet_a_conflict))

    assert answer.told == {"calls": 1, "outcome": "failed"}


def test_a_commit_of_another_connection_that_fails_is_not_the_jobs(
    worker_database, work
):
    """Its error has no cursor; the job has just committed, and is in no transaction."""

    @work
    def answer(told, elsewhere, delay, run, make_conflict):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1
            other = elsewhere()
            make_conflict(other.cursor())
            self.env.cr.commit()
            other.commit()

        told["outcome"] = run(delay(meet_a_conflict))

    assert answer.told == {"calls": 1, "outcome": "failed"}


def test_nor_is_that_of_another_cursor_in_a_hook_of_the_jobs_commit(
    worker_database, work
):
    @work
    def answer(told, delay, run, make_conflict):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1

            def commit_elsewhere():
                with self.env.registry.cursor() as cr:
                    make_conflict(cr)

            self.env.cr.commit()
            self.env.cr.postcommit.add(commit_elsewhere)
            self.env.cr.commit()

        told["outcome"] = run(delay(meet_a_conflict))

    assert answer.told == {"calls": 1, "outcome": "failed"}


@pytest.mark.parametrize("has_committed", [False, True])
def test_a_commit_of_the_jobs_own_that_fails_is_done_again(
    worker_database, work, has_committed
):
    @work
    def answer(told, delay, run, make_conflict):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1
            if has_committed:
                self.env.cr.commit()
            if told["calls"] < 3:
                make_conflict(self.env.cr)

        told["outcome"] = run(delay(meet_a_conflict))

    assert answer.told == {"calls": 3, "outcome": "done"}


def test_what_was_done_again_in_place_is_counted(worker_database, work):
    @work
    def answer(told, delay, run, be_busy):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1
            if told["calls"] < 3:
                be_busy(self.env.cr)

        told["outcome"] = run(delay(meet_a_conflict))

    assert answer.told == {"calls": 3, "outcome": "done"}
    assert worker_database.rows("SELECT retry, repeats FROM queue_job") == [
        {"retry": 1, "repeats": 2}
    ]


def test_what_touches_the_outside_is_not_done_again_in_place(worker_database, work):
    @work
    def answer(env, told, partner, run, be_busy, job):
        told["calls"] = 0

        def meet_a_conflict(self):
            told["calls"] += 1
            if told["calls"] < 3:
                be_busy(self.env.cr)

        declared = job(meet_a_conflict, repeat_in_place=False)
        env.registry["res.partner"].meet_a_conflict = declared
        delayed = partner.with_delay().meet_a_conflict()
        env.cr.commit()
        told["outcome"] = run(delayed)

    assert answer.told == {"calls": 1, "outcome": "postponed"}


@pytest.mark.parametrize(
    ("leave", "status"), [("by sys.exit(3)", 3), ("by a return", 0), ("by an error", 1)]
)
def test_the_end_of_a_child_is_not_that_of_the_job(
    worker_database, work, leave, status
):
    @work
    def answer(told, delay, run, name):
        def have_a_child(self):
            self.name = "renamed"
            child = os.fork()
            if not child:
                match leave:
                    case "by sys.exit(3)":
                        sys.exit(3)
                    case "by a return":
                        return
                    case "by an error":
                        raise ValueError("in the child")
            told["status"] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        told["outcome"] = run(delay(have_a_child))
        told["name"] = name()

    assert answer.told == {"status": status, "outcome": "done", "name": "renamed"}
    assert worker_database.rows("SELECT * FROM queue_job_attempt") == []


def test_a_child_does_not_hold_what_says_that_its_worker_lives(worker_database, work):
    """A worker that is killed for its time leaves its children behind."""

    @work
    def answer(told, delay, run, job_locks):
        def links(pid, numbers):
            return [os.readlink(f"/proc/{pid}/fd/{number}") for number in numbers]

        def have_a_child(self):
            mine = [self.env.cr._cnx, job_locks.locks_of(self.env)._connection]
            numbers = [connection.fileno() for connection in mine]
            begun, tell = os.pipe()
            child = os.fork()
            if not child:
                os.write(tell, b".")
                signal.pause()
            os.read(begun, 1)
            told["its"] = links(child, numbers)
            told["own"] = [link.split(":")[0] for link in links("self", numbers)]
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

        told["outcome"] = run(delay(have_a_child))

    its, own = ["/dev/null"] * 2, ["socket"] * 2
    assert answer.told == {"its": its, "own": own, "outcome": "done"}


def test_a_child_that_outlives_its_worker_keeps_no_job_started(worker_database, work):
    @work
    def answer(env, delay, run):
        def have_a_child(self):
            self.name = "half"
            self.env.flush_all()
            begun, tell = os.pipe()
            child = os.fork()
            if not child:
                os.close(1)  # the test listens to it until no process holds it
                os.write(tell, b".")
                signal.pause()
            os.read(begun, 1)
            with self.env.registry.cursor() as cr:
                values = {"key": "queue_job.test", "value": str(child)}
                env(cr=cr)["ir.config_parameter"].create(values)
            os.kill(os.getpid(), signal.SIGKILL)

        run(delay(have_a_child))

    assert answer.status == -signal.SIGKILL
    query = "SELECT value FROM ir_config_parameter WHERE key = 'queue_job.test'"
    child = int(worker_database.value(query))
    try:
        worker_database.wait_for(LOCKS, dispatch.LOCK_CLASS, expected=0)
        with worker_database.connection.cursor() as cr:
            [rescued] = dispatch.rescue(cr)
        os.kill(child, 0)  # it lives
        [job] = worker_database.rows("SELECT * FROM queue_job")
        assert (job["uuid"], job["state"], job["retry"]) == (rescued, "pending", 1)
        # nor does the session of the work live on, and keep rows locked
        query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        worker_database.wait_for(query, job["worker_backend"], expected=0)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_child_that_lives_on_ends_nothing_of_its_parent(worker_database, work):
    """What a child does with what it got of its parent stays its own."""

    @work
    def answer(told, name, delay, run):
        def have_a_child(self):
            self.name = "renamed"
            child = os.fork()
            if not child:
                for act in (self.env.cr.commit, self.env.cr.close, self.unlink):
                    try:
                        act()
                    except Exception:
                        pass
                return
            told["status"] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told["answers"] = self.search_count([("id", "=", self.id)])

        told["outcome"] = run(delay(have_a_child))
        told["name"] = name()

    told = {"status": 0, "answers": 1, "outcome": "done", "name": "renamed"}
    assert answer.told == told
