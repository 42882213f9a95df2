# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that go beyond the limits that Odoo sets its workers."""

import os
import resource
import signal
import time

import psutil
import pytest
from rig.addons import make_trouble
from rig.finishes import check_accounts, check_none_twice, count_finishes
from rig.postgresql import wait_until
from rig.recovery import note_recovery

pytestmark = pytest.mark.faults
CRASH = ("Re-queued dead job", "exception in GET", "job .* failed")
GIGABYTE = 1 << 30


@pytest.fixture
def limited(servers, database, tmp_path):
    """Starts a server whose workers have limits; ready when it returns."""
    server_wide = make_trouble(tmp_path)
    count_finishes(database)

    def start(kind="prefork", **limits):
        server = servers(kind, [database], server_wide=server_wide, options=limits)
        server.wait_until_ready()
        return server

    return start


def check_crash(database, uuid, limit):
    """A job of two tries crashed twice, and others go on. Its attempts say why."""
    begun = time.monotonic()
    more = database.delay(_count=4)
    database.wait_for_state("done", more)
    note_recovery("a worker over a limit", time.monotonic() - begun)
    database.wait_for_state("failed", [uuid])
    [job] = database.rows("SELECT * FROM queue_job WHERE uuid = %s", uuid)
    assert (job["exc_name"], job["retry"]) == ("JobFoundDead", 2)
    query = "SELECT exc_name, exc_message FROM queue_job_attempt ORDER BY id"
    rows = database.rows(query)
    tries = [row["exc_name"] for row in rows]
    assert tries[:2] == ["JobFoundDead"] * 2 and len(tries) == 3, "and the verdict"
    assert all(limit in row["exc_message"] for row in rows[:2])
    check_accounts(database, capacity=2)


@pytest.mark.expects(*CRASH, r"WorkerHTTP \(\d+\) timeout after 3s")
def test_a_worker_over_the_real_time_limit_is_a_crash(limited, database):
    server = limited(limit_time_real="3")
    [uuid] = database.delay(_kwargs={"job_duration": 60}, max_retries=2)
    server.wait_for(r"timeout after 3s")
    check_crash(database, uuid, "limit_time_real is 3")


@pytest.fixture
def children(tmp_path):
    """A file of the children that jobs leave behind, ended with the test."""
    file = tmp_path / "children"
    file.touch()
    yield file
    for child in file.read_text().split():
        os.kill(int(child), signal.SIGKILL)


@pytest.mark.expects(*CRASH, r"WorkerHTTP \(\d+\) timeout after 3s")
def test_a_child_that_outlives_such_a_worker_keeps_no_job(limited, database, children):
    server = limited(limit_time_real="3")
    [uuid] = database.delay(
        method_name="_leave_a_child", _kwargs={"children": str(children)}, max_retries=2
    )
    server.wait_for(r"timeout after 3s")
    check_crash(database, uuid, "limit_time_real is 3")
    left = children.read_text().split()
    assert len(left) == 2
    for child in left:
        os.kill(int(child), 0)  # it lives


@pytest.mark.expects(*CRASH, "Exception occurred, exiting")
def test_a_worker_over_the_cpu_time_limit_is_a_crash(limited, database):
    server = limited(limit_time_cpu="2")
    [uuid] = database.delay(method_name="_burn", max_retries=2)
    server.wait_for(r"CPU time limit \(2\) reached")
    check_crash(database, uuid, "limit_time_cpu (2)")


def has_ended(server):
    """Wake its main thread, which sleeps for a minute at a time: then it hears of a
    signal that another thread got."""
    if server.is_alive():
        server.signal(signal.SIGCHLD)
    return not server.is_alive()


@pytest.mark.expects(*CRASH)
def test_a_threaded_server_over_a_limit_of_its_surroundings_says_so(limited, database):
    server = limited("threaded")
    [uuid] = database.delay(method_name="_burn", max_retries=1)
    database.wait_for_state("started", [uuid])
    process = psutil.Process(server.pid)
    used = sum(process.cpu_times()[:2])
    process.rlimit(psutil.RLIMIT_CPU, (int(used) + 2, resource.RLIM_INFINITY))
    wait_until(lambda: has_ended(server), True, lambda found: "it lives")
    server.start()
    database.wait_for_state("failed", [uuid])
    query = "SELECT exc_message FROM queue_job_attempt ORDER BY id"
    assert "limit of CPU time of its process" in database.rows(query)[0]["exc_message"]


@pytest.mark.expects("job .* failed")
def test_a_job_over_the_hard_memory_limit_fails_alone(limited, database):
    server = limited(limit_memory_hard=str(3 * GIGABYTE), limit_memory_soft="0")
    [uuid] = database.delay(method_name="_ask_for_memory", _kwargs={"gigabytes": 4})
    database.wait_for_state("failed", [uuid])
    [failed] = database.rows("SELECT exc_name, retry FROM queue_job")
    assert failed == {"exc_name": "MemoryError", "retry": 1}
    more = database.delay(_count=4)
    database.wait_for_state("done", more)
    check_accounts(database, capacity=2)
    assert not any("exiting" in line for line in server.lines), "no worker ended"


def test_a_worker_over_the_soft_memory_limit_ends_after_its_job(limited, database):
    limits = {"limit_memory_hard": "0", "limit_memory_soft": str(4 * GIGABYTE)}
    server = limited(**limits)
    grown = database.delay(_count=4, method_name="_grow", _kwargs={"gigabytes": 4})
    quick = database.delay(_count=20)
    database.wait_for_state("done", [*grown, *quick])
    server.wait_for("virtual memory limit")
    check_accounts(database, capacity=2)
    check_no_attempt_was_lost(database)


def test_no_job_begins_in_a_worker_over_the_soft_memory_limit(limited, database):
    """Not even where the worker could stay on the line for it."""
    limited(limit_memory_soft=str(4 * GIGABYTE), limit_memory_hard=str(5 * GIGABYTE))
    for _number in range(3):
        grown = database.delay(method_name="_grow", _kwargs={"gigabytes": 4})
        database.wait_for_state("done", grown)
        time.sleep(0.05)
        next_one = database.delay(
            method_name="_ask_for_memory", _kwargs={"gigabytes": 1}
        )
        database.wait_for_state("done", next_one)
    check_no_attempt_was_lost(database)


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_a_worker_that_has_answered_enough_is_replaced(limited, database, kind):
    limited(kind, limit_request="5")
    jobs = database.delay(_count=60, _kwargs={"job_duration": 0.06})  # one each
    database.wait_for_state("done", jobs)
    check_accounts(database, capacity=2)
    check_no_attempt_was_lost(database)


def check_no_attempt_was_lost(database):
    check_none_twice(database)
    assert database.value("SELECT max(retry) FROM queue_job") == 1
    assert database.rows("SELECT * FROM queue_job_attempt") == []
