# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lock of a job: taken by one, gone with its session, the ground of rescue."""

import threading

import pytest
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.outcome import FOUND_DEAD
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch, started_row


@pytest.fixture
def dispatched(cr, table):
    """A job that the runner has just dispatched."""
    [dispatched_job] = dispatch.enqueue(cr, [table.add(priority=10, max_retries=5)])
    return dispatched_job


def test_a_worker_takes_a_job_and_marks_it_started(session, table, dispatched, acquire):
    with session().cursor() as worker:
        started = acquire(worker, dispatched)
    assert (started.id, started.uuid) == (dispatched.id, dispatched.uuid)
    row = table.row(dispatched.id)
    assert (row["state"], row["worker_pid"]) == (State.STARTED, 4711)
    assert row["date_started"] is not None


@pytest.mark.parametrize("attempt", [0, 2, 2147483647])
def test_nobody_takes_a_job_under_another_number(
    session, table, cr, dispatched, attempt, acquire
):
    with session().cursor() as worker:
        assert acquire(worker, dispatched, attempt) is None
        assert table.state(dispatched.id) == State.ENQUEUED
        # and no lock is left behind
        assert dispatch.is_unlocked(cr, dispatched.id)


def test_an_unknown_job_is_not_taken(cr):
    assert dispatch.lock_run(cr, ["no-such-job"], [1]) == []
    assert dispatch.lock_run(cr, [], []) == []


@pytest.mark.parametrize("state", sorted(set(State) - {State.ENQUEUED}))
def test_only_an_enqueued_job_is_taken(cr, table, state):
    job = table.add(state, attempt=1)
    uuid = table.row(job)["uuid"]
    assert dispatch.lock_run(cr, [uuid], [1]) == []
    assert dispatch.start(cr, dispatch.DispatchedJob(job, uuid, 1), pid=1) is None
    assert table.state(job) == state


def test_a_run_is_locked_in_the_order_asked(session, cr, table):
    dispatched_jobs = dispatch.enqueue(cr, [table.add() for _ in range(5)])
    asked = [dispatched_jobs[i] for i in (3, 0, 4, 2, 1)]
    with session().cursor() as worker:
        locked = dispatch.lock_run(
            worker, [h.uuid for h in asked], [h.attempt for h in asked]
        )
    assert locked == asked


def test_of_a_run_only_what_is_still_to_be_had_is_locked(session, cr, table, acquire):
    taken, stale, fresh = dispatch.enqueue(cr, [table.add() for _ in range(3)])
    uuids = [taken.uuid, stale.uuid, fresh.uuid]
    with session().cursor() as other, session().cursor() as worker:
        acquire(other, taken)
        locked = dispatch.lock_run(worker, uuids, [1, stale.attempt + 1, 1])
    assert locked == [fresh]


def test_a_job_taken_back_before_it_began_does_not_start(session, cr, dispatched):
    with session().cursor() as worker:
        [locked] = dispatch.lock_run(worker, [dispatched.uuid], [dispatched.attempt])
        assert dispatch.return_pending(cr, [dispatched]) == [dispatched.id]
        assert dispatch.start(worker, locked, pid=1) is None


def test_a_started_job_reads_as_its_row_stands(session, cr, table, dispatched):
    with session().cursor() as worker:
        [locked] = dispatch.lock_run(worker, [dispatched.uuid], [dispatched.attempt])
        started = dispatch.start(worker, locked, pid=4711)
    row = table.row(dispatched.id)
    row["repeats"] = row["repeats"] or 0  # an empty number counts as none
    columns = [name for name in started_row.Row._fields if name in row]
    assert {name: getattr(started, name) for name in columns} == {
        name: row[name] for name in columns
    }
    assert (started.state, started.worker_pid) == (State.STARTED, 4711)


def test_of_two_workers_one_gets_the_job(session, table, dispatched, acquire):
    with session().cursor() as one, session().cursor() as other:
        assert acquire(one, dispatched)
        assert acquire(other, dispatched) is None


def test_of_many_workers_at_once_one_gets_the_job(session, dispatched, acquire):
    workers = [session() for _ in range(8)]
    start, taken = threading.Barrier(len(workers)), []

    def work(connection):
        with connection.cursor() as cursor:
            start.wait(PATIENCE)
            taken.append(acquire(cursor, dispatched))

    threads = [threading.Thread(target=work, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(taken) == 8
    assert len([started for started in taken if started]) == 1


def test_a_job_that_is_locked_is_not_taken(session, table, dispatched, acquire):
    with session().cursor() as holder, session().cursor() as worker:
        holder.execute(
            "SELECT pg_advisory_lock(%s, %s)", (dispatch.LOCK_CLASS, dispatched.id)
        )
        assert acquire(worker, dispatched) is None
        assert table.state(dispatched.id) == State.ENQUEUED


def test_the_lock_lasts_until_it_is_unlocked(session, cr, dispatched, acquire):
    with session().cursor() as worker:
        acquire(worker, dispatched)
        assert not dispatch.is_unlocked(cr, dispatched.id)
        dispatch.unlock(worker, [dispatched.id])
        assert dispatch.is_unlocked(cr, dispatched.id)


def test_the_lock_survives_commits(session, cr, dispatched, acquire):
    worker = session(autocommit=False)
    with worker.cursor() as worker_cr:
        acquire(worker_cr, dispatched)
        worker.commit()
        assert not dispatch.is_unlocked(cr, dispatched.id)


def test_the_lock_dies_with_its_session(session, table, cr, dispatched, acquire):
    worker = session()
    with worker.cursor() as worker_cr:
        acquire(worker_cr, dispatched)
    assert dispatch.rescue(cr) == []
    _end(cr, worker)
    assert dispatch.rescue(cr) == [dispatched.uuid]
    assert table.state(dispatched.id) == State.PENDING


def _end(cr, connection):
    """End a session as a killed process does, and wait until PostgreSQL saw it."""
    pid = connection.info.backend_pid
    cr.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def test_a_run_is_locked_in_the_order_asked_as_far_as_it_is_free(session, cr, table):
    # Given four dispatches, of which one was returned and one is locked
    dispatched_jobs = dispatch.enqueue(cr, [table.add() for _ in range(4)])
    free, back, taken, last = sorted(dispatched_jobs)
    dispatch.return_pending(cr, [back])
    with session().cursor() as holder, session().cursor() as worker:
        assert dispatch.lock_run(holder, [taken.uuid], [taken.attempt]) == [taken]
        # when a worker wants them all
        asked = [last, taken, back, free]
        uuids = [dispatched_job.uuid for dispatched_job in asked]
        attempts = [dispatched_job.attempt for dispatched_job in asked]
        # then it gets the two others, enqueued still
        assert dispatch.lock_run(worker, uuids, attempts) == [last, free]
        assert table.state(free.id) == State.ENQUEUED


def test_a_locked_job_that_was_taken_back_is_not_started(cr, table, dispatched):
    [locked] = dispatch.lock_run(cr, [dispatched.uuid], [dispatched.attempt])
    dispatch.return_pending(cr, [dispatched])
    assert dispatch.start(cr, locked, pid=1) is None
    assert table.state(dispatched.id) == State.PENDING


def test_starting_says_what_is_to_be_called(cr, table):
    job = table.add(
        model_name="res.partner", method_name="write", args='[1, {"a": null}]',
        kwargs='{"k": 2}', retry=2, max_retries=7, identity_key="key", user_id=1,
    )  # fmt: skip
    [dispatched_job] = dispatch.enqueue(cr, [job])
    row = dispatch.start(cr, dispatched_job, pid=4711)
    assert (row.id, row.uuid, row.attempt) == dispatched_job[:2] + (1,)
    assert (row.args, row.kwargs) == ([1, {"a": None}], {"k": 2})
    assert (row.retry, row.max_retries, row.state) == (2, 7, "started")
    assert (row.method_name, row.worker_pid) == ("write", 4711)
    assert row.is_user_active


def test_letting_go_of_nothing_is_no_error(cr):
    dispatch.unlock(cr, [])


def test_asking_keeps_the_job_until_the_transaction_ends(
    session, cr, dispatched, acquire
):
    person = session(autocommit=False)
    with person.cursor() as person_cr, session().cursor() as worker:
        assert dispatch.is_unlocked(person_cr, dispatched.id)
        assert acquire(worker, dispatched) is None
        person.rollback()
        assert acquire(worker, dispatched)


def test_a_rescue_counts_as_a_try_and_keeps_it(cr, table):
    job = table.add(State.STARTED, retry=1, attempt=5, worker_pid=77)

    assert dispatch.rescue(cr) == [table.row(job)["uuid"]]

    row = table.row(job)
    assert (row["state"], row["retry"], row["worker_pid"]) == ("pending", 2, None)
    [kept] = table.attempts(job)
    assert (kept["number"], kept["pid"]) == (5, 77)
    assert kept["exc_name"] == FOUND_DEAD


def test_a_rescue_takes_only_jobs_whose_lock_is_free(session, cr, table, acquire):
    dead = table.add(State.STARTED, attempt=1)
    [alive] = dispatch.enqueue(cr, [table.add()])
    others = [table.add(state) for state in State if state != State.STARTED]
    before = [table.row(job) for job in others]
    with session().cursor() as worker:
        acquire(worker, alive)
        assert dispatch.rescue(cr) == [table.row(dead)["uuid"]]
    assert table.state(alive.id) == State.STARTED
    assert table.attempts(alive.id) == []
    assert [table.row(job) for job in others] == before


def test_a_rescue_leaves_no_lock_behind(session, cr, table):
    job = table.add(State.STARTED)
    dispatch.rescue(cr)
    with session().cursor() as other:
        assert dispatch.is_unlocked(other, job)


def test_nothing_to_rescue_is_no_error(cr, table):
    table.add(State.PENDING)
    assert dispatch.rescue(cr) == []


def test_locks_of_other_kinds_keep_no_job(session, cr, table):
    job = table.add(State.STARTED)
    with session().cursor() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", (dispatch.LOCK_CLASS + 1, job))
        other.execute("SELECT pg_advisory_lock(%s::bigint)", (job,))
        assert dispatch.rescue(cr) == [table.row(job)["uuid"]]


def test_orphans_go_back_untried(session, cr, table, acquire):
    # Given jobs dispatched: on its way, taken by a worker, forgotten by all
    on_its_way, taken, forgotten = dispatch.enqueue(
        cr, [table.add(retry=1) for _ in range(3)]
    )
    with session().cursor() as worker:
        acquire(worker, taken)
        # when the runner looks for orphans
        assert dispatch.return_orphans(cr, {on_its_way.id}) == [forgotten.id]
    # then only the forgotten one is back, and not charged
    states = [table.state(job.id) for job in (on_its_way, taken, forgotten)]
    assert states == [State.ENQUEUED, State.STARTED, State.PENDING]
    assert table.row(forgotten.id)["retry"] == 1
    assert table.attempts(forgotten.id) == []


def test_an_orphan_that_is_just_being_taken_stays(session, cr, table, dispatched):
    with session().cursor() as worker:
        worker.execute(
            "SELECT pg_advisory_lock(%s, %s)", (dispatch.LOCK_CLASS, dispatched.id)
        )
        assert dispatch.return_orphans(cr, ()) == []
        assert table.state(dispatched.id) == State.ENQUEUED
