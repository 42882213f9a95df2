# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A call that stores nothing relies on a job that waits: it does not begin before the
caller is done. No transaction waits for another."""

import psycopg2
import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch, ties


@pytest.fixture
def caller(session):
    """A transaction as Odoo's are; it fails where it would have to wait."""

    def begin(isolation="REPEATABLE READ"):
        connection = session(autocommit=False)
        connection.set_session(isolation_level=isolation)
        cursor = connection.cursor()
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        cursor.execute("SELECT count(*) FROM queue_job")  # the snapshot is taken
        return cursor

    return begin


def chosen(cr, *ids):
    return [dispatched_job.id for dispatched_job in dispatch.enqueue(cr, ids)]


def test_a_tied_job_is_passed_by_until_the_caller_is_done(caller, table, cr):
    job, other = table.add(identity_key="k"), table.add(identity_key="other")
    for end in ("commit", "rollback"):
        call = caller()
        assert ties.tie(call, [job]) == {job}
        assert chosen(cr, job, other) == ([other] if end == "commit" else [])
        assert table.state(job) == State.PENDING
        getattr(call.connection, end)()
        # What the runner wanted stands for no further call, and is not kept from it
        assert ties.tie(caller(), [job]) == set()
        cr.execute("UPDATE queue_job SET date_enqueued = NULL WHERE id = %s", (job,))
    assert chosen(cr, job) == [job]


def test_several_callers_tie_a_job_and_the_last_one_frees_it(caller, table, cr):
    job = table.add(identity_key="k")
    one, two = caller(), caller()
    assert ties.tie(one, [job]) == ties.tie(two, [job]) == {job}
    one.connection.commit()
    assert chosen(cr, job) == []
    two.connection.commit()
    assert chosen(cr, job) == [job]


def test_no_row_stays_locked(caller, session, table, cr):
    job = table.add(identity_key="k")
    ties.tie(caller(), [job])
    cr.execute("SELECT id FROM queue_job FOR UPDATE NOWAIT")
    assert cr.fetchall() == [(job,)]


def test_what_has_begun_since_the_snapshot_stands_for_nothing(
    caller, session, table, cr, acquire
):
    job, waits = table.add(identity_key="k"), table.add(identity_key="w")
    ended = table.add(identity_key="e")
    call = caller()
    [dispatched_job] = dispatch.enqueue(cr, [job])
    with session().cursor() as worker:
        acquire(worker, dispatched_job)
        dispatch.move(cr, "set_done", [ended])
        assert ties.tie(call, [job, waits, ended]) == {waits}
    # and the caller's transaction goes on
    call.execute("SELECT count(*) FROM queue_job")
    assert call.fetchone() == (3,)


def test_a_worker_that_comes_for_a_tied_job_does_not_get_it(
    caller, session, table, cr, acquire
):
    job = table.add(identity_key="k")
    [dispatched_job] = dispatch.enqueue(cr, [job])
    call = caller()
    assert ties.tie(call, [job]) == {job}
    with session().cursor() as worker:
        assert acquire(worker, dispatched_job) is None
        call.connection.commit()
        assert acquire(worker, dispatched_job) is not None
        assert ties.tie(caller(), [job]) == set()


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_a_row_that_somebody_changes_stands_for_nothing(
    caller, session, table, isolation
):
    job = table.add(identity_key="k")
    other = session(autocommit=False)
    other.cursor().execute("UPDATE queue_job SET priority = 3")
    assert ties.tie(caller(isolation), [job]) == set()


def test_a_tied_job_does_not_end_as_the_same_as_another_one(caller, table, cr):
    tied, other = table.add(identity_key="k"), table.add(identity_key="k")
    call = caller()
    ties.tie(call, [tied])
    assert chosen(cr, other) == [other]
    assert table.state(tied) == State.PENDING
    call.connection.commit()
    assert chosen(cr, tied) == []
    assert table.state(tied) == State.DONE  # the other one has not begun


def test_a_tied_job_is_not_merged_into_another_one(caller, table, cr):
    rule = {
        "identity_key": "k",
        "identity_on_duplicate": "merge",
        "records": '{"ids": [1]}',
        "args": "[]",
        "kwargs": "{}",
    }
    tied, other = table.add(**rule), table.add(**rule)
    ties.tie(caller(), [tied])
    assert chosen(cr, other) == [other]
    assert table.state(tied) == State.PENDING


def test_a_job_dispatched_that_must_not_end_goes_back(caller, table, cr):
    """Tied between two statements of a dispatch."""
    first = table.add(identity_key="k")
    assert chosen(cr, first) == [first]
    last = table.add(identity_key="k")
    # Given a caller that ties what has just been dispatched
    original, calls = cr.execute, []

    class Between:
        def execute(self, query, params=None):
            if "unnest(%(keys)s" in query:
                call = caller()
                assert ties.tie(call, [last]) == {last}
                calls.append(call)
            return original(query, params)

        fetchall = staticmethod(cr.fetchall)

    assert chosen(Between(), last) == []
    assert calls
    assert table.state(last) == State.PENDING


def test_jobs_without_key_are_never_tied(caller, table, cr):
    plain, empty = table.add(), table.add(identity_key="")
    ties.tie(caller(), [plain, empty])
    assert chosen(cr, plain, empty) == [plain, empty]


def test_the_runner_hears_when_a_caller_commits(caller, session, table, cr):
    job = table.add(identity_key="k")
    cr.execute("LISTEN queue_job")
    call = caller()
    ties.tie(call, [job])
    call.connection.commit()
    cr.execute("SELECT 1")
    assert ties.UNTIED in [news.payload for news in cr.connection.notifies]


def test_a_savepoint_given_up_unties(caller, table, cr):
    job = table.add(identity_key="k")
    call = caller()
    call.execute("SAVEPOINT here")
    ties.tie(call, [job])
    call.execute("ROLLBACK TO SAVEPOINT here")
    assert chosen(cr, job) == [job]


def test_want_of_memory_for_locks_costs_no_transaction(caller, table):
    job = table.add(identity_key="k")
    call = caller()

    class Full:
        def execute(self, query, params=None):
            if "pg_try_advisory" in query:
                call.execute("SAVEPOINT queue_job_tie")
                raise psycopg2.errors.OutOfMemory("out of shared memory")
            return call.execute(query, params)

    assert ties.tie(Full(), [job]) == set()
    assert ties.tie(call, [job]) == {job}


def link(cr, parent, child, if_failed="wait"):
    cr.execute(
        "INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " VALUES (%s, %s, %s)",
        (parent, child, if_failed),
    )


@pytest.mark.parametrize(
    ("state", "if_failed", "counts"),
    [
        (State.PENDING, "wait", True),
        (State.DONE, "wait", True),
        (State.FAILED, "wait", False),
        (State.CANCELLED, "wait", False),
        (State.FAILED, "run", True),
    ],
)
def test_what_waits_for_a_failed_job_stands_for_nothing(
    caller, table, cr, state, if_failed, counts
):
    first = table.add(state)
    between = table.add(State.WAIT_DEPENDENCIES)
    job = table.add(State.WAIT_DEPENDENCIES, identity_key="k")
    link(cr, first, between, if_failed)
    link(cr, between, job)
    assert ties.tie(caller(), [job]) == ({job} if counts else set())


def test_barriers_are_looked_through(caller, table, cr):
    failed = table.add(State.FAILED)
    job = table.add(State.WAIT_DEPENDENCIES, identity_key="k")
    cr.execute(
        "INSERT INTO queue_job_dependency (parent_id, child_id, barrier_id, if_failed)"
        " VALUES (%s, NULL, 1, 'wait'), (NULL, %s, 1, 'wait')",
        (failed, job),
    )
    assert ties.tie(caller(), [job]) == set()


def test_in_a_graph_too_large_to_tell_nothing_is_relied_on(caller, table, cr):
    job = table.add(State.WAIT_DEPENDENCIES, identity_key="k")
    cr.execute(
        "WITH parent AS (INSERT INTO queue_job (uuid, state, attempt, retry)"
        "  SELECT 'p' || n, 'pending', 0, 0 FROM generate_series(1, 1100) n"
        "  RETURNING id)"
        " INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " SELECT id, %s, 'wait' FROM parent",
        (job,),
    )
    assert ties.tie(caller(), [job]) == set()
