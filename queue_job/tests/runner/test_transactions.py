# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What stands in which transaction, seen from other sessions: real commits, in a
process of its own."""

import os
import signal

from rig.one_job import LOCKS, rescued, row

from odoo.addons.queue_job.store import dispatch


def test_the_work_and_its_end_are_one_commit(worker_database, work):
    @work
    def answer(told, name, delay, run):
        def rename(self):
            self.name = "renamed"
            self.env.flush_all()
            told["seen before"] = name()

        told["outcome"] = run(delay(rename))

    assert answer.told == {"seen before": "A", "outcome": "done"}
    # xmin is the transaction that wrote a row
    job = worker_database.value("SELECT xmin::text FROM queue_job WHERE state = 'done'")
    work_done = "SELECT xmin::text FROM res_partner WHERE name = 'renamed'"
    assert job is not None
    assert worker_database.value(work_done) == job


def test_started_is_seen_by_all_while_the_job_runs(worker_database, work):
    @work
    def answer(told, look, delay, run):
        def look_at_me(self):
            query = "SELECT state, worker_pid = %s, retry FROM queue_job"
            told["row"] = look(query, os.getpid())

        told["outcome"] = run(delay(look_at_me))

    assert answer.told == {"row": ["started", True, 0], "outcome": "done"}
    assert answer.log == ""


def test_nothing_is_there_when_the_caller_rolls_back(worker_database, work):
    @work
    def answer(env, told, elsewhere):
        listener = elsewhere()
        listener.set_session(autocommit=True)
        listener.cursor().execute("LISTEN queue_job")

        env["queue.job"].with_delay()._test_job()
        env.flush_all()
        env.cr.rollback()
        listener.cursor().execute("SELECT 1")
        told["rolled back"] = len(listener.notifies)

        env["queue.job"].with_delay()._test_job()
        env.cr.commit()
        listener.cursor().execute("SELECT 1")
        told["committed"] = len(listener.notifies)

    assert answer.told == {"rolled back": 0, "committed": 1}
    assert row(worker_database)["state"] == "pending"


def test_a_job_may_commit_and_stays_locked(worker_database, work):
    @work
    def answer(told, look, name, delay, run):
        def commit_it(self):
            self.name = "half"
            self.env.cr.commit()
            told["half"] = name()
            with self.env.registry.cursor() as cr:
                told["rescued"] = dispatch.rescue(cr)
            told["state"] = look("SELECT state FROM queue_job")[0]
            self.name = "whole"

        told["outcome"] = run(delay(commit_it))
        told["whole"] = name()

    assert answer.told == {
        "half": "half",
        "rescued": [],
        "state": "started",
        "outcome": "done",
        "whole": "whole",
    }


def test_what_a_job_committed_stays_when_it_fails(worker_database, work):
    @work
    def answer(told, name, delay, run):
        def commit_and_fail(self):
            self.name = "half"
            self.env.cr.commit()
            self.name = "whole"
            self.env.flush_all()
            raise ValueError("no")

        told["outcome"] = run(delay(commit_and_fail))
        told["name"] = name()

    assert answer.told == {"outcome": "failed", "name": "half"}
    assert row(worker_database)["exc_message"] == "no"


def test_the_job_of_a_killed_process_is_found_and_counted(worker_database, work):
    @work
    def answer(delay, run):
        def die(self):
            self.name = "half"
            self.env.flush_all()
            os.kill(os.getpid(), signal.SIGKILL)

        run(delay(die))

    assert answer.status == -signal.SIGKILL
    assert row(worker_database)["state"] == "started"
    worker_database.wait_for(LOCKS, dispatch.LOCK_CLASS, expected=0)
    assert rescued(worker_database) == [row(worker_database)["uuid"]]
    assert (row(worker_database)["state"], row(worker_database)["retry"]) == (
        "pending",
        1,
    )
    assert worker_database.value("SELECT count(*) FROM queue_job_attempt") == 1
    assert (
        worker_database.value("SELECT count(*) FROM res_partner WHERE name = 'half'")
        == 0
    )


def test_a_job_that_ended_is_unlocked(worker_database, work):
    @work
    def answer(told, look, delay, run):
        def rename(self):
            self.name = "renamed"

        told["outcome"] = run(delay(rename))
        told["locks"] = look(LOCKS, dispatch.LOCK_CLASS)[0]

    assert answer.told == {"outcome": "done", "locks": 0}


def test_a_failure_is_committed_before_its_hook_runs(worker_database, work):
    @work
    def answer(env, told, look, name, delay, run):
        def fail_it(self):
            raise ValueError("no")

        def on_fail(self, exc_info, exc_name, exc_message):
            told["seen by the hook"] = look("SELECT state FROM queue_job")[0]
            told["tries"] = look("SELECT count(*) FROM queue_job_attempt")[0]
            self.name = "half"
            self.env.flush_all()
            raise ValueError("the hook, too")

        env.registry["res.partner"].on_fail = on_fail
        env["queue.job.function"].create(
            {
                "model_id": env["ir.model"]._get("res.partner").id,
                "method": "fail_it",
                "on_fail_method": "on_fail",
            }
        )
        told["outcome"] = run(delay(fail_it))
        told["name"] = name()

    assert answer.told == {
        "seen by the hook": "failed",
        "tries": 1,
        "outcome": "failed",
        "name": "A",
    }
    assert "the hook, too" in answer.log


def test_the_rows_of_failed_work_are_free_for_its_hook(worker_database, work):
    @work
    def answer(env, told, name, delay, run):
        def fail_it(self):
            self.name = "half"
            self.env.flush_all()
            self.env.cr.execute("SELECT nonsense", log_exceptions=False)

        def on_fail(self, **values):
            self.name = values["exc_name"]

        env.registry["res.partner"].on_fail = on_fail
        env["queue.job.function"].create(
            {
                "model_id": env["ir.model"]._get("res.partner").id,
                "method": "fail_it",
                "on_fail_method": "on_fail",
            }
        )
        told["outcome"] = run(delay(fail_it))
        told["name"] = name()

    name = "psycopg2.errors.UndefinedColumn"
    assert answer.told == {"outcome": "failed", "name": name}


def test_a_hook_that_clears_caches_keeps_the_end_from_nobody(worker_database, work):
    """What is configured is then looked up anew, when the hook's cursor is closed."""

    @work
    def answer(env, told, delay, run):
        def fail_it(self):
            raise ValueError("no")

        def on_fail(self, **values):
            self.env.registry.clear_cache()

        env.registry["res.partner"].on_fail = on_fail
        env["queue.job.function"].create(
            {
                "model_id": env["ir.model"]._get("res.partner").id,
                "method": "fail_it",
                "on_fail_method": "on_fail",
                "notify_user": "always",
            }
        )
        told["outcome"] = run(delay(fail_it))

    assert answer.told == {"outcome": "failed"}


def test_what_a_failed_job_cached_is_forgotten(worker_database, work):
    @work
    def answer(env, told, delay, run):
        def set_it(self):
            self.env["ir.config_parameter"].set_param("queue_job.test", "half")
            told["inside"] = self.env["ir.config_parameter"].get_param("queue_job.test")
            self.env.registry.clear_cache()
            raise ValueError("no")

        told["outcome"] = run(delay(set_it))
        told["after"] = env["ir.config_parameter"].get_param("queue_job.test")

    assert answer.told == {"inside": "half", "outcome": "failed", "after": False}


def test_other_processes_hear_of_changed_caches(worker_database, work):
    @work
    def answer(env, told, delay, run):
        def set_it(self):
            self.env["ir.config_parameter"].set_param("queue_job.test", "done")

        before = env.registry.get_sequences(env.cr)
        told["outcome"] = run(delay(set_it))
        env.cr.commit()
        told["changed"] = env.registry.get_sequences(env.cr) != before

    assert answer.told == {"outcome": "done", "changed": True}


def test_a_job_on_a_cursor_of_its_own_is_committed(worker_database, work):
    @work
    def answer(env, told, look):
        delayed = env["queue.job"].with_delay()._test_job()
        env.cr.commit()
        with delayed.in_temporary_env():
            delayed.set_started()
            delayed.store()
        told["state"] = look("SELECT state FROM queue_job")[0]

    assert answer.told == {"state": "started"}


def test_a_job_that_met_a_concurrent_change_is_done_by_the_same_dispatch(
    worker_database, work
):
    @work
    def answer(env, told, partner, name, elsewhere, delay, run):
        tries = []

        def rename(self):
            tries.append(self.name)  # the transaction's view begins here
            if len(tries) == 1:
                other = elsewhere()
                with other, other.cursor() as cr:
                    cr.execute(
                        "UPDATE res_partner SET name = 'B' WHERE id = %s", (partner.id,)
                    )
                other.close()
            self.name = tries[-1] + "!"

        told["outcome"] = run(delay(rename))
        told["tries"] = tries
        told["name"] = name()

    assert answer.told == {"outcome": "done", "tries": ["A", "B"], "name": "B!"}
    job = row(worker_database)
    assert job["retry"] == job["attempt"] == 1
    assert worker_database.value("SELECT count(*) FROM queue_job_attempt") == 0
