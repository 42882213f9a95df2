# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What others do to a job, its rows and its connections while it runs: real sessions,
seen from a worker process of its own."""

from rig.one_job import rescued, row

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.store import dispatch


def test_contended_work_is_tried_again_later(worker_database, work):
    @work
    def answer(told, name, elsewhere, delay, run):
        def meet(self):
            _seen = self.name  # the snapshot is taken
            with elsewhere() as other, other.cursor() as cr:
                query = "UPDATE res_partner SET name = 'theirs' WHERE id = %s"
                cr.execute(query, (self.id,))
            other.commit()
            self.name = "mine"

        told["outcome"] = run(delay(meet))
        told["name"] = name()

    assert answer.told == {"outcome": "postponed", "name": "theirs"}
    found = row(worker_database)
    assert (found["state"], found["retry"]) == ("pending", 1)
    assert "could not serialize" in found["result"]


def test_work_whose_job_was_changed_meanwhile_is_lost_and_done_again(
    worker_database, work
):
    @work
    def answer(env, told, name, delay, run, edit):
        def rename(self):
            self.name = "mine"
            if not told:
                told["edited"] = True
                edit()

        delayed = delay(rename)
        told["outcome"] = run(delayed)
        told["name"] = name()
        with env.registry.cursor() as cr:
            told["rescued"] = len(dispatch.rescue(cr))
        told["again"] = run(delayed)
        told["name again"] = name()

    assert answer.told == {
        "edited": True,
        "outcome": "lost",
        "name": "A",
        "rescued": 1,
        "again": "done",
        "name again": "mine",
    }


def test_a_failure_is_recorded_though_somebody_changes_the_job(worker_database, work):
    @work
    def answer(told, delay, run, edit):
        def fail_it(self):
            edit()
            raise ValueError("no")

        told["outcome"] = run(delay(fail_it))

    assert answer.told == {"outcome": "failed"}
    found = row(worker_database)
    assert (found["state"], found["priority"]) == ("failed", 3)
    assert worker_database.value("SELECT count(*) FROM queue_job_attempt") == 1


def test_a_postponement_is_recorded_though_somebody_changes_the_job(
    worker_database, work
):
    @work
    def answer(told, delay, run, edit):
        def try_it(self):
            edit()
            raise RetryableJobError("not now")

        told["outcome"] = run(delay(try_it))

    assert answer.told == {"outcome": "postponed"}
    assert (row(worker_database)["state"], row(worker_database)["retry"]) == (
        "pending",
        1,
    )


def test_a_lost_connection_is_a_crash_and_no_failure(worker_database, work):
    @work
    def answer(told, delay, run):
        def cut(self):
            self.name = "half"
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT pg_terminate_backend(pg_backend_pid())", log_exceptions=False
            )

        told["outcome"] = run(delay(cut))

    assert answer.told == {"outcome": "lost"}
    assert row(worker_database)["state"] == "started"
    assert rescued(worker_database) == [row(worker_database)["uuid"]]
    assert row(worker_database)["exc_name"] is None


def test_a_liveness_connection_that_died_idle_is_made_anew(worker_database, work):
    @work
    def answer(env, told, look, delay, run, job_locks):
        def rename(self):
            self.name = "renamed"

        told["first"] = run(delay(rename))
        pid = job_locks.locks_of(env)._connection.info.backend_pid
        look("SELECT pg_terminate_backend(%s, 5000)", pid)
        told["second"] = run(delay(rename))

    assert answer.told == {"first": "done", "second": "done"}


def test_a_job_that_somebody_changes_at_length_does_not_hold_up_a_run(
    worker_database, work
):
    @work
    def answer(env, told, look, elsewhere, delay, run, job_locks):
        def rename(self):
            self.name = "renamed"

        run(delay(rename))  # it opens the connection that is made impatient here
        locks = job_locks.locks_of(env)
        locks._connection.cursor().execute("SET lock_timeout = '300ms'")
        first, locked, last = delay(rename), delay(rename), delay(rename)
        other = elsewhere()
        query = "UPDATE queue_job SET priority = 3 WHERE uuid = %s"
        told["outcomes"] = run(
            first,
            locked,
            last,
            meanwhile=lambda: other.cursor().execute(query, (locked.uuid,)),
        )
        other.rollback()
        told["state"] = look("SELECT state FROM queue_job WHERE uuid = %s", locked.uuid)

    assert answer.told == {
        "outcomes": ["done", "not_taken", "done"],
        "state": ["enqueued"],
    }


def test_behind_a_lost_connection_no_job_is_begun(worker_database, work):
    @work
    def answer(told, look, delay, run):
        def cut(self):
            self.env.cr.execute(
                "SELECT pg_terminate_backend(pg_backend_pid())", log_exceptions=False
            )

        def rename(self):
            self.name = "renamed"

        told["outcomes"] = run(delay(cut), delay(rename))
        query = "SELECT state, retry FROM queue_job WHERE method_name = 'rename'"
        told["behind"] = look(query)

    assert answer.told == {
        "outcomes": ["lost", "not_taken"],
        "behind": ["enqueued", 0],
    }
