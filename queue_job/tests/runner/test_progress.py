# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job tells while it runs is seen at once, and outlives its worker."""

import os
import signal

import pytest
from rig.addons import make_trouble

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.store import dispatch

PROGRESS = "SELECT text FROM queue_job_progress"


@pytest.mark.faults
@pytest.mark.expects("Re-queued dead job", "exception in GET")
def test_the_next_attempt_goes_on_where_a_killed_worker_was(
    servers, database, tmp_path
):
    database.rows("CREATE TABLE steps (step int)")
    database.rows("SELECT pg_advisory_lock(19, 65)")
    server_wide = make_trouble(tmp_path, "steps")
    server = servers("prefork", [database], server_wide=server_wide)
    server.wait_until_ready()
    admin = database.value("SELECT id FROM res_users WHERE login = 'admin'")
    [uuid] = database.delay(user_id=admin)
    server.wait_for("begins at step 0")
    database.wait_for(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND (classid, objid) = (19, 65) AND NOT granted",
        expected=1,
    )
    assert database.states([uuid]) == {uuid: "started"}
    assert database.value(PROGRESS), "it is read while the job runs"
    worker = database.value("SELECT worker_pid FROM queue_job WHERE uuid = %s", uuid)
    os.kill(worker, signal.SIGKILL)
    server.wait_for("begins at step 3")
    database.rows("SELECT pg_advisory_unlock(19, 65)")
    database.wait_for_state("done", [uuid])
    steps = database.rows("SELECT step FROM steps ORDER BY step")
    assert [row["step"] for row in steps] == [0, 1, 2, 3, 4], "no step is done twice"
    told = database.rows("SELECT attempt, done, total FROM queue_job_progress")
    assert told == [{"attempt": 2, "done": 5.0, "total": 5.0}]
    # and the user hears of its end, which is committed with it, once
    sent = database.rows(
        "SELECT message::json->'payload' AS told FROM bus_bus"
        " WHERE message::json->>'type' = 'queue_job.task_over'"
    )
    [payload] = [row["told"] for row in sent]
    assert (payload["state"], payload["error"]) == ("done", False)
    assert payload["id"] == database.value("SELECT id FROM queue_job")


def test_progress_is_seen_by_others_before_the_work(worker_database, work):
    @work
    def answer(told, current_job, look, name, delay, run):
        def tell(self):
            self.name = "half done"
            self.env.flush_all()
            current_job(self.env).progress(1, 4, "a quarter")
            seen = look("SELECT done, total, text FROM queue_job_progress")
            told["seen"] = list(seen)
            told["name"] = name()
            raise ValueError("no")

        told["outcome"] = run(delay(tell))

    assert answer.told == {
        "seen": [1.0, 4.0, "a quarter"],
        "name": "A",
        "outcome": "failed",
    }
    assert worker_database.value("SELECT done FROM queue_job_progress") == 1.0


def test_what_was_told_last_is_written_when_the_job_fails(worker_database, work):
    @work
    def answer(current_job, delay, run):
        def tell(self):
            for number in range(1000):
                current_job(self.env).progress(number, 1000)
            raise ValueError("no")

        run(delay(tell))

    assert worker_database.value("SELECT done FROM queue_job_progress") == 999.0


def test_progress_waits_for_no_lock_of_the_job_itself(worker_database, work):
    @work
    def answer(told, current_job, name, delay, run):
        def tell(self):
            self.env.cr.execute("SELECT id FROM queue_job FOR UPDATE")
            current_job(self.env).progress(1, 4)
            self.name = "done"

        told["outcome"] = run(delay(tell))
        told["name"] = name()

    assert answer.told == {"outcome": "done", "name": "done"}
    assert worker_database.value("SELECT done FROM queue_job_progress") == 1


def told_and_committed_with_the_work(partner, job):
    partner.name = "first"
    job.checkpoint(1)
    partner.env.cr.commit()


def told_right_after_the_commit(partner, job):
    partner.name = "first"
    partner.env.cr.commit()
    job.checkpoint(1)


def told_after_the_commit_when_something_was_read(partner, job):
    partner.name = "first"
    partner.env.cr.commit()
    partner.search_count([])
    job.checkpoint(1)
    assert job.last_checkpoint == 1


def told_about_work_that_is_rolled_back(partner, job):
    partner.name = "first"
    job.checkpoint(1)
    partner.env.cr.commit()
    partner.name = "second"
    job.checkpoint(2)


def told_about_work_in_a_savepoint_that_is_rolled_back(partner, job):
    partner.name = "first"
    partner.env.cr.commit()
    job.checkpoint(1)
    try:
        with partner.env.cr.savepoint():
            partner.name = "second"
            job.checkpoint(2)
            raise ValueError
    except ValueError:
        partner.env.cr.commit()


def told_twice_in_one_transaction(partner, job):
    job.checkpoint(1)
    job.checkpoint(2)
    partner.name = "first"
    job.checkpoint(3)
    job.checkpoint(4)
    partner.env.cr.commit()


def told_before_anything_was_done(partner, job):
    job.checkpoint(1)
    partner.name = "first"


@pytest.mark.parametrize(
    ("story", "kept", "name_after"),
    [
        (told_and_committed_with_the_work, 1, "first"),
        (told_right_after_the_commit, 1, "first"),
        (told_after_the_commit_when_something_was_read, 1, "first"),
        (told_about_work_that_is_rolled_back, 1, "first"),
        (told_about_work_in_a_savepoint_that_is_rolled_back, 1, "first"),
        (told_twice_in_one_transaction, 4, "first"),
        (told_before_anything_was_done, 1, "A"),
    ],
)
def test_a_checkpoint_is_about_what_is_committed(
    worker_database, work, story, kept, name_after
):
    @work
    def answer(told, current_job, name, delay, run):
        found = told["found"] = []

        def go_on(self):
            job = current_job(self.env)
            found.append(job.last_checkpoint)
            if len(found) > 1:
                return
            story(self, job)
            raise RetryableJobError("again", seconds=0)

        delayed = delay(go_on)
        told["outcomes"] = [run(delayed), run(delayed)]
        told["name"] = name()

    assert answer.told == {
        "found": [None, kept],
        "outcomes": ["postponed", "done"],
        "name": name_after,
    }
    left = worker_database.rows("SELECT data FROM queue_job_checkpoint")
    assert [row["data"] for row in left] == [None], "a job that is done begins anew"


def test_a_worker_that_lost_its_job_is_told_so(worker_database, work):
    """Its lock is gone, and another worker has the job; it still runs."""

    @work
    def answer(told, current_job, job_locks, delay, run):
        told["reached"] = []

        def tell(self):
            job = current_job(self.env)
            told["reached"].append(1)
            if len(told["reached"]) > 1:
                job.progress(5, 5)
                job.checkpoint("newer")
                raise RetryableJobError("again", seconds=0)
            lose_it(self)
            told["later"] = run(delayed)
            self.env.cr.commit()
            job.progress(1, 5)
            job.checkpoint("older")
            told["reached"].append("the end")

        def lose_it(self):
            locks = job_locks.locks_of(self.env)
            with locks._connection.cursor() as cr:  # the end of a session takes time
                cr.execute("SELECT pg_advisory_unlock_all()")
            locks._connection.close()
            locks._locked.clear()  # as in another process
            with self.env.registry.cursor() as cr:
                cr.execute("UPDATE queue_job SET worker_backend = NULL")
            with self.env.registry.cursor() as cr:
                cr._cnx.autocommit = True
                told["rescued"] = len(dispatch.rescue(cr))

        delayed = delay(tell)
        told["outcome"] = run(delayed)

    assert answer.told == {
        "reached": [1, 1],
        "rescued": 1,
        "later": "postponed",
        "outcome": "lost",
    }
    told = worker_database.rows("SELECT attempt, done FROM queue_job_progress")
    assert told == [{"attempt": 2, "done": 5.0}]
    kept = worker_database.rows("SELECT attempt, data FROM queue_job_checkpoint")
    assert kept == [{"attempt": 2, "data": "newer"}]


def test_checkpoints_do_not_pile_up(worker_database, work):
    @work
    def answer(current_job, delay, run):
        def tell(self):
            for number in range(20):
                self.name = str(number)
                self.env.cr.commit()
                current_job(self.env).checkpoint(number)
            raise ValueError("no")

        run(delay(tell))

    kept = worker_database.rows("SELECT data FROM queue_job_checkpoint")
    assert kept == [{"data": 19}]
