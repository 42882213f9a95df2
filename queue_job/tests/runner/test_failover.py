# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two servers that serve one database: when one of them goes, the other goes on."""

import signal
import time

import pytest
from rig.finishes import check_accounts, count_finishes, most_at_once
from rig.postgresql import SOON
from rig.recovery import note_recovery

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects("Re-queued dead job", "exception in GET"),
]
CAPACITY = 2
DEBUG = ["--log-handler=odoo.addons.queue_job.jobrunner:DEBUG"]


@pytest.fixture
def two(servers, database):
    """(the leading server, the waiting one), prefork, each with jobs to itself"""
    count_finishes(database)
    leader = servers("prefork", [database], f"root:{CAPACITY}")
    leader.wait_until_ready()
    follower = servers("prefork", [database], f"root:{CAPACITY}", words=DEBUG)
    follower.wait_for("master election lost")
    follower.wait_for("HTTP service|Worker WorkerHTTP")
    return leader, follower


def work_through(database):
    """Jobs of which the first two take long; returns once these run."""
    long = database.delay(_count=2, _kwargs={"job_duration": 2})
    quick = database.delay(_count=60, _kwargs={"job_duration": 0.01})
    database.wait_for_state("started", long)
    return long, quick


def wait_for_takeover(database, follower, what, begun):
    follower.wait_for(f"queue job runner ready for db {database.name}", timeout=SOON)
    before = database.value("SELECT count(*) FROM starts")
    database.wait_for("SELECT count(*) > %s FROM starts", before)
    note_recovery(f"takeover: {what}", time.monotonic() - begun)


def test_another_server_takes_over_from_a_killed_one(two, database):
    leader, follower = two
    long, quick = work_through(database)
    begun = time.monotonic()
    leader.kill_all()
    wait_for_takeover(database, follower, "kill -9 of the leading server", begun)
    database.wait_for_state("done", [*long, *quick])
    check_accounts(database, CAPACITY)
    tries = "SELECT array_agg(uuid::text ORDER BY id) FROM queue_job WHERE retry = 2"
    assert database.value(tries) == long, "only what ran there was tried again"


def test_another_server_takes_over_from_a_stopped_one(two, database):
    leader, follower = two
    long, quick = work_through(database)
    begun = time.monotonic()
    leader.signal(signal.SIGTERM)
    wait_for_takeover(database, follower, "SIGTERM of the leading server", begun)
    assert leader.wait() == 0
    database.wait_for_state("done", [*long, *quick])
    check_accounts(database, CAPACITY)
    assert database.value("SELECT max(retry) FROM queue_job") == 1


def test_servers_that_are_restarted_one_after_the_other_lose_nothing(two, database):
    count = 400
    jobs = database.delay(_count=count, _kwargs={"job_duration": 0.02})
    for server in two:
        done = database.value("SELECT count(*) FROM finishes")
        database.wait_for("SELECT count(*) > %s FROM finishes", min(done + 20, count))
        before = len(server.lines)
        server.signal(signal.SIGHUP)
        server.wait_for("Worker WorkerHTTP .* alive", after=before)
    database.wait_for_state("done", jobs)
    check_accounts(database, CAPACITY)
    assert database.value("SELECT max(retry) FROM queue_job") == 1


def test_two_databases_share_one_capacity_when_another_server_takes_over(
    servers, databases, database
):
    both = [database, databases.create()]
    for one in both:
        count_finishes(one)
    jobs = [one.delay(_count=60, _kwargs={"job_duration": 0.05}) for one in both]
    first = servers("prefork", both, f"root:{CAPACITY}")
    second = servers("prefork", both, f"root:{CAPACITY}", words=DEBUG)
    second.wait_for("Worker WorkerHTTP .* alive")
    for one in both:
        one.wait_for("SELECT count(*) >= 5 FROM finishes")
    leader = first if any("asking Odoo" in line for line in first.lines) else second
    leader.kill_all()
    for one, uuids in zip(both, jobs, strict=True):
        one.wait_for_state("done", uuids)
        check_accounts(one, CAPACITY)
    assert most_at_once(*both) <= CAPACITY
    for server in (first, second):
        server.kill_all()
    databases.drop(both[1])
