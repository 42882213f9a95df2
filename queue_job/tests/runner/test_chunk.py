# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are run as one call, by a real server."""

import os
import signal

import pytest

JOBS = 300
OWN_RECORD = (
    "UPDATE queue_job SET records ="
    " jsonb_set(records::jsonb, '{ids}', jsonb_build_array(id))::json"
)
STARTED = "SELECT worker_pid FROM queue_job WHERE state = 'started'"


@pytest.fixture
def many(database):
    """Let 50 jobs be one call; delay jobs that differ only in their records."""
    database.rows(
        "INSERT INTO queue_job_function"
        " (name, model_id, method, channel_id, channel, chunk_size)"
        " SELECT '<queue.job>._test_job', model.id, '_test_job', channel.id, 'root', 50"
        " FROM ir_model model, queue_job_channel channel"
        " WHERE model.model = 'queue.job' AND channel.complete_name = 'root'"
        " ON CONFLICT (name) DO UPDATE SET chunk_size = 50"
    )
    uuids = database.delay(_count=JOBS)
    database.rows(OWN_RECORD)
    return uuids


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_all_are_done_and_many_of_them_in_one_call(servers, database, many, kind):
    server = servers(kind, [database], "root:2")
    server.wait_until_ready()
    database.wait_for_state("done", many)
    # those of one call have the same share of its duration
    calls = database.value("SELECT count(DISTINCT exec_time) FROM queue_job")
    assert calls < JOBS / 4
    assert database.value("SELECT sum(retry) FROM queue_job") == JOBS
    assert database.value("SELECT count(*) FROM queue_job_attempt") == 0


@pytest.mark.expects("Re-queued dead job", "exception in GET")
def test_those_of_a_killed_worker_run_again_each_alone(servers, database, many):
    server = servers("prefork", [database], "root:1", options={"workers": "2"})
    server.wait_until_ready()
    database.wait_for_state("done", many)  # the runner knows by now that they are short
    database.rows("BEGIN")
    slow = database.delay(_count=4, _kwargs={"job_duration": 2})
    database.rows(f"{OWN_RECORD} WHERE uuid = ANY(%s)", slow)
    database.rows("COMMIT")
    database.wait_for("SELECT count(*) = 4 FROM queue_job WHERE state = 'started'")
    [pid] = {row["worker_pid"] for row in database.rows(STARTED)}
    os.kill(pid, signal.SIGKILL)
    database.wait_for_state("done", slow)
    ends = database.rows(
        "SELECT retry, exec_time FROM queue_job WHERE uuid = ANY(%s)", slow
    )
    # the crash was charged, and each took its own time
    assert [row["retry"] for row in ends] == [2] * 4
    assert min(row["exec_time"] for row in ends) >= 2
