# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What real servers lose by a crash: nothing."""

import os
import signal
import time
from contextlib import suppress

import psutil
import pytest
from rig.finishes import check_accounts, check_none_twice, count_finishes
from rig.postgresql import PATIENCE, SOON
from rig.recovery import note_recovery

pytestmark = pytest.mark.faults

RUNNER = "odoo.addons.queue_job.jobrunner.runner"
LEADER_KEY = 2293787760715711918
#: The session that leads a database.
LEADER = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND (classid::bigint << 32) + objid::bigint = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
DEBUG = ["--log-handler=odoo.addons.queue_job.jobrunner:DEBUG"]


@pytest.fixture(autouse=True)
def accounts(database):
    """Every start and end of a job counts."""
    count_finishes(database)
    yield
    check_none_twice(database)


def started(database, uuid):
    database.wait_for_state("started", [uuid])
    return database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)[0]


@pytest.mark.expects("is set aside")
def test_a_runner_that_lost_its_connection_gets_a_new_one(servers, database):
    server = servers("threaded", [database])
    server.wait_until_ready()
    first = database.value(LEADER, LEADER_KEY)
    database.rows("SELECT pg_terminate_backend(%s)", first)
    server.wait_for(f"database {database.name} is set aside", timeout=SOON)
    jobs = database.delay(_count=2)
    database.wait_for_state("done", jobs, timeout=SOON)
    assert database.value(LEADER, LEADER_KEY) not in (None, first)


def test_only_one_of_two_runners_leads(servers, database):
    server = servers("threaded", [database], "root:0")
    server.wait_for("HTTP service")
    section = {"port": str(server.port)}
    leader = servers("standalone", [database], "root:2", section=section)
    leader.wait_until_ready()
    follower = servers("standalone", [database], "root:2", section=section, words=DEBUG)
    follower.wait_for("master election lost")
    first = database.delay(_count=4)
    database.wait_for_state("done", first)
    assert not any("asking Odoo" in line for line in follower.lines)

    begun = time.monotonic()
    leader.signal(signal.SIGKILL)
    follower.wait_for(f"queue job runner ready for db {database.name}", timeout=SOON)
    note_recovery("takeover from a killed leader", time.monotonic() - begun)
    second = database.delay(_count=4)
    database.wait_for_state("done", second)
    attempts = database.rows("SELECT DISTINCT attempt, retry FROM queue_job")
    assert attempts == [{"attempt": 1, "retry": 1}], "each job ran once"
    check_accounts(database, capacity=2)


@pytest.mark.expects("Re-queued dead job", "exception in GET")
def test_the_job_of_a_killed_worker_runs_again(servers, database):
    server = servers("prefork", [database])
    server.wait_until_ready()
    [uuid] = database.delay(_kwargs={"job_duration": 2})
    row = started(database, uuid)
    begun = time.monotonic()
    os.kill(row["worker_pid"], signal.SIGKILL)
    server.wait_for(f"Re-queued dead job with uuid: {uuid}", timeout=SOON)
    database.wait_for("SELECT count(*) FROM starts", expected=2)
    note_recovery("kill -9 of a worker", time.monotonic() - begun)
    database.wait_for_state("done", [uuid])
    again = database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)[0]
    assert (again["retry"], again["attempt"]) == (2, 2), "the crash was a try"
    tries = database.rows("SELECT number, exc_name FROM queue_job_attempt")
    assert tries == [{"number": 1, "exc_name": "JobFoundDead"}]
    check_accounts(database, capacity=2)


def test_a_killed_runner_is_replaced_and_running_jobs_go_on(servers, database):
    server = servers("prefork", [database])
    server.wait_until_ready()
    [long] = database.delay(_kwargs={"job_duration": 4})
    started(database, long)
    before, begun = len(server.lines), time.monotonic()
    os.kill(server.worker_pid("WorkerJobRunner"), signal.SIGKILL)
    short = database.delay(_count=2)
    server.wait_for("database connections ready", after=before, timeout=SOON)
    database.wait_for("SELECT count(*) > 1 FROM starts")
    note_recovery("kill -9 of the runner", time.monotonic() - begun)
    database.wait_for_state("done", [long, *short])
    check_accounts(database, capacity=2)
    found = database.rows("SELECT DISTINCT attempt, retry FROM queue_job")
    assert found == [{"attempt": 1, "retry": 1}], "each job ran once"


def test_a_runner_over_its_cpu_limit_is_made_anew_in_place(servers, database):
    server = servers("prefork", [database])
    server.wait_until_ready()
    before, pid = len(server.lines), server.worker_pid("WorkerJobRunner")
    os.kill(pid, signal.SIGXCPU)
    server.wait_for(r"WorkerJobRunner \(%s\) runner is reinitialized" % pid)
    server.wait_for("database connections ready", after=before)
    jobs = database.delay(_count=2)
    database.wait_for_state("done", jobs)
    assert server.worker_pid("WorkerJobRunner") == pid


@pytest.mark.expects("exception in GET", "Gevent Parent changed")
def test_what_the_main_process_leaves_behind_ends_its_jobs_and_then_itself(
    servers, database
):
    server = servers("prefork", [database])
    server.wait_until_ready()
    server.wait_for("Evented Service")  # before, it does not notice
    left = psutil.Process(server.pid).children(recursive=True)
    [long] = database.delay(_kwargs={"job_duration": 3})
    quick = database.delay(_count=100, _kwargs={"job_duration": 0.02})
    database.wait_for("SELECT count(*) >= 5 FROM finishes")
    server.signal(signal.SIGKILL)
    _gone, alive = psutil.wait_procs(left, timeout=PATIENCE)
    assert alive == []
    assert database.states([long]) == {long: "done"}

    begun = time.monotonic()
    servers("prefork", [database])
    database.wait_for_state("done", quick)
    note_recovery(
        "another server after kill -9 of the main process", time.monotonic() - begun
    )
    check_accounts(database, capacity=2)
    assert database.value("SELECT max(retry) FROM queue_job") == 1


def test_what_no_worker_began_at_a_stop_is_pending_and_untried(servers, database):
    server = servers("prefork", [database], "root:4")  # two workers
    server.wait_until_ready()
    jobs = database.delay(_count=4, _kwargs={"job_duration": 3})
    database.wait_for(
        "SELECT array_agg(state::text ORDER BY state)::text FROM queue_job",
        expected="{enqueued,enqueued,started,started}",
    )
    assert server.stop() == 0
    found = database.rows("SELECT state, retry FROM queue_job ORDER BY state")
    assert found == [
        {"state": "done", "retry": 1},
        {"state": "done", "retry": 1},
        {"state": "pending", "retry": 0},
        {"state": "pending", "retry": 0},
    ]
    assert len(jobs) == 4


@pytest.mark.expects("Re-queued dead job")
@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_jobs_of_a_killed_server_run_again_under_the_next(servers, database, kind):
    first = servers(kind, [database])
    first.wait_until_ready()
    [uuid] = database.delay(_kwargs={"job_duration": 2})
    started(database, uuid)
    begun = time.monotonic()
    first.kill_all()
    second = servers(kind, [database])
    second.wait_for(f"Re-queued dead job with uuid: {uuid}")
    note_recovery(f"another {kind} server after kill -9", time.monotonic() - begun)
    database.wait_for_state("done", [uuid])
    assert database.value("SELECT attempt FROM queue_job") == 2
    check_accounts(database, capacity=2)


#: Code that releases a job has to pass the test.
GATE = """
    CREATE FUNCTION gate() RETURNS trigger AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(19, 64);
        RETURN NEW;
    END;
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER gate BEFORE UPDATE ON queue_job FOR EACH ROW
        WHEN (OLD.state = 'wait_dependencies' AND NEW.state = 'pending')
        EXECUTE FUNCTION gate();
"""
AT_THE_GATE = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND (classid, objid) = (19, 64) AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.mark.expects("exception in GET")
def test_who_dies_before_it_released_the_children_strands_nobody(servers, database):
    [parent] = database.delay(graph_uuid="graph")
    [child] = database.delay(state="wait_dependencies", graph_uuid="graph")
    database.rows(
        "INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " SELECT min(id), max(id), 'wait' FROM queue_job"
    )
    database.rows(GATE)
    database.rows("SELECT pg_advisory_lock(19, 64)")
    servers("prefork", [database])
    database.wait_for(AT_THE_GATE, expected=1)
    assert database.states() == {parent: "done", child: "wait_dependencies"}
    worker = database.value("SELECT worker_pid FROM queue_job WHERE uuid = %s", parent)
    os.kill(worker, signal.SIGKILL)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(worker).wait(PATIENCE)
    database.rows("SELECT pg_advisory_unlock(19, 64)")
    database.wait_for_state("done", [child])
    assert database.rows("SELECT DISTINCT attempt, retry FROM queue_job") == [
        {"attempt": 1, "retry": 1}
    ], "each job ran once"
