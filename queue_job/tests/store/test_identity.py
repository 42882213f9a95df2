# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An identity key between transactions that do not see each other: one run, and no
transaction waits or fails for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg2
import pytest
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import deduplication, dispatch

DELAY = """
INSERT INTO queue_job (uuid, state, retry, attempt, identity_key)
VALUES (gen_random_uuid()::text, 'pending', 0, 0, %s) RETURNING id
"""


def delay(cursor, key):
    """What a delaying call does that sees no waiting job of the key."""
    cursor.execute(DELAY, (key,))
    return cursor.fetchone()[0]


def ended_as(table, job_id):
    row = table.row(job_id)
    return row["state"], row["result"]


def test_two_transactions_delay_the_same_key_and_one_job_runs(session, table, cr):
    first, second = session(autocommit=False), session(autocommit=False)
    for transaction in (first, second):
        transaction.set_session(isolation_level="REPEATABLE READ")
        with transaction.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")  # neither may wait
    one = delay(first.cursor(), "k")
    two = delay(second.cursor(), "k")
    first.commit()
    second.commit()

    [dispatched_job] = dispatch.enqueue(cr, [one, two])

    assert dispatched_job.id == one
    assert ended_as(table, two) == (State.DONE, f"same as job {dispatched_job.uuid}")
    assert table.row(two)["date_done"] is not None
    assert table.state(one) == State.ENQUEUED


def test_a_job_of_the_key_that_somebody_changes_holds_up_no_dispatch(
    session, table, cr
):
    one, two = delay(cr, "k"), delay(cr, "k")
    other = session(autocommit=False)
    other.cursor().execute("UPDATE queue_job SET name = 'x' WHERE id = %s", (two,))
    cr.execute("SET lock_timeout = '200ms'")
    assert [
        dispatched_job.id for dispatched_job in dispatch.enqueue(cr, [one, two])
    ] == [one]
    assert table.state(two) == State.PENDING
    # When he is done, it joins the job that has not begun
    other.commit()
    assert dispatch.enqueue(cr, [two]) == []
    assert ended_as(table, two)[0] == State.DONE


def test_many_at_the_same_time_make_one_run(database, table, cr):
    together = Barrier(4)

    def delay_at_once(_number):
        connection = psycopg2.connect(dbname=database)
        try:
            with connection, connection.cursor() as cursor:
                job_id = delay(cursor, "k")
                together.wait(PATIENCE)
            return job_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(delay_at_once, range(4)))

    dispatched_jobs = [h for job_id in ids for h in dispatch.enqueue(cr, [job_id])]

    assert [dispatched_job.id for dispatched_job in dispatched_jobs] == ids[:1]
    assert [table.state(job_id) for job_id in ids[1:]] == [State.DONE] * 3


def test_what_is_committed_after_the_dispatch_joins_a_job_that_has_not_begun(
    session, table, cr
):
    late = session(autocommit=False)
    second = delay(late.cursor(), "k")
    [dispatched_job] = dispatch.enqueue(cr, [table.add(identity_key="k")])
    late.commit()

    assert dispatch.enqueue(cr, [second]) == []
    assert ended_as(table, second) == (State.DONE, f"same as job {dispatched_job.uuid}")


def test_a_started_job_counts_no_more(session, table, cr, acquire):
    """It may have read its data before what the second one was delayed for."""
    [dispatched_job] = dispatch.enqueue(cr, [table.add(identity_key="k")])
    with session().cursor() as worker:
        acquire(worker, dispatched_job)
        second = table.add(identity_key="k")
        assert [chosen.id for chosen in dispatch.enqueue(cr, [second])] == [second]


@pytest.mark.parametrize("key", [None, ""])
def test_jobs_without_key_have_nothing_in_common(table, cr, key):
    ids = [table.add(identity_key=key) for _number in range(3)]
    assert len(dispatch.enqueue(cr, ids[:2])) == 2
    assert table.state(ids[2]) == State.PENDING


def test_keys_have_nothing_to_do_with_each_other(table, cr):
    ids = [table.add(identity_key=key) for key in ("a", "b")]
    assert len(dispatch.enqueue(cr, ids)) == 2


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.PENDING, State.ENQUEUED, State.STARTED})
)
def test_jobs_in_other_states_stay(table, cr, state):
    other = table.add(state, identity_key="k", result="its own")
    assert len(dispatch.enqueue(cr, [table.add(identity_key="k")])) == 1
    assert ended_as(table, other) == (state, "its own")


def test_waiting_for_an_eta_is_waiting(table, cr):
    later = table.add(identity_key="k", eta="2100-01-01")
    [dispatched_job] = dispatch.enqueue(cr, [table.add(identity_key="k")])
    assert ended_as(table, later) == (State.DONE, f"same as job {dispatched_job.uuid}")


def test_jobs_without_key_cost_no_further_statement(table, cr):
    class Counting:
        statements = 0

        def execute(self, query, params=None):
            self.statements += 1
            return cr.execute(query, params)

        def fetchall(self):
            return cr.fetchall()

    counting = Counting()
    dispatch.enqueue(counting, [table.add(), table.add()])
    assert counting.statements == 1


def test_jobs_of_a_key_are_found_by_the_index(cr):
    # Given so many jobs that no other way is as good
    cr.execute(
        "INSERT INTO queue_job (uuid, state, attempt, retry, identity_key)"
        " SELECT 'job ' || n, CASE WHEN n % 10 = 0 THEN 'pending' ELSE 'done' END,"
        " 0, 0, 'key ' || n FROM generate_series(1, 20000) AS n"
    )
    cr.execute("ANALYZE queue_job")
    plan = explain(cr, deduplication._SQL.under_way, {"keys": ["a", "b"], "most": 1000})
    assert "queue_job_identity_key_state_partial_index" in plan
    assert "Seq Scan on queue_job " not in plan


@pytest.mark.parametrize("supersedes", [False, True])
def test_a_call_finds_what_counts_by_the_index(cr, supersedes):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, attempt, retry, identity_key)"
        " SELECT 'job ' || n, CASE WHEN n % 3 = 0 THEN 'pending' ELSE 'done' END,"
        " 0, 0, 'key ' || n % 9 FROM generate_series(1, 20000) AS n"
    )
    cr.execute("ANALYZE queue_job")
    params = {
        "keys": ["key 1"],
        "states": ["pending", "enqueued"],
        "due": "2030-01-01",
        "expires": "infinity",
        "supersedes": supersedes,
    }
    plan = explain(cr, deduplication._SQL.counting, params)
    assert "queue_job_identity_key_state_partial_index" in plan
    assert "queue_job_open_idx" not in plan


def test_the_youngest_of_very_many_are_found_without_sorting_them(cr):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, attempt, retry, identity_key)"
        " SELECT 'job ' || n, 'pending', 0, 0, 'key ' || n % 10"
        " FROM generate_series(1, 20000) AS n"
    )
    cr.execute("ANALYZE queue_job")
    plan = explain(cr, deduplication._SQL.deadline, {"key": "key 1"})
    assert "Index Scan Backward" in plan
    assert "Sort" not in plan


def test_jobs_done_lately_are_found_by_an_index_that_has_no_others(cr):
    cr.execute(
        "INSERT INTO queue_job"
        " (uuid, state, attempt, retry, identity_key, identity_period, date_done)"
        " SELECT 'job ' || n, 'done', 0, 0, 'key ' || n % 100,"
        " CASE WHEN n % 10 = 0 THEN 60 END, now() AT TIME ZONE 'UTC'"
        " FROM generate_series(1, 20000) AS n"
    )
    cr.execute("ANALYZE queue_job")
    by_key = explain(
        cr, deduplication._SQL.done_lately, {"keys": ["key 10"], "seconds": 60}
    )
    for plan in (by_key, explain(cr, deduplication._SQL.still_counting, None)):
        assert "queue_job_identity_done_idx" in plan
        assert "Seq Scan on queue_job " not in plan


def explain(cr, statement, params):
    cr.execute(f"EXPLAIN {statement}", params)
    return "\n".join(line for (line,) in cr.fetchall())
