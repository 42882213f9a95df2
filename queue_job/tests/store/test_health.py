# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The facts of a queue, and that they are cheap at any number of jobs."""

import pytest

from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.store import dispatch, health
from odoo.addons.queue_job.store.sql import load

SQL = load("health")
FAR = "2020-01-01 00:00:00"


@pytest.fixture
def add(cr, table):
    """Adds a job, made just now."""
    cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
    [(now,)] = cr.fetchall()
    usual = {"channel": "root", "priority": 10, "date_created": now}
    return lambda **columns: table.add(**{**usual, **columns})


@pytest.fixture
def read(cr):
    return lambda **options: health.read(cr, **options)


def test_jobs_are_counted_by_state_up_to_a_bound(add, read):
    for state, count in {"pending": 4, "failed": 2, "done": 3, "started": 1}.items():
        for _ in range(count):
            add(state=state)
    add(state="pending", eta=FAR)
    counts = read().counts
    assert counts == {
        "wait_dependencies": 0, "pending": 5, "enqueued": 0, "started": 1, "failed": 2,
    }  # fmt: skip
    assert read(most=2).counts["pending"] == 3


def test_a_leader_is_seen_and_how_long_ago(read, session):
    assert read().leader_age is None
    leader = session().cursor()
    leader.execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
    assert 0 <= read().leader_age < 60


def test_the_oldest_due_job_is_found_in_any_channel_and_priority(add, read):
    assert read().oldest_due is None
    add(state="pending", channel="root.a", priority=1)
    assert read().oldest_due < 3600
    add(state="pending", channel="root.b", priority=9, date_created=FAR)
    add(state="pending", channel="root.b", priority=1)
    assert read().oldest_due > 10**8


def test_what_waits_for_its_time_is_not_due(add, read):
    add(state="pending", eta="2999-01-01", date_created=FAR)
    assert read().oldest_due is None
    add(state="pending", eta=FAR)
    assert read().oldest_due > 10**8


@pytest.mark.parametrize("columns", [{"attempt": 1}, {"graph_uuid": "g"}])
def test_when_a_job_came_to_wait_again_is_not_known(add, read, columns):
    add(state="pending", date_created=FAR, **columns)
    assert read().oldest_due is None


def test_a_dispatched_job_without_a_worker_is_told(add, read, session):
    job_id = add(state="enqueued", date_enqueued=FAR)
    assert read().unbegun > 10**8
    worker = session().cursor()
    worker.execute("SELECT pg_advisory_lock(%s, %s)", (dispatch.LOCK_CLASS, job_id))
    assert read().unbegun is None


def test_functions_of_waiting_jobs(cr, add):
    add(state="pending", model_name="a", method_name="b")
    add(state="done", model_name="a", method_name="old")
    add(state="wait_dependencies", model_name="a", method_name="c")
    assert set(health.waiting_functions(cr)) == {("a", "b"), ("a", "c")}


def test_a_transaction_that_is_open_is_seen(cr, session):
    other = session().cursor()
    other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    other.execute("SELECT count(*) FROM queue_job")
    other.execute("SELECT pg_backend_pid()")
    [(pid,)] = other.fetchall()
    assert pid in [transaction.pid for transaction in health.old_transactions(cr)]


PARAMETERS = {
    "counts": {"most": 1000},
    "counts_by_channel": {"most": 1000},
    "oldest_due": {"hops": 200},
    "unbegun": {"lock_class": dispatch.LOCK_CLASS},
    "waiting_functions": {"hops": 200},
}


@pytest.fixture
def full_table(cr):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, channel, priority, date_created)"
        " SELECT n::text, CASE WHEN n % 10 = 0 THEN 'pending' WHEN n % 97 = 0"
        " THEN 'failed' ELSE 'done' END, 'root', 10, now()"
        " FROM generate_series(1, 60000) n"
    )
    cr.execute("ANALYZE queue_job")


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_statement_reads_the_whole_table(cr, full_table, name):
    cr.execute("BEGIN")
    cr.execute(SQL.only_indexes)
    cr.execute(f"EXPLAIN (FORMAT JSON) {getattr(SQL, name)}", PARAMETERS[name])
    [(plan,)] = cr.fetchall()
    cr.execute("ROLLBACK")
    nodes = _nodes(plan[0]["Plan"])
    of_jobs = [node for node in nodes if node.get("Relation Name") == "queue_job"]
    assert of_jobs
    assert {node["Node Type"] for node in of_jobs} <= {"Index Scan", "Index Only Scan"}
    names = {node["Index Name"] for node in of_jobs}
    assert not names & {"queue_job_pkey", "queue_job_done_idx"}


def _nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
