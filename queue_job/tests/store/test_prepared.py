# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Moves of one job whose plan is kept by the session."""

import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch
from odoo.addons.queue_job.store.prepared import Prepared

DONE = {"result": "well", "exec_time": 0.5, "retry": 1, "repeats": 1}


def plans(cr):
    """Names of the statements that the session keeps, and how often each ran."""
    cr.execute("SELECT name, generic_plans + custom_plans FROM pg_prepared_statements")
    return dict(cr.fetchall())


@pytest.mark.parametrize("keeps_plan", [True, False])
def test_a_job_succeeds_under_the_number_that_holds_it(cr, table, keeps_plan):
    job = table.add(State.STARTED, attempt=3, exc_name="earlier")

    assert dispatch.succeed(cr, job, 3, keeps_plan=keeps_plan, **DONE)

    row = table.row(job)
    assert row["state"] == State.DONE
    assert {name: row[name] for name in DONE} == DONE
    assert row["date_done"] is not None
    assert row["exc_name"] is None


@pytest.mark.parametrize("keeps_plan", [True, False])
@pytest.mark.parametrize(
    ("state", "attempt"), [("started", 2), ("started", 4), ("pending", 3), ("done", 3)]
)
def test_another_job_does_not_succeed(cr, table, keeps_plan, state, attempt):
    job = table.add(state, attempt=3)

    assert not dispatch.succeed(cr, job, attempt, keeps_plan=keeps_plan, **DONE)

    assert table.state(job) == state


def test_a_session_plans_the_moves_of_a_worker_once(cr, table):
    for turn in range(4):
        job = table.add(State.ENQUEUED, attempt=1, uuid=f"job {turn}")
        dispatched_job = dispatch.DispatchedJob(job, f"job {turn}", 1)
        assert (
            dispatch.start(cr, dispatched_job, 4711, session=cr.connection) is not None
        )
        assert dispatch.succeed(cr, job, 1, keeps_plan=True, **DONE)

    # a lone job is not worth a plan
    assert plans(cr) == {"queue_job_start": 4, "queue_job_succeed": 3}


def test_in_a_session_that_may_be_anybodys_no_plan_is_left(cr, table):
    dispatched_job = dispatch.DispatchedJob(
        table.add(State.ENQUEUED, attempt=1, uuid="job"), "job", 1
    )

    assert dispatch.start(cr, dispatched_job, 4711) is not None

    assert plans(cr) == {}


def test_behind_a_pooler_no_plan_is_left(cr, table):
    for job in [table.add(State.STARTED, attempt=1) for _number in range(3)]:
        assert dispatch.succeed(cr, job, 1, keeps_plan=False, **DONE)

    assert plans(cr) == {}


def test_each_session_has_its_own_plan(cr, session):
    statement = Prepared("one", "SELECT %(a)s::int + %(b)s + %(a)s")
    with session().cursor() as other:
        for cursor in (cr, other, cr):
            statement.execute(cursor, {"a": 2, "b": 3}, cursor.connection)
            assert cursor.fetchall() == [(7,)]


def test_a_plan_is_made_anew_when_the_table_has_changed(cr):
    statement = Prepared("changing", "SELECT number FROM numbers WHERE number > %(n)s")
    cr.execute("CREATE TEMP TABLE numbers AS SELECT 5 AS number")
    statement.execute(cr, {"n": 1}, cr)
    assert cr.fetchall() == [(5,)]

    cr.execute("ALTER TABLE numbers ALTER COLUMN number TYPE float8")

    statement.execute(cr, {"n": 1}, cr)
    assert cr.fetchall() == [(5.0,)]


def test_the_plan_outlives_a_rollback(session, table):
    connection = session(autocommit=False)
    with connection.cursor() as cr:
        job = table.add(State.STARTED, attempt=1)
        for _turn in range(3):
            assert dispatch.succeed(cr, job, 1, keeps_plan=True, **DONE)
            connection.rollback()
        assert plans(cr) == {"queue_job_succeed": 2}
