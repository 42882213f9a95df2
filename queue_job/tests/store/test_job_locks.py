# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs one worker process locks, on its own connection to the database."""

import os
import threading
import time

import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from rig.postgresql import PATIENCE

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
    return lambda: job_locks.JobLocks(database, connect)


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
    """A worker process whose time the test locks."""
    return job_locks.JobLocks(database, connect, clock)


@pytest.fixture
def dispatched(cr, table):
    [dispatched_job] = dispatch.enqueue(cr, [table.add()])
    return dispatched_job


def _lock(locks, *dispatched_jobs):
    return locks.lock(
        [dispatched_job.uuid for dispatched_job in dispatched_jobs],
        [dispatched_job.attempt for dispatched_job in dispatched_jobs],
    )


def test_a_worker_locks_starts_and_lets_go(cr, table, worker, dispatched):
    locks = worker()
    assert _lock(locks, dispatched) == [dispatched]
    assert not dispatch.is_unlocked(cr, dispatched.id)
    assert locks.start(dispatched, None).uuid == dispatched.uuid
    assert table.state(dispatched.id) == State.STARTED
    locks.unlock([dispatched])
    assert dispatch.is_unlocked(cr, dispatched.id)


def test_of_two_workers_one_gets_the_job(worker, dispatched):
    first, second = worker(), worker()
    assert _lock(first, dispatched) == [dispatched]
    assert _lock(second, dispatched) == []
    first.unlock([dispatched])
    assert _lock(second, dispatched) == [dispatched]


def test_the_threads_of_a_process_are_told_apart(cr, table, worker):
    """The locks of a session are re-entrant: only the process itself knows."""
    # Given a thread that is still at a job which the runner gave up
    locks = worker()
    [first] = dispatch.enqueue(cr, [table.add()])
    assert _lock(locks, first) == [first]
    dispatch.return_pending(cr, [first])
    [second] = dispatch.enqueue(cr, [first.id])
    # when the job is given to another thread of that process
    assert _lock(locks, second) == []
    # then it is not taken, and the first thread locks it as before
    assert not dispatch.is_unlocked(cr, first.id)
    locks.unlock([first])
    assert dispatch.is_unlocked(cr, first.id)
    assert _lock(locks, second) == [second]


def test_of_many_threads_at_once_one_gets_the_job(worker, dispatched):
    locks = worker()
    start, taken = threading.Barrier(8), []

    def take():
        start.wait(PATIENCE)
        taken.extend(_lock(locks, dispatched))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert taken == [dispatched]


def test_letting_go_of_one_keeps_the_others(cr, table, worker):
    dispatched_jobs = dispatch.enqueue(cr, [table.add(), table.add()])
    locks = worker()
    assert len(_lock(locks, *dispatched_jobs)) == 2
    locks.unlock([])
    locks.unlock(dispatched_jobs[:1])
    assert dispatch.is_unlocked(cr, dispatched_jobs[0].id)
    assert not dispatch.is_unlocked(cr, dispatched_jobs[1].id)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(job_locks, "UNLOCK_AFTER", 0.05)


def _wait_until_unlocked(cr, dispatched_job):
    deadline = time.monotonic() + 10
    while not dispatch.is_unlocked(cr, dispatched_job.id):
        assert time.monotonic() < deadline, "still held"
        time.sleep(0.02)


def test_what_a_long_run_has_not_begun_is_free_for_others(cr, table, worker, impatient):
    dispatched_jobs = dispatch.enqueue(cr, [table.add() for _job in range(3)])
    locks, other = worker(), worker()
    _lock(locks, *dispatched_jobs)
    with locks.unlock_late(dispatched_jobs):
        locks.start(dispatched_jobs[0], None)
        for dispatched_job in dispatched_jobs[1:]:
            _wait_until_unlocked(cr, dispatched_job)
        # Then another worker gets them, under their numbers or later ones
        assert not dispatch.is_unlocked(cr, dispatched_jobs[0].id)
        held = [locks.holds(dispatched_job) for dispatched_job in dispatched_jobs]
        assert held == [True, False, False]
        dispatch.return_pending(cr, dispatched_jobs[1:2])
        again = dispatch.enqueue(cr, [dispatched_jobs[1].id])
        assert _lock(other, *again, dispatched_jobs[2]) == [*again, dispatched_jobs[2]]
        assert locks.start(dispatched_jobs[1], None) is None
        assert locks.start(dispatched_jobs[2], None) is None
    locks.unlock(dispatched_jobs)
    assert dispatch.is_unlocked(cr, dispatched_jobs[0].id)
    assert not dispatch.is_unlocked(cr, dispatched_jobs[1].id)


def test_what_another_thread_took_of_a_long_run_stays_its_own(
    cr, table, worker, impatient
):
    dispatched_jobs = dispatch.enqueue(cr, [table.add(), table.add()])
    locks = worker()
    _lock(locks, *dispatched_jobs)
    with locks.unlock_late(dispatched_jobs):
        locks.start(dispatched_jobs[0], None)
        _wait_until_unlocked(cr, dispatched_jobs[1])
        dispatch.return_pending(cr, dispatched_jobs[1:])
        [again] = dispatch.enqueue(cr, [dispatched_jobs[1].id])
        assert _lock(locks, again) == [again]
        assert locks.start(again, None).attempt == again.attempt
        assert locks.start(dispatched_jobs[1], None) is None
    locks.unlock(dispatched_jobs)
    assert not dispatch.is_unlocked(cr, again.id)
    locks.unlock([again])
    assert dispatch.is_unlocked(cr, again.id)


def test_a_run_that_ends_in_time_lets_go_at_its_end(cr, table, worker, impatient):
    dispatched_jobs = dispatch.enqueue(cr, [table.add(), table.add()])
    locks = worker()
    _lock(locks, *dispatched_jobs)
    with locks.unlock_late(dispatched_jobs):
        for dispatched_job in dispatched_jobs:
            locks.start(dispatched_job, None)
    time.sleep(0.2)  # long enough for a timer that was forgotten
    assert not any(
        dispatch.is_unlocked(cr, dispatched_job.id)
        for dispatched_job in dispatched_jobs
    )
    locks.unlock(dispatched_jobs)
    assert all(
        dispatch.is_unlocked(cr, dispatched_job.id)
        for dispatched_job in dispatched_jobs
    )


def _cut(cr, locks):
    """End the session of a worker, as a failover does."""
    pid = locks._connection.info.backend_pid
    cr.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def test_a_connection_that_died_is_made_anew(cr, worker, dispatched):
    locks = worker()
    assert _lock(locks) == []
    _cut(cr, locks)
    assert _lock(locks, dispatched) == [dispatched]


def test_letting_go_never_raises(cr, table, worker, dispatched):
    locks = worker()
    _lock(locks, dispatched)
    _cut(cr, locks)
    locks.unlock([dispatched])
    assert dispatch.is_unlocked(cr, dispatched.id)
    # and the job may be locked again
    assert _lock(locks, dispatched) == [dispatched]


def test_a_database_that_cannot_be_reached_is_told(worker, dispatched):
    def refuse(database):
        raise psycopg2.OperationalError("no")

    locks = job_locks.JobLocks("nowhere", refuse)
    with pytest.raises(psycopg2.OperationalError):
        _lock(locks, dispatched)
    locks.unlock([dispatched])


def test_a_job_whose_lock_went_with_its_connection_is_not_begun(cr, table, worker):
    # Given a run of which two jobs wait while another thread finds the loss
    first, second, other = dispatch.enqueue(cr, [table.add() for _ in range(3)])
    locks = worker()
    assert len(_lock(locks, first, second)) == 2
    _cut(cr, locks)
    assert _lock(locks, other) == [other]
    # then they are not begun without lock, and the runner takes them back
    assert locks.start(first, None) is None
    assert locks.start(second, None) is None
    assert sorted(dispatch.return_orphans(cr, ())) == sorted([first.id, second.id])
    # and unlocking them does not touch what is locked since
    locks.unlock([first, second])
    assert not dispatch.is_unlocked(cr, other.id)


def test_a_table_that_is_locked_costs_no_lock_of_another_job(
    cr, session, table, worker
):
    # Given a worker that locks a job
    first, second = dispatch.enqueue(cr, [table.add(), table.add()])
    locks = worker()
    _lock(locks, first)
    with locks._connection.cursor() as worker_cr:
        worker_cr.execute("SET lock_timeout = '200ms'")
    # when the table is locked, as by an update of the addon, while it wants another
    update = session(autocommit=False)
    with update.cursor() as update_cr:
        update_cr.execute("LOCK TABLE queue_job")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            _lock(locks, second)
    update.rollback()
    # then it still locks the first
    assert not dispatch.is_unlocked(cr, first.id)
    assert _lock(locks, second) == [second]


def _has_connection(locks):
    return locks._connection is not None and not locks._connection.closed


def test_a_connection_on_which_nothing_stands_is_closed_after_minutes(
    timed, clock, dispatched
):
    _lock(timed, dispatched)
    clock.seconds = 1000
    timed.unlock([dispatched])
    clock.seconds += job_locks.IDLE_LIMIT - 1
    timed.close_idle()
    assert _has_connection(timed), "idle since the end of the job only"
    clock.seconds += 1
    timed.close_idle()
    assert not _has_connection(timed)


def test_a_connection_on_which_a_lock_stands_is_never_closed(
    cr, timed, clock, dispatched
):
    _lock(timed, dispatched)
    clock.seconds += 100 * job_locks.IDLE_LIMIT
    timed.close_idle()
    assert not dispatch.is_unlocked(cr, dispatched.id)
    assert timed.start(dispatched, None) is not None


def test_a_closed_connection_is_opened_again_by_the_next_job(timed, clock, dispatched):
    _lock(timed)
    clock.seconds += job_locks.IDLE_LIMIT
    timed.close_idle()
    timed.close_idle()
    assert _lock(timed, dispatched) == [dispatched]
    timed.close_idle()
    assert _has_connection(timed)


def test_a_connection_in_use_is_left_alone(timed, clock, dispatched):
    _lock(timed)
    clock.seconds += job_locks.IDLE_LIMIT
    with timed._mutex:
        timed.close_idle()
    assert _has_connection(timed)


def test_a_process_closes_its_own_connections_only(monkeypatch, database, connect):
    """A forked worker must not end the session of its parent."""
    mine, parents = (job_locks.JobLocks(database, connect) for _ in range(2))
    for locks in (mine, parents):
        _lock(locks)
        locks._last_use -= job_locks.IDLE_LIMIT
    known = {(os.getpid(), database): mine, (os.getppid(), database): parents}
    monkeypatch.setattr(job_locks, "_locks", known)
    job_locks.close_idle()
    assert (_has_connection(mine), _has_connection(parents)) == (False, True)


def test_who_asks_amid_a_statement_of_the_same_thread_gets_no_answer(worker):
    locks = worker()
    with locks._mutex:  # as when a signal comes
        assert locks.ask("nothing", lambda _cr: "an answer") == "nothing"
