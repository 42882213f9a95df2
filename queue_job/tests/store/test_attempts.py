# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The trace of an unsuccessful attempt is written exactly when the job moves."""

import threading
from dataclasses import replace

import psycopg2
import pytest
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch

KEPT = dispatch.AttemptRecord(
    duration=2.5,
    host="worker-1",
    exc_name="ValueError",
    exc_message="no",
    exc_info="Traceback",
)


def test_the_try_is_kept_with_what_the_row_knew_of_it(cr, table):
    job = table.add(
        State.STARTED, attempt=3, worker_pid=99, date_started="2020-02-02 02:02:02"
    )

    assert dispatch.move(cr, "postpone", [job], attempt=3, kept=KEPT, retry=1) == [job]

    [kept] = table.attempts(job)
    assert (kept["number"], kept["pid"]) == (3, 99)
    assert str(kept["date_started"]) == "2020-02-02 02:02:02"
    for name, value in vars(KEPT).items():
        assert kept[name] == value
    assert table.row(job)["worker_pid"] is None


@pytest.mark.parametrize("attempt", [2, 4])
def test_no_try_is_kept_of_a_job_that_is_somebody_elses(cr, table, attempt):
    job = table.add(State.STARTED, attempt=3)
    assert dispatch.move(cr, "fail", [job], attempt=attempt, kept=KEPT) == []
    assert table.attempts(job) == []


def test_no_try_is_kept_of_a_job_in_another_state(cr, table):
    job = table.add(State.DONE, attempt=3)
    assert dispatch.move(cr, "fail", [job], attempt=3, kept=KEPT) == []
    assert table.attempts(job) == []


def test_neither_is_written_without_the_other(session, cr, table):
    job = table.add(State.STARTED, attempt=3)
    side = session(autocommit=False)
    with side.cursor() as side_cr:
        dispatch.move(side_cr, "fail", [job], attempt=3, kept=KEPT)
    side.rollback()
    assert table.state(job) == State.STARTED
    assert table.attempts(job) == []


def test_of_two_who_end_the_same_try_one_keeps_it(session, cr, table):
    # Given one session that has ended the try, not yet committed
    job = table.add(State.STARTED, attempt=3)
    first, second = session(autocommit=False), session()
    with first.cursor() as first_cr:
        assert dispatch.move(first_cr, "fail", [job], attempt=3, kept=KEPT) == [job]
        # when a second one, which still sees it started, wants to end it, too
        moved = []
        late = threading.Thread(target=_postpone, args=(second, job, moved))
        late.start()
        _wait_until_blocked(cr, second)
        first.commit()
        late.join(timeout=PATIENCE)
    # then the second moved nothing, and only one try is kept
    assert moved == [[]]
    assert table.state(job) == State.FAILED
    assert len(table.attempts(job)) == 1


def _postpone(connection, job, moved):
    with connection.cursor() as cr:
        moved.append(dispatch.move(cr, "postpone", [job], attempt=3, kept=KEPT))


def _wait_until_blocked(cr, connection):
    """Until PostgreSQL says that the session waits for a lock; a second at most for
    each look, because ``pg_blocking_pids`` has no way to wait itself."""
    pid = connection.info.backend_pid
    for _ in range(1000):
        cr.execute("SELECT cardinality(pg_blocking_pids(%s)), pg_sleep(0.01)", (pid,))
        if cr.fetchone()[0]:
            return
    raise AssertionError("the second session did not wait for the first")


def test_tries_go_with_their_job(cr, table):
    job = table.add(State.STARTED, attempt=3)
    dispatch.move(cr, "fail", [job], attempt=3, kept=KEPT)
    cr.execute("DELETE FROM queue_job WHERE id = %s", (job,))
    assert table.attempts(job) == []


def test_a_text_that_postgresql_refuses_moves_nothing(cr, table):
    job = table.add(State.STARTED, attempt=3)
    with pytest.raises((psycopg2.Error, ValueError)):
        dispatch.move(
            cr, "fail", [job], kept=dispatch.AttemptRecord(exc_message="a\0b")
        )
    assert table.state(job) == State.STARTED


def _tried_again(cr, job, name="postpone", **reason):
    """Let the job be dispatched, and its attempt end without success."""
    cr.execute(
        "UPDATE queue_job SET state = 'started', attempt = attempt + 1,"
        " date_started = '2020-02-02'::timestamp + attempt * interval '1 minute'"
        " WHERE id = %s RETURNING attempt",
        [job],
    )
    [number] = cr.fetchone()
    kept = replace(KEPT, **reason)
    assert dispatch.move(cr, name, [job], attempt=number, kept=kept) == [job]


def _numbers(table, job):
    return [kept["number"] for kept in table.attempts(job)]


def test_a_poll_that_hears_the_same_as_before_is_only_counted(cr, table):
    job = table.add()
    _tried_again(cr, job, exc_message="counts")
    for message in ("not yet", "not yet", "not yet", "nearly", "not yet", "not yet"):
        _tried_again(cr, job, exc_message=message, is_poll=True)
    kept = [(t["number"], t["exc_message"], t["times"]) for t in table.attempts(job)]
    assert kept == [
        (1, "counts", 1),
        (2, "not yet", 3),
        (5, "nearly", 1),
        (6, "not yet", 2),
    ]
    assert not table.row(job)["attempts_not_kept"]


def test_a_poll_that_is_only_counted_moves_the_end_of_the_kept_one(cr, table):
    job = table.add()
    _tried_again(cr, job, is_poll=True)
    cr.execute("UPDATE queue_job_attempt SET date_end = '2020-01-01'")
    _tried_again(cr, job, is_poll=True)
    [kept] = table.attempts(job)
    assert kept["date_end"].year > 2020
    assert kept["number"] == 1


def test_an_attempt_that_counts_is_kept_though_it_ends_like_the_one_before(cr, table):
    job = table.add()
    _tried_again(cr, job)
    _tried_again(cr, job)
    _tried_again(cr, job, is_poll=True)
    _tried_again(cr, job)
    assert _numbers(table, job) == [1, 2, 3, 4]


@pytest.mark.parametrize(("is_poll", "most"), [(True, 10), (False, 50)])
def test_the_first_and_the_latest_attempts_are_kept(cr, table, is_poll, most):
    job, other = table.add(), table.add()
    total = most + 5
    for number in range(total):
        for each in (job, other):
            _tried_again(cr, each, exc_message=str(number), is_poll=is_poll)
    for each in (job, other):
        latest = range(total - most + 1, total + 1)
        assert _numbers(table, each) == [1, *latest]
        assert table.row(each)["attempts_not_kept"] == total - most - 1


def test_polls_push_no_attempt_out_that_counts(cr, table):
    job = table.add()
    for _ in range(3):
        _tried_again(cr, job)
    for number in range(20):
        _tried_again(cr, job, exc_message=str(number), is_poll=True)
    _tried_again(cr, job, "fail")
    assert _numbers(table, job) == [1, 2, 3, 4, *range(14, 24), 24]


def test_what_was_counted_on_a_poll_that_goes_is_told(cr, table):
    job = table.add()
    for number in range(12):
        for _ in range(3):
            _tried_again(cr, job, exc_message=str(number), is_poll=True)
    # the first and the last ten are kept: one goes, with its three times
    assert len(table.attempts(job)) == 11
    assert table.row(job)["attempts_not_kept"] == 3
