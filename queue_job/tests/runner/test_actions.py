# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An action on very many jobs outlives the worker that carries it out."""

import os
import signal

import pytest
from rig.addons import make_trouble
from rig.odoo_command import run_odoo

_JOBS = 2_000
_COUNTS = "SELECT status, changed_count, refused_count FROM queue_job_action"


@pytest.mark.faults
@pytest.mark.expects("Re-queued dead job", "exception in GET")
def test_a_killed_worker_leaves_no_job_out_and_changes_none_twice(
    servers, database, tmp_path
):
    database.rows("CREATE TABLE changes (id int)")
    database.rows("SELECT pg_advisory_lock(19, 66)")
    # in a channel that is paused: what is requeued stays pending, to be counted
    database.delay(_JOBS, channel="root.resting", state="failed")
    database.rows(
        "INSERT INTO queue_job_channel (name, complete_name, parent_id, is_paused,"
        " removal_interval) SELECT 'resting', 'root.resting', id, true, 30"
        " FROM queue_job_channel WHERE complete_name = 'root'"
    )
    run_odoo("shell", database.name, script="requeue_all.py")
    server = servers(
        "prefork", [database], server_wide=make_trouble(tmp_path, "slow_batches")
    )
    server.wait_until_ready()
    server.wait_for("is in the third batch")
    database.wait_for(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND (classid, objid) = (19, 66) AND NOT granted",
        expected=1,
    )
    assert database.rows(_COUNTS) == [
        {"status": "running", "changed_count": 200, "refused_count": 0}
    ]
    worker = database.value(
        "SELECT worker_pid FROM queue_job WHERE model_name = 'queue.job.action'"
    )
    os.kill(worker, signal.SIGKILL)
    server.wait_for("Re-queued dead job")
    database.rows("SELECT pg_advisory_unlock(19, 66)")
    database.wait_for("SELECT status FROM queue_job_action", expected="done")
    assert database.rows(_COUNTS) == [
        {"status": "done", "changed_count": _JOBS, "refused_count": 0}
    ]
    assert database.rows(
        "SELECT count(*) AS changes, count(DISTINCT id) AS jobs FROM changes"
    ) == [{"changes": _JOBS, "jobs": _JOBS}]
    assert database.rows(
        "SELECT state, count(*) AS jobs FROM queue_job"
        " WHERE channel = 'root.resting' GROUP BY state"
    ) == [{"state": "pending", "jobs": _JOBS}]
