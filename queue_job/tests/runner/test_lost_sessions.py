# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job whose sessions in PostgreSQL end before it does."""

import os
import signal

import pytest
from rig.chaos import LOST, because
from rig.finishes import count_finishes
from rig.postgresql import SOON

from odoo.addons.queue_job.store import dispatch

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects(
        "Re-queued dead job",
        "is lost to this worker",
        "exception in GET",
        # a later attempt has written the row that the first one wants to write
        because("odoo.sql_db: bad query", f"({LOST}|could not serialize access)"),
        because("Exception during request handling", LOST),
    ),
]

#: The session on which a worker holds a job.
HOLDER = """
    SELECT pg_locks.pid FROM pg_locks JOIN queue_job ON objid::bigint = queue_job.id
    WHERE locktype = 'advisory' AND granted AND objsubid = 2
      AND classid::bigint = %s AND uuid = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LIVES = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def long_job(servers, database):
    """(server, row of a job that just began)"""
    count_finishes(database)
    server = servers("prefork", [database])
    server.wait_until_ready()
    [uuid] = database.delay(_kwargs={"job_duration": 2})
    database.wait_for_state("started", [uuid])
    return server, database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)[0]


def end_holder(database, uuid):
    database.rows(f"SELECT pg_terminate_backend(({HOLDER}))", dispatch.LOCK_CLASS, uuid)


def finishes(database):
    return database.rows("SELECT attempt FROM finishes")


def test_a_job_that_lost_its_liveness_session_runs_again_once(long_job, database):
    server, row = long_job
    end_holder(database, row["uuid"])
    server.wait_for(f"Re-queued dead job with uuid: {row['uuid']}", timeout=SOON)
    server.wait_for("is lost to this worker")
    database.wait_for_state("done", [row["uuid"]])
    assert finishes(database) == [{"attempt": 2}]


def test_a_job_that_lost_the_session_of_its_work_runs_again_once(long_job, database):
    server, row = long_job
    database.rows("SELECT pg_terminate_backend(%s)", row["worker_backend"])
    server.wait_for("is lost to this worker")
    server.wait_for(f"Re-queued dead job with uuid: {row['uuid']}", timeout=SOON)
    database.wait_for_state("done", [row["uuid"]])
    assert finishes(database) == [{"attempt": 2}]


@pytest.mark.parametrize("work_session", ["ended", "alive"])
def test_a_stopped_worker_that_wakes_up_finishes_nothing(
    long_job, database, work_session
):
    server, row = long_job
    os.kill(row["worker_pid"], signal.SIGSTOP)
    if work_session == "alive":  # as if it could not be ended
        database.rows("UPDATE queue_job SET worker_backend = NULL")
    end_holder(database, row["uuid"])
    server.wait_for(f"Re-queued dead job with uuid: {row['uuid']}", timeout=SOON)
    alive = 1 if work_session == "alive" else 0
    database.wait_for(LIVES, row["worker_backend"], expected=alive, timeout=SOON)
    database.wait_for_state("done", [row["uuid"]])

    os.kill(row["worker_pid"], signal.SIGCONT)
    server.wait_for("is lost to this worker")
    assert finishes(database) == [{"attempt": 2}]
    more = database.delay(_count=4)  # both workers are fit
    database.wait_for_state("done", more)
