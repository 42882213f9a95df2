# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every move of TRANSITIONS in SQL: from its sources, to its target, and no other."""

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.queue_job.core.states import TRANSITIONS, State
from odoo.addons.queue_job.store import dispatch

THEN = datetime(2020, 2, 2, 2, 2, 2)
#: A value for every column that some move stamps, clears or counts.
FILLED = {
    "date_enqueued": THEN,
    "date_started": THEN,
    "date_done": THEN,
    "date_cancelled": THEN,
    "date_failed": THEN,
    "exec_time": 1.5,
    "worker_pid": 4711,
    "worker_backend": 4712,
    "worker_host": "host",
    "exc_name": "ValueError",
    "exc_message": "no",
    "exc_info": "Traceback",
    "retry": 3,
    "attempt": 7,
    "eta": THEN,
    "result": "earlier",
    "same_as": "another",
    "expires_at": THEN,
}

every_move = pytest.mark.parametrize("name", sorted(TRANSITIONS))


@pytest.mark.parametrize(
    ("name", "state"), list(itertools.product(sorted(TRANSITIONS), sorted(State)))
)
def test_a_job_moves_exactly_from_the_sources_of_the_move(cr, table, name, state):
    job = table.add(state, **FILLED)
    before = table.row(job)

    moved = dispatch.move(cr, name, [job])

    if state in TRANSITIONS[name].sources:
        assert moved == [job]
        assert table.state(job) == TRANSITIONS[name].target
    else:
        assert moved == []
        assert table.row(job) == before


@every_move
def test_a_move_changes_its_own_columns_and_no_others(cr, table, name):
    move = TRANSITIONS[name]
    job = table.add(min(move.sources), **FILLED)
    before = table.row(job)

    dispatch.move(cr, name, [job])

    after = table.row(job)
    changed = {column for column in after if after[column] != before[column]}
    assert changed - {"state"} == {*move.stamped, *move.cleared, *move.counted}
    assert all(after[column] is None for column in move.cleared)
    assert all(after[column] == before[column] + 1 for column in move.counted)
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    for column in move.stamped:
        assert now - timedelta(minutes=1) < after[column] <= now
        assert after[column].microsecond == 0


@every_move
def test_a_wrong_dispatch_number_moves_nothing(cr, table, name):
    job = table.add(min(TRANSITIONS[name].sources), **FILLED)
    before = table.row(job)

    assert dispatch.move(cr, name, [job], attempt=6) == []
    assert table.row(job) == before
    assert dispatch.move(cr, name, [job], attempt=7) == [job]


def test_only_the_jobs_that_may_move_are_moved(cr, table):
    jobs = {state: table.add(state) for state in State}
    moved = dispatch.move(cr, "set_done", list(jobs.values()))
    assert sorted(moved) == sorted(jobs[s] for s in TRANSITIONS["set_done"].sources)


def test_no_jobs_to_move_is_no_error(cr, table):
    table.add()
    assert dispatch.move(cr, "cancel", []) == []


def test_further_columns_are_set_and_win_over_clearing(cr, table):
    job = table.add(State.DONE, **FILLED)
    dispatch.move(cr, "requeue", [job], retry=0, exec_time=9.0)
    row = table.row(job)
    assert (row["retry"], row["exec_time"], row["date_done"]) == (0, 9.0, None)


def test_a_misspelt_move_is_an_error(cr):
    with pytest.raises(KeyError):
        dispatch.move(cr, "vanish", [1])


def test_enqueueing_counts_the_dispatches_and_says_their_numbers(cr, table):
    first, second = table.add(attempt=0), table.add(attempt=4)
    running = table.add(State.STARTED, attempt=1)

    dispatched_jobs = dispatch.enqueue(cr, [first, second, running])

    uuids = {job: table.row(job)["uuid"] for job in (first, second)}
    assert sorted(dispatched_jobs) == [
        dispatch.DispatchedJob(first, uuids[first], 1),
        dispatch.DispatchedJob(second, uuids[second], 5),
    ]
    assert table.state(running) == State.STARTED


def test_what_no_worker_took_goes_back_untried(cr, table):
    job = table.add(retry=2)
    dispatched_jobs = dispatch.enqueue(cr, [job])

    assert dispatch.return_pending(cr, dispatched_jobs) == [job]

    row = table.row(job)
    assert (row["state"], row["retry"], row["date_enqueued"]) == ("pending", 2, None)
    assert table.attempts(job) == []


def test_a_late_return_leaves_the_next_dispatch_alone(cr, table):
    job = table.add()
    earlier = dispatch.enqueue(cr, [job])
    dispatch.return_pending(cr, earlier)
    dispatch.enqueue(cr, [job])

    assert dispatch.return_pending(cr, earlier) == []
    assert table.state(job) == State.ENQUEUED


def test_a_started_job_is_not_returned(cr, table):
    job = table.add()
    [dispatched_job] = dispatch.enqueue(cr, [job])
    dispatch.start(cr, dispatched_job, pid=1)

    assert dispatch.return_pending(cr, [dispatched_job]) == []
    assert table.state(job) == State.STARTED


def test_numbers_of_dispatches_are_never_used_again(cr, table):
    job = table.add()
    numbers = []
    for _ in range(3):
        [dispatched_job] = dispatch.enqueue(cr, [job])
        numbers.append(dispatched_job.attempt)
        dispatch.return_pending(cr, [dispatched_job])
        dispatch.move(cr, "set_done", [job])
        dispatch.move(cr, "requeue", [job], retry=0)
    assert numbers == [1, 2, 3]


def test_rows_that_others_made_are_counted_from_nothing(cr, table):
    job = table.add(attempt=None, retry=None, max_retries=None, priority=None)
    [dispatched_job] = dispatch.enqueue(cr, [job])
    assert dispatched_job.attempt == 1
    row = dispatch.start(cr, dispatched_job, pid=1)
    assert (row.retry, row.max_retries, row.priority) == (0, 0, 0)
    dispatch.rescue(cr)
    assert table.row(job)["retry"] == 1


def test_a_failed_job_is_kept_unless_somebody_moves_it_on(cr, table, session):
    job = table.add(State.FAILED, attempt=7)
    dispatched_job = dispatch.DispatchedJob(job, table.row(job)["uuid"], 7)
    assert dispatch.lock_failed(cr, dispatched_job)
    assert not dispatch.lock_failed(cr, dispatched_job._replace(attempt=8))
    connection = session(autocommit=False)
    with connection.cursor() as other:
        other.execute("UPDATE queue_job SET priority = 3 WHERE id = %s", (job,))
        assert not dispatch.lock_failed(cr, dispatched_job)
    connection.rollback()
    dispatch.move(cr, "requeue", [job])
    assert not dispatch.lock_failed(cr, dispatched_job)
