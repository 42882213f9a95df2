"""The jobs one worker process holds, on its own connection to the database."""

import os
import threading
import time

import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch
from odoo.addons.queue_job.worker import job_locks


@pytest.fixture
def connect():
    """Opens the connections of workers."""
    opened = []

    def open_connection(database):
        connection = psycopg2.connect(dbname=database)
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        opened.append(connection)
        return connection

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.fixture
def worker(database, connect):
    """A worker process; each call makes another one."""
    return lambda: job_locks.Holds(database, connect)


class HeldClock:
    """Time that passes when told to."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return HeldClock()


@pytest.fixture
def timed(database, connect, clock):
    """A worker process whose time the test holds."""
    return job_locks.Holds(database, connect, clock)


@pytest.fixture
def handed_out(cr, table):
    [handout] = dispatch.enqueue(cr, [table.add()])
    return handout


def _lock(holds, *handouts):
    return holds.lock(
        [handout.uuid for handout in handouts],
        [handout.attempt for handout in handouts],
    )


def test_a_worker_locks_starts_and_lets_go(cr, table, worker, handed_out):
    holds = worker()
    assert _lock(holds, handed_out) == [handed_out]
    assert not dispatch.is_unheld(cr, handed_out.id)
    assert holds.start(handed_out, None).uuid == handed_out.uuid
    assert table.state(handed_out.id) == State.STARTED
    holds.release([handed_out])
    assert dispatch.is_unheld(cr, handed_out.id)


def test_of_two_workers_one_gets_the_job(worker, handed_out):
    first, second = worker(), worker()
    assert _lock(first, handed_out) == [handed_out]
    assert _lock(second, handed_out) == []
    first.release([handed_out])
    assert _lock(second, handed_out) == [handed_out]


def test_the_threads_of_a_process_are_told_apart(cr, table, worker):
    """The locks of a session are re-entrant: only the process itself knows."""
    # Given a thread that is still at a job which the runner gave up
    holds = worker()
    [first] = dispatch.enqueue(cr, [table.add()])
    assert _lock(holds, first) == [first]
    dispatch.hand_back(cr, [first])
    [second] = dispatch.enqueue(cr, [first.id])
    # when the job is handed to another thread of that process
    assert _lock(holds, second) == []
    # then it is not taken, and the first thread holds it as before
    assert not dispatch.is_unheld(cr, first.id)
    holds.release([first])
    assert dispatch.is_unheld(cr, first.id)
    assert _lock(holds, second) == [second]


def test_of_many_threads_at_once_one_gets_the_job(worker, handed_out):
    holds = worker()
    start, taken = threading.Barrier(8), []

    def take():
        start.wait(10)
        taken.extend(_lock(holds, handed_out))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert taken == [handed_out]


def test_letting_go_of_one_keeps_the_others(cr, table, worker):
    handouts = dispatch.enqueue(cr, [table.add(), table.add()])
    holds = worker()
    assert len(_lock(holds, *handouts)) == 2
    holds.release([])
    holds.release(handouts[:1])
    assert dispatch.is_unheld(cr, handouts[0].id)
    assert not dispatch.is_unheld(cr, handouts[1].id)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(job_locks, "LETS_GO_AFTER", 0.05)


def _wait_until_unheld(cr, handout):
    deadline = time.monotonic() + 10
    while not dispatch.is_unheld(cr, handout.id):
        assert time.monotonic() < deadline, "still held"
        time.sleep(0.02)


def test_what_a_long_run_has_not_begun_is_free_for_others(cr, table, worker, impatient):
    handouts = dispatch.enqueue(cr, [table.add() for _job in range(3)])
    holds, other = worker(), worker()
    _lock(holds, *handouts)
    with holds.lets_go_late(handouts):
        holds.start(handouts[0], None)
        for handout in handouts[1:]:
            _wait_until_unheld(cr, handout)
        # Then another worker gets them, under their numbers or later ones
        assert not dispatch.is_unheld(cr, handouts[0].id)
        dispatch.hand_back(cr, handouts[1:2])
        again = dispatch.enqueue(cr, [handouts[1].id])
        assert _lock(other, *again, handouts[2]) == [*again, handouts[2]]
        assert holds.start(handouts[1], None) is None
        assert holds.start(handouts[2], None) is None
    holds.release(handouts)
    assert dispatch.is_unheld(cr, handouts[0].id)
    assert not dispatch.is_unheld(cr, handouts[1].id)


def test_what_another_thread_took_of_a_long_run_stays_its_own(
    cr, table, worker, impatient
):
    handouts = dispatch.enqueue(cr, [table.add(), table.add()])
    holds = worker()
    _lock(holds, *handouts)
    with holds.lets_go_late(handouts):
        holds.start(handouts[0], None)
        _wait_until_unheld(cr, handouts[1])
        dispatch.hand_back(cr, handouts[1:])
        [again] = dispatch.enqueue(cr, [handouts[1].id])
        assert _lock(holds, again) == [again]
        assert holds.start(again, None).attempt == again.attempt
        assert holds.start(handouts[1], None) is None
    holds.release(handouts)
    assert not dispatch.is_unheld(cr, again.id)
    holds.release([again])
    assert dispatch.is_unheld(cr, again.id)


def test_a_run_that_ends_in_time_lets_go_at_its_end(cr, table, worker, impatient):
    handouts = dispatch.enqueue(cr, [table.add(), table.add()])
    holds = worker()
    _lock(holds, *handouts)
    with holds.lets_go_late(handouts):
        for handout in handouts:
            holds.start(handout, None)
    time.sleep(0.2)  # long enough for a timer that was forgotten
    assert not any(dispatch.is_unheld(cr, handout.id) for handout in handouts)
    holds.release(handouts)
    assert all(dispatch.is_unheld(cr, handout.id) for handout in handouts)


def _cut(cr, holds):
    """End the session of a worker, as a failover does."""
    pid = holds._connection.info.backend_pid
    cr.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def test_a_connection_that_died_is_made_anew(cr, worker, handed_out):
    holds = worker()
    assert _lock(holds) == []
    _cut(cr, holds)
    assert _lock(holds, handed_out) == [handed_out]


def test_letting_go_never_raises(cr, table, worker, handed_out):
    holds = worker()
    _lock(holds, handed_out)
    _cut(cr, holds)
    holds.release([handed_out])
    assert dispatch.is_unheld(cr, handed_out.id)
    # and the job may be held again
    assert _lock(holds, handed_out) == [handed_out]


def test_a_database_that_cannot_be_reached_is_told(worker, handed_out):
    def refuse(database):
        raise psycopg2.OperationalError("no")

    holds = job_locks.Holds("nowhere", refuse)
    with pytest.raises(psycopg2.OperationalError):
        _lock(holds, handed_out)
    holds.release([handed_out])


def test_a_job_whose_lock_went_with_its_connection_is_not_begun(cr, table, worker):
    # Given a run of which two jobs wait while another thread finds the loss
    first, second, other = dispatch.enqueue(cr, [table.add() for _ in range(3)])
    holds = worker()
    assert len(_lock(holds, first, second)) == 2
    _cut(cr, holds)
    assert _lock(holds, other) == [other]
    # then they are not begun without lock, and the runner takes them back
    assert holds.start(first, None) is None
    assert holds.start(second, None) is None
    assert sorted(dispatch.hand_back_orphans(cr, ())) == sorted([first.id, second.id])
    # and letting go of them does not touch what is held since
    holds.release([first, second])
    assert not dispatch.is_unheld(cr, other.id)


def test_a_table_that_is_locked_costs_no_lock_of_another_job(
    cr, session, table, worker
):
    # Given a worker that holds a job
    first, second = dispatch.enqueue(cr, [table.add(), table.add()])
    holds = worker()
    _lock(holds, first)
    with holds._connection.cursor() as worker_cr:
        worker_cr.execute("SET lock_timeout = '200ms'")
    # when the table is locked, as by an update of the addon, while it wants another
    update = session(autocommit=False)
    with update.cursor() as update_cr:
        update_cr.execute("LOCK TABLE queue_job")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            _lock(holds, second)
    update.rollback()
    # then it still holds the first
    assert not dispatch.is_unheld(cr, first.id)
    assert _lock(holds, second) == [second]


def _has_connection(holds):
    return holds._connection is not None and not holds._connection.closed


def test_a_connection_on_which_nothing_stands_is_closed_after_minutes(
    timed, clock, handed_out
):
    _lock(timed, handed_out)
    clock.seconds = 1000
    timed.release([handed_out])
    clock.seconds += job_locks.IDLE_LIMIT - 1
    timed.close_idle()
    assert _has_connection(timed), "idle since the end of the job only"
    clock.seconds += 1
    timed.close_idle()
    assert not _has_connection(timed)


def test_a_connection_on_which_a_lock_stands_is_never_closed(
    cr, timed, clock, handed_out
):
    _lock(timed, handed_out)
    clock.seconds += 100 * job_locks.IDLE_LIMIT
    timed.close_idle()
    assert not dispatch.is_unheld(cr, handed_out.id)
    assert timed.start(handed_out, None) is not None


def test_a_closed_connection_is_opened_again_by_the_next_job(timed, clock, handed_out):
    _lock(timed)
    clock.seconds += job_locks.IDLE_LIMIT
    timed.close_idle()
    timed.close_idle()
    assert _lock(timed, handed_out) == [handed_out]
    timed.close_idle()
    assert _has_connection(timed)


def test_a_connection_in_use_is_left_alone(timed, clock, handed_out):
    _lock(timed)
    clock.seconds += job_locks.IDLE_LIMIT
    with timed._mutex:
        timed.close_idle()
    assert _has_connection(timed)


def test_a_process_closes_its_own_connections_only(monkeypatch, database, connect):
    """A forked worker must not end the session of its parent."""
    mine, parents = (job_locks.Holds(database, connect) for _ in range(2))
    for holds in (mine, parents):
        _lock(holds)
        holds._last_use -= job_locks.IDLE_LIMIT
    known = {(os.getpid(), database): mine, (os.getppid(), database): parents}
    monkeypatch.setattr(job_locks, "_holds", known)
    job_locks.close_idle()
    assert (_has_connection(mine), _has_connection(parents)) == (False, True)
