# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rescue ends the session that the dead job worked on, and no other."""

import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch

LIVES = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
NOW = "SELECT clock_timestamp() AT TIME ZONE 'UTC' + %s::interval"


@pytest.fixture
def work(session):
    """The session of a job's work, in a transaction."""
    connection = session(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection


def started(cr, table, backend, since="0"):
    cr.execute(NOW, (since,))
    [moment] = cr.fetchone()
    return table.add(
        State.STARTED,
        attempt=1,
        worker_backend=backend,
        date_started=moment.replace(microsecond=0),
    )


def lives(cr, backend):
    # to end a session takes PostgreSQL a moment
    cr.execute("SELECT pg_sleep(0.3)")
    cr.execute(LIVES, (backend,))
    return bool(cr.fetchone()[0])


def test_the_session_of_a_dead_job_is_ended(cr, table, work):
    backend = work.info.backend_pid
    job = started(cr, table, backend)
    assert dispatch.rescue(cr) == [table.row(job)["uuid"]]
    assert not lives(cr, backend)
    assert table.row(job)["worker_backend"] is None


def test_what_it_had_not_committed_does_not_hold_up_the_rescue(cr, table, work):
    job = started(cr, table, work.info.backend_pid)
    with work.cursor() as cursor:
        cursor.execute("UPDATE queue_job SET state = 'done' WHERE id = %s", (job,))
    assert dispatch.rescue(cr) == [table.row(job)["uuid"]]
    assert table.state(job) == State.PENDING


@pytest.mark.parametrize("is_committed", [True, False])
def test_an_end_that_is_just_being_committed_is_not_waited_for(
    cr, table, work, is_committed
):
    """... nor is a job rescued that has ended."""
    job = started(cr, table, backend=None)  # it is unknown which to end
    cr.execute("SET lock_timeout = '200ms'")
    with work.cursor() as cursor:
        cursor.execute("UPDATE queue_job SET state = 'done' WHERE id = %s", (job,))
    assert dispatch.rescue(cr) == []
    work.commit() if is_committed else work.rollback()
    assert dispatch.rescue(cr) == ([] if is_committed else [table.row(job)["uuid"]])
    assert len(table.attempts(job)) == (0 if is_committed else 1)


def test_a_session_younger_than_the_job_is_innocent(cr, table, work):
    """Its process id was in use before, by the job's session."""
    backend = work.info.backend_pid
    job = started(cr, table, backend, since="-1 minute")
    assert dispatch.rescue(cr) == [table.row(job)["uuid"]]
    assert lives(cr, backend)


def test_a_session_of_another_database_is_innocent(cr, table, session):
    cr.execute("SELECT pid FROM pg_stat_activity WHERE datname IS NULL LIMIT 1")
    [system_process] = cr.fetchone()
    job = started(cr, table, system_process)
    assert dispatch.rescue(cr) == [table.row(job)["uuid"]]
    assert lives(cr, system_process)


def test_a_session_that_was_given_back_is_not_ended(session, cr, table, work, acquire):
    """Its worker lives, but could not record how the job ended."""
    backend = work.info.backend_pid
    [dispatched_job] = dispatch.enqueue(cr, [table.add()])
    with session().cursor() as worker:
        [locked] = dispatch.lock_run(
            worker, [dispatched_job.uuid], [dispatched_job.attempt]
        )
        dispatch.start(worker, locked, 4711, backend)
        assert table.row(dispatched_job.id)["worker_backend"] == backend
        dispatch.forget_session(worker, dispatched_job)
        dispatch.unlock(worker, [dispatched_job.id])
    assert dispatch.rescue(cr) == [dispatched_job.uuid]
    assert lives(cr, backend)


def test_the_session_of_a_job_that_is_locked_lives_on(session, cr, table, work):
    backend = work.info.backend_pid
    [dispatched_job] = dispatch.enqueue(cr, [table.add()])
    with session().cursor() as worker:
        dispatch.lock_run(worker, [dispatched_job.uuid], [dispatched_job.attempt])
        dispatch.start(worker, dispatched_job, 4711, backend)
        assert dispatch.rescue(cr) == []
    assert lives(cr, backend)
