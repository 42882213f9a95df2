# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job tells while it runs is seen at once, and outlives its worker."""

import os
import signal

import pytest
from trouble import make_trouble

#: A test job that counts its steps in a table. In its third one it
#: waits until a lock is free that the test holds.
STEPS = """
import logging

from odoo.addons.queue_job.current_job import current_job
from odoo.addons.queue_job.models.queue_job.test_job import TestJob

_logger = logging.getLogger(__name__)


def _test_job(self, **options):
    job = current_job(self.env)
    begin = job.last_checkpoint or 0
    _logger.info("begins at step %s", begin)
    for step in range(begin, 5):
        self.env.cr.execute("INSERT INTO steps VALUES (%s)", (step,))
        job.progress(step, 5, f"step {step}")
        if step == 3:
            self.env.cr.execute("SELECT pg_advisory_xact_lock(19, 65)")
        self.env.cr.commit()
        job.checkpoint(step + 1)
    job.progress(5, 5)


TestJob._test_job = _test_job
"""
PROGRESS = "SELECT text FROM queue_job_progress"


@pytest.mark.faults
@pytest.mark.expects("Re-queued dead job", "exception in GET")
def test_the_next_attempt_goes_on_where_a_killed_worker_was(
    servers, database, tmp_path
):
    database.rows("CREATE TABLE steps (step int)")
    database.rows("SELECT pg_advisory_lock(19, 65)")
    server_wide = make_trouble(tmp_path, STEPS)
    server = servers("prefork", [database], server_wide=server_wide)
    server.wait_until_ready()
    [uuid] = database.delay()
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


def test_progress_is_seen_by_others_before_the_work(worker_database, work):
    answer = work("""
        def tell(self):
            self.name = "half done"
            self.env.flush_all()
            current_job(self.env).progress(1, 4, "a quarter")
            seen = look("SELECT done, total, text FROM queue_job_progress")
            told["seen"] = list(seen)
            told["name"] = name()
            raise ValueError("no")

        from odoo.addons.queue_job.job import current_job
        told["outcome"] = run(delay(tell))
    """)  # fmt: skip
    assert answer.told == {
        "seen": [1.0, 4.0, "a quarter"],
        "name": "A",
        "outcome": "failed",
    }
    assert worker_database.value("SELECT done FROM queue_job_progress") == 1.0


def test_what_was_told_last_is_written_when_the_job_fails(worker_database, work):
    work("""
        def tell(self):
            for number in range(1000):
                current_job(self.env).progress(number, 1000)
            raise ValueError("no")

        from odoo.addons.queue_job.job import current_job
        run(delay(tell))
    """)  # fmt: skip
    assert worker_database.value("SELECT done FROM queue_job_progress") == 999.0


def test_progress_waits_for_no_lock_of_the_job_itself(worker_database, work):
    answer = work("""
        def tell(self):
            self.env.cr.execute("SELECT id FROM queue_job FOR UPDATE")
            current_job(self.env).progress(1, 4)
            self.name = "done"

        from odoo.addons.queue_job.job import current_job
        told["outcome"] = run(delay(tell))
        told["name"] = name()
    """)  # fmt: skip
    assert answer.told == {"outcome": "done", "name": "done"}
    assert worker_database.rows("SELECT * FROM queue_job_progress") == []


CHECKPOINTS = """
        from odoo.addons.queue_job.job import current_job
        found = told["found"] = []

        def go_on(self):
            job = current_job(self.env)
            found.append(job.last_checkpoint)
            if len(found) > 1:
                return
            {}
            raise RetryableJobError("again", seconds=0)

        delayed = delay(go_on)
        told["outcomes"] = [run(delayed), run(delayed)]
        told["name"] = name()
"""
STORIES = {
    "told, and committed with the work": (
        """self.name = "first"
            job.checkpoint(1)
            self.env.cr.commit()""",
        1,
        "first",
    ),
    "told right after the commit": (
        """self.name = "first"
            self.env.cr.commit()
            job.checkpoint(1)""",
        1,
        "first",
    ),
    "told after the commit, when something was read": (
        """self.name = "first"
            self.env.cr.commit()
            self.search_count([])
            job.checkpoint(1)
            found.append(job.last_checkpoint)
            found.pop()""",
        1,
        "first",
    ),
    "told about work that is rolled back": (
        """self.name = "first"
            job.checkpoint(1)
            self.env.cr.commit()
            self.name = "second"
            job.checkpoint(2)""",
        1,
        "first",
    ),
    "told about work in a savepoint that is rolled back": (
        """self.name = "first"
            self.env.cr.commit()
            job.checkpoint(1)
            try:
                with self.env.cr.savepoint():
                    self.name = "second"
                    job.checkpoint(2)
                    raise ValueError
            except ValueError:
                self.env.cr.commit()""",
        1,
        "first",
    ),
    "told twice in one transaction": (
        """job.checkpoint(1)
            job.checkpoint(2)
            self.name = "first"
            job.checkpoint(3)
            job.checkpoint(4)
            self.env.cr.commit()""",
        4,
        "first",
    ),
    "told before anything was done": (
        """job.checkpoint(1)
            self.name = "first" """,
        1,
        "A",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_checkpoint_is_about_what_is_committed(worker_database, work, story):
    code, kept, name = STORIES[story]
    answer = work(CHECKPOINTS.format(code))
    assert answer.told == {
        "found": [None, kept],
        "outcomes": ["postponed", "done"],
        "name": name,
    }
    left = worker_database.rows("SELECT data FROM queue_job_checkpoint")
    assert [row["data"] for row in left] == [None], "a job that is done begins anew"


def test_a_worker_that_lost_its_job_is_told_so(worker_database, work):
    """Its lock is gone, and another worker has the job; it still runs."""
    answer = work("""
        from odoo.addons.queue_job.job import current_job
        told["reached"] = []

        def tell(self):
            job = current_job(self.env)
            told["reached"].append(1)
            if len(told["reached"]) > 1:
                job.progress(5, 5)
                job.checkpoint("newer")
                raise RetryableJobError("again", seconds=0)
            locks = job_locks.locks_of(self.env)
            locks._connection.close()
            locks._held.clear()  # as in another process
            with self.env.registry.cursor() as cr:
                cr.execute("UPDATE queue_job SET worker_backend = NULL")
            with self.env.registry.cursor() as cr:
                cr._cnx.autocommit = True
                told["rescued"] = len(dispatch.rescue(cr))
            told["later"] = run(delayed)
            self.env.cr.commit()
            job.progress(1, 5)
            job.checkpoint("older")
            told["reached"].append("the end")

        delayed = delay(tell)
        told["outcome"] = run(delayed)
    """)  # fmt: skip
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
    work("""
        from odoo.addons.queue_job.job import current_job

        def tell(self):
            for number in range(20):
                self.name = str(number)
                self.env.cr.commit()
                current_job(self.env).checkpoint(number)
            raise ValueError("no")

        run(delay(tell))
    """)  # fmt: skip
    kept = worker_database.rows("SELECT data FROM queue_job_checkpoint")
    assert kept == [{"data": 19}]
