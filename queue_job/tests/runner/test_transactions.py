"""What stands in which transaction, seen from other sessions: real commits, in a
process of its own."""

import signal

import pytest
from worker_process import WorkerProcess

from odoo.addons.queue_job import store


@pytest.fixture(scope="module")
def database(databases):
    """One database for all: each script begins with an empty table of jobs."""
    made = databases.create()
    yield made
    databases.drop(made)


@pytest.fixture(scope="module")
def work(database, tmp_path_factory):
    """Runs a script in a process of Odoo; see ``worker_process``."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    log.touch()
    worker = WorkerProcess(database, log)
    yield worker
    worker.stop()


def row(database):
    [found] = database.rows("SELECT * FROM queue_job")
    return found


def rescued(database):
    with database.connection.cursor() as cr:
        return store.rescue(cr)


def test_the_work_and_its_end_are_one_commit(database, work):
    answer = work("""
        def rename(self):
            self.name = "renamed"
            self.env.flush_all()
            told["seen before"] = name()

        told["outcome"] = run(delay(rename))
    """)  # fmt: skip
    assert answer.told == {"seen before": "A", "outcome": "done"}
    # xmin is the transaction that wrote a row
    job = database.value("SELECT xmin::text FROM queue_job WHERE state = 'done'")
    work_done = "SELECT xmin::text FROM res_partner WHERE name = 'renamed'"
    assert job is not None
    assert database.value(work_done) == job


def test_started_is_seen_by_all_while_the_job_runs(database, work):
    answer = work("""
        def look_at_me(self):
            query = "SELECT state, worker_pid = %s, retry FROM queue_job"
            told["row"] = look(query, os.getpid())

        told["outcome"] = run(delay(look_at_me))
    """)  # fmt: skip
    assert answer.told == {"row": ["started", True, 0], "outcome": "done"}
    assert answer.log == ""


def test_nothing_is_there_when_the_caller_rolls_back(database, work):
    answer = work("""
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
    """)  # fmt: skip
    assert answer.told == {"rolled back": 0, "committed": 1}
    assert row(database)["state"] == "pending"


def test_a_job_may_commit_and_stays_held(database, work):
    answer = work("""
        def commit_it(self):
            self.name = "half"
            self.env.cr.commit()
            told["half"] = name()
            with self.env.registry.cursor() as cr:
                told["rescued"] = store.rescue(cr)
            told["state"] = look("SELECT state FROM queue_job")[0]
            self.name = "whole"

        told["outcome"] = run(delay(commit_it))
        told["whole"] = name()
    """)  # fmt: skip
    assert answer.told == {
        "half": "half",
        "rescued": [],
        "state": "started",
        "outcome": "done",
        "whole": "whole",
    }


def test_what_a_job_committed_stays_when_it_fails(database, work):
    answer = work("""
        def commit_and_fail(self):
            self.name = "half"
            self.env.cr.commit()
            self.name = "whole"
            self.env.flush_all()
            raise ValueError("no")

        told["outcome"] = run(delay(commit_and_fail))
        told["name"] = name()
    """)  # fmt: skip
    assert answer.told == {"outcome": "failed", "name": "half"}
    assert row(database)["exc_message"] == "no"


def test_the_job_of_a_killed_process_is_found_and_counted(database, work):
    answer = work("""
        def die(self):
            self.name = "half"
            self.env.flush_all()
            os.kill(os.getpid(), signal.SIGKILL)

        run(delay(die))
    """)  # fmt: skip
    assert answer.status == -signal.SIGKILL
    assert row(database)["state"] == "started"
    database.wait_for(
        "SELECT count(*) FROM pg_locks WHERE classid::bigint = %s",
        store.LOCK_CLASS,
        expected=0,
    )
    assert rescued(database) == [row(database)["uuid"]]
    assert (row(database)["state"], row(database)["retry"]) == ("pending", 1)
    assert database.value("SELECT count(*) FROM queue_job_attempt") == 1
    assert database.value("SELECT count(*) FROM res_partner WHERE name = 'half'") == 0


def test_a_job_that_ended_is_not_held_any_more(database, work):
    answer = work("""
        def rename(self):
            self.name = "renamed"

        told["outcome"] = run(delay(rename))
        query = "SELECT count(*) FROM pg_locks WHERE classid::bigint = %s"
        told["locks"] = look(query, store.LOCK_CLASS)[0]
    """)  # fmt: skip
    assert answer.told == {"outcome": "done", "locks": 0}


def test_a_failure_is_committed_before_its_hook_runs(database, work):
    answer = work("""
        def fail_it(self):
            raise ValueError("no")

        def on_fail(self, exc_info, exc_name, exc_message):
            told["seen by the hook"] = look("SELECT state FROM queue_job")[0]
            told["tries"] = look("SELECT count(*) FROM queue_job_attempt")[0]
            self.name = "half"
            self.env.flush_all()
            raise ValueError("the hook, too")

        setattr(env.registry["res.partner"], "on_fail", on_fail)
        env["queue.job.function"].create({
            "model_id": env["ir.model"]._get("res.partner").id,
            "method": "fail_it",
            "on_fail_method": "on_fail",
        })
        told["outcome"] = run(delay(fail_it))
        told["name"] = name()
    """)  # fmt: skip
    assert answer.told == {
        "seen by the hook": "failed",
        "tries": 1,
        "outcome": "failed",
        "name": "A",
    }
    assert "the hook, too" in answer.log


def test_the_rows_of_failed_work_are_free_for_its_hook(database, work):
    answer = work("""
        def fail_it(self):
            self.name = "half"
            self.env.flush_all()
            self.env.cr.execute("SELECT nonsense", log_exceptions=False)

        def on_fail(self, **values):
            self.name = values["exc_name"]

        setattr(env.registry["res.partner"], "on_fail", on_fail)
        env["queue.job.function"].create({
            "model_id": env["ir.model"]._get("res.partner").id,
            "method": "fail_it",
            "on_fail_method": "on_fail",
        })
        told["outcome"] = run(delay(fail_it))
        told["name"] = name()
    """)  # fmt: skip
    name = "psycopg2.errors.UndefinedColumn"
    assert answer.told == {"outcome": "failed", "name": name}


def test_contended_work_is_tried_again_later(database, work):
    answer = work("""
        def meet(self):
            self.name  # the snapshot is taken
            with elsewhere() as other, other.cursor() as cr:
                query = "UPDATE res_partner SET name = 'theirs' WHERE id = %s"
                cr.execute(query, (self.id,))
            other.commit()
            self.name = "mine"

        told["outcome"] = run(delay(meet))
        told["name"] = name()
    """)  # fmt: skip
    assert answer.told == {"outcome": "postponed", "name": "theirs"}
    found = row(database)
    assert (found["state"], found["retry"]) == ("pending", 1)
    assert "could not serialize" in found["result"]


EDIT = """
        other = elsewhere()

        def edit():
            "Somebody changes the running job, and takes a moment to commit."
            other.cursor().execute("UPDATE queue_job SET priority = 3")
            threading.Timer(0.5, other.commit).start()
"""


def test_work_whose_job_was_changed_meanwhile_is_lost_and_done_again(database, work):
    answer = work(EDIT + """
        def rename(self):
            self.name = "mine"
            if not told:
                told["edited"] = True
                edit()

        delayed = delay(rename)
        told["outcome"] = run(delayed)
        told["name"] = name()
        with env.registry.cursor() as cr:
            told["rescued"] = len(store.rescue(cr))
        told["again"] = run(delayed)
        told["name again"] = name()
    """)  # fmt: skip
    assert answer.told == {
        "edited": True,
        "outcome": "lost",
        "name": "A",
        "rescued": 1,
        "again": "done",
        "name again": "mine",
    }


def test_a_failure_is_recorded_though_somebody_changes_the_job(database, work):
    answer = work(EDIT + """
        def fail_it(self):
            edit()
            raise ValueError("no")

        told["outcome"] = run(delay(fail_it))
    """)  # fmt: skip
    assert answer.told == {"outcome": "failed"}
    found = row(database)
    assert (found["state"], found["priority"]) == ("failed", 3)
    assert database.value("SELECT count(*) FROM queue_job_attempt") == 1


def test_a_postponement_is_recorded_though_somebody_changes_the_job(database, work):
    answer = work(EDIT + """
        def try_it(self):
            edit()
            raise RetryableJobError("not now")

        told["outcome"] = run(delay(try_it))
    """)  # fmt: skip
    assert answer.told == {"outcome": "postponed"}
    assert (row(database)["state"], row(database)["retry"]) == ("pending", 1)


def test_a_lost_connection_is_a_crash_and_no_failure(database, work):
    answer = work("""
        def cut(self):
            self.name = "half"
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT pg_terminate_backend(pg_backend_pid())", log_exceptions=False
            )

        told["outcome"] = run(delay(cut))
    """)  # fmt: skip
    assert answer.told == {"outcome": "lost"}
    assert row(database)["state"] == "started"
    assert rescued(database) == [row(database)["uuid"]]
    assert row(database)["exc_name"] is None


def test_a_liveness_connection_that_died_idle_is_made_anew(database, work):
    answer = work("""
        def rename(self):
            self.name = "renamed"

        told["first"] = run(delay(rename))
        pid = liveness.holds_of(env)._connection.info.backend_pid
        look("SELECT pg_terminate_backend(%s, 5000)", pid)
        told["second"] = run(delay(rename))
    """)  # fmt: skip
    assert answer.told == {"first": "done", "second": "done"}


def test_what_a_failed_job_cached_is_forgotten(database, work):
    answer = work("""
        def set_it(self):
            self.env["ir.config_parameter"].set_param("queue_job.test", "half")
            told["inside"] = self.env["ir.config_parameter"].get_param("queue_job.test")
            self.env.registry.clear_cache()
            raise ValueError("no")

        told["outcome"] = run(delay(set_it))
        told["after"] = env["ir.config_parameter"].get_param("queue_job.test")
    """)  # fmt: skip
    assert answer.told == {"inside": "half", "outcome": "failed", "after": False}


def test_other_processes_hear_of_changed_caches(database, work):
    answer = work("""
        def set_it(self):
            self.env["ir.config_parameter"].set_param("queue_job.test", "done")

        before = env.registry.get_sequences(env.cr)
        told["outcome"] = run(delay(set_it))
        env.cr.commit()
        told["changed"] = env.registry.get_sequences(env.cr) != before
    """)  # fmt: skip
    assert answer.told == {"outcome": "done", "changed": True}


def test_a_job_on_a_cursor_of_its_own_is_committed(database, work):
    answer = work("""
        delayed = env["queue.job"].with_delay()._test_job()
        env.cr.commit()
        with delayed.in_temporary_env():
            delayed.set_started()
            delayed.store()
        told["state"] = look("SELECT state FROM queue_job")[0]
    """)  # fmt: skip
    assert answer.told == {"state": "started"}
