# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that are told to stop, or to reload, under load."""

import signal

import pytest
from rig.finishes import check_accounts, check_none_twice, count_finishes

pytestmark = pytest.mark.faults

JOBS = 600
CAPACITY = 4


def loaded(servers, database, kind):
    """A server in the middle of its work."""
    count_finishes(database)
    jobs = database.delay(_count=JOBS)
    server = servers(kind, [database], f"root:{CAPACITY}")
    database.wait_for("SELECT count(*) >= 60 FROM finishes")
    return server, jobs


def check_no_attempt_was_lost(database):
    assert database.rows("SELECT * FROM queue_job_attempt") == []
    tries = "SELECT DISTINCT retry, state FROM queue_job ORDER BY retry"
    assert database.rows(tries) in (
        [{"retry": 0, "state": "pending"}, {"retry": 1, "state": "done"}],
        [{"retry": 1, "state": "done"}],
    )
    check_none_twice(database)


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_a_stop_under_load_leaves_all_pending_or_done(servers, database, kind):
    server, jobs = loaded(servers, database, kind)
    assert server.stop() == 0
    check_no_attempt_was_lost(database)
    assert database.value("SELECT count(*) FROM queue_job WHERE state = 'pending'")

    servers(kind, [database], f"root:{CAPACITY}")
    database.wait_for_state("done", jobs)
    check_no_attempt_was_lost(database)
    check_accounts(database, CAPACITY)


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_a_reload_under_load_loses_nothing(servers, database, kind):
    server, jobs = loaded(servers, database, kind)
    before = len(server.lines)
    server.signal(signal.SIGHUP)
    server.wait_for("database connections ready", after=before)
    database.wait_for_state("done", jobs)
    check_no_attempt_was_lost(database)
    check_accounts(database, CAPACITY)


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_the_job_that_runs_at_a_stop_is_finished(servers, database, kind):
    count_finishes(database)
    server = servers(kind, [database])
    server.wait_until_ready()
    [uuid] = database.delay(_kwargs={"job_duration": 0.7})
    database.wait_for_state("started", [uuid])
    assert server.stop() == 0
    assert database.states() == {uuid: "done"}
    check_no_attempt_was_lost(database)
