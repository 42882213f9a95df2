# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are stopped, or whose time is over, whatever they are at."""

import os
import signal
import socket
import time

import pytest
from rig.addons import make_trouble
from rig.recovery import note_recovery

from odoo.addons.queue_job.store import stopping

STOPPED = "odoo.addons.queue_job.exception.JobStopped"
TIMED_OUT = "odoo.addons.queue_job.exception.JobTimeout"
RESULT = "Stopped by a test"
#: Seconds, in place of those of old.
STEPS = "1,2,4"

#: By method, whether its process has to end.
AT = {
    "_ask": False,
    "_tell_progress": False,
    "_run_a_statement": False,
    "_loop": False,
    "_loop_over_errors": False,
    "_sleep": True,
    "_wait_for_an_answer": True,
}
#: A statement that is cancelled is one that Odoo logs as a bad one.
ENDS = (
    "its worker process ends", "bad query", "exception in GET", "Re-queued dead job",
    "job .* failed",
)  # fmt: skip


@pytest.fixture
def silent_port():
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def stuck(servers, database, tmp_path, silent_port):
    """Starts a server, and a job in it; returns the server and the job's uuid when it
    runs."""
    server_wide = make_trouble(tmp_path, "stuck")

    def start(method, kind="prefork", **columns):
        server = servers(
            kind, [database], server_wide=server_wide, section={"stop_after": STEPS}
        )
        server.wait_until_ready()
        kwargs = {"port": silent_port} if method == "_wait_for_an_answer" else {}
        [uuid] = database.delay(method_name=method, _kwargs=kwargs, **columns)
        database.wait_for_state("started", [uuid])
        return server, uuid

    return start


def ask(database, uuid):
    """What the button does."""
    job_id = database.value("SELECT id FROM queue_job WHERE uuid = %s", uuid)
    with database.connection.cursor() as cr:
        return stopping.ask(cr, [job_id], 1, None, RESULT)


def attempts(database):
    query = "SELECT exc_name, exc_message FROM queue_job_attempt ORDER BY id"
    return [(row["exc_name"], row["exc_message"]) for row in database.rows(query)]


def check_stopped(database, uuid):
    database.wait_for_state("cancelled", [uuid])
    [job] = database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)
    assert (job["result"], job["attempt"], job["exc_name"]) == (RESULT, 1, None)
    assert attempts(database) == [(STOPPED, RESULT)]
    # ... which the runner deletes with the next statement
    database.wait_for("SELECT count(*) FROM queue_job_stop", expected=0)


def check_others_go_on(database):
    more = database.delay(_count=4)
    database.wait_for_state("done", more)


@pytest.mark.faults
@pytest.mark.expects(*ENDS)
@pytest.mark.parametrize("method", AT)
def test_a_job_is_stopped_whatever_it_is_at(stuck, database, method):
    server, uuid = stuck(method)
    began = time.monotonic()
    assert ask(database, uuid)
    check_stopped(database, uuid)
    note_recovery(f"a stop of {method}", time.monotonic() - began)
    has_ended = any("its worker process ends" in line for line in server.lines)
    assert has_ended is AT[method]
    check_others_go_on(database)


@pytest.mark.faults
@pytest.mark.expects(*ENDS, "its worker process .* was ended")
def test_one_that_keeps_its_process_to_itself_is_stopped_by_the_runner(stuck, database):
    server, uuid = stuck("_match")
    began = time.monotonic()
    assert ask(database, uuid)
    server.wait_for(f"job {uuid} does not end: its worker process .* was ended")
    check_stopped(database, uuid)
    note_recovery("a stop of _match", time.monotonic() - began)
    check_others_go_on(database)


@pytest.mark.faults
@pytest.mark.expects(*ENDS)
@pytest.mark.parametrize("method", [*AT, "_match"])
def test_a_job_whose_time_is_over_fails_whatever_it_is_at(stuck, database, method):
    began = time.monotonic()
    _server, uuid = stuck(method, timeout=2)
    database.wait_for_state("failed", [uuid])
    note_recovery(f"a time limit of 2 s, {method}", time.monotonic() - began)
    [job] = database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)
    assert job["exc_name"] == TIMED_OUT
    assert "time limit of 2 seconds" in job["exc_message"]
    assert attempts(database)[0][0] == TIMED_OUT
    check_others_go_on(database)


@pytest.mark.faults
@pytest.mark.expects(*ENDS)
@pytest.mark.parametrize("victim", ["worker", "runner"])
def test_a_stop_survives_the_death_of_who_is_at_it(stuck, database, victim):
    server, uuid = stuck("_sleep")
    assert ask(database, uuid)
    if victim == "worker":
        query = "SELECT worker_pid FROM queue_job WHERE uuid = %s"
        os.kill(database.value(query, uuid), signal.SIGKILL)
    else:
        os.kill(server.worker_pid("WorkerJobRunner"), signal.SIGKILL)
    check_stopped(database, uuid)
    check_others_go_on(database)


@pytest.mark.expects("other work in the same process")
def test_a_threaded_server_does_not_end_and_says_so(stuck, database):
    server, uuid = stuck("_wait_for_an_answer", kind="threaded")
    assert ask(database, uuid)
    server.wait_for(f"job {uuid} does not end, and this server has other work")
    database.wait_for("SELECT is_stuck FROM queue_job_stop")
    assert database.states([uuid]) == {uuid: "started"}
    check_others_go_on(database)


@pytest.mark.expects("bad query")
@pytest.mark.parametrize("method", ["_run_a_statement", "_loop"])
def test_a_threaded_server_stops_a_job_alone(stuck, database, method):
    _server, uuid = stuck(method, kind="threaded")
    assert ask(database, uuid)
    check_stopped(database, uuid)
    check_others_go_on(database)
