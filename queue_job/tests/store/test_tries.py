"""The trace of an unsuccessful try is written exactly when the job moves."""

import threading

import psycopg2
import pytest

from odoo.addons.queue_job import store
from odoo.addons.queue_job.core.states import State

TRY = store.Try(
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

    assert store.move(cr, "postpone", [job], attempt=3, tried=TRY, retry=1) == [job]

    [kept] = table.tries(job)
    assert (kept["number"], kept["pid"]) == (3, 99)
    assert str(kept["date_started"]) == "2020-02-02 02:02:02"
    for name, value in vars(TRY).items():
        assert kept[name] == value
    assert table.row(job)["worker_pid"] is None


@pytest.mark.parametrize("attempt", [2, 4])
def test_no_try_is_kept_of_a_job_that_is_somebody_elses(cr, table, attempt):
    job = table.add(State.STARTED, attempt=3)
    assert store.move(cr, "fail", [job], attempt=attempt, tried=TRY) == []
    assert table.tries(job) == []


def test_no_try_is_kept_of_a_job_in_another_state(cr, table):
    job = table.add(State.DONE, attempt=3)
    assert store.move(cr, "fail", [job], attempt=3, tried=TRY) == []
    assert table.tries(job) == []


def test_neither_is_written_without_the_other(session, cr, table):
    job = table.add(State.STARTED, attempt=3)
    side = session(autocommit=False)
    with side.cursor() as side_cr:
        store.move(side_cr, "fail", [job], attempt=3, tried=TRY)
    side.rollback()
    assert table.state(job) == State.STARTED
    assert table.tries(job) == []


def test_of_two_who_end_the_same_try_one_keeps_it(session, cr, table):
    # Given one session that has ended the try, not yet committed
    job = table.add(State.STARTED, attempt=3)
    first, second = session(autocommit=False), session()
    with first.cursor() as first_cr:
        assert store.move(first_cr, "fail", [job], attempt=3, tried=TRY) == [job]
        # when a second one, which still sees it started, wants to end it, too
        moved = []
        late = threading.Thread(target=_postpone, args=(second, job, moved))
        late.start()
        _wait_until_blocked(cr, second)
        first.commit()
        late.join(timeout=10)
    # then the second moved nothing, and only one try is kept
    assert moved == [[]]
    assert table.state(job) == State.FAILED
    assert len(table.tries(job)) == 1


def _postpone(connection, job, moved):
    with connection.cursor() as cr:
        moved.append(store.move(cr, "postpone", [job], attempt=3, tried=TRY))


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
    store.move(cr, "fail", [job], attempt=3, tried=TRY)
    cr.execute("DELETE FROM queue_job WHERE id = %s", (job,))
    assert table.tries(job) == []


def test_a_text_that_postgresql_refuses_moves_nothing(cr, table):
    job = table.add(State.STARTED, attempt=3)
    with pytest.raises((psycopg2.Error, ValueError)):
        store.move(cr, "fail", [job], tried=store.Try(exc_message="a\0b"))
    assert table.state(job) == State.STARTED
