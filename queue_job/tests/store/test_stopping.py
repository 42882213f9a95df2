# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to stop running jobs lie beside the rows of the jobs, each about one
dispatch."""

import pytest

from odoo.addons.queue_job.core.outcome import FOUND_DEAD
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch, stopping

RESULT = "Stopped by A"
LONG_AGO = "2020-01-01"


@pytest.fixture
def dispatched(cr, table):
    """A job that the runner has just dispatched."""
    [dispatched_job] = dispatch.enqueue(cr, [table.add(priority=10, max_retries=5)])
    return dispatched_job


@pytest.fixture
def started(session, dispatched, acquire):
    """One that a worker is at."""
    worker = session()
    acquire(worker.cursor(), dispatched)
    return dispatched


def ask(cr, *ids, result=RESULT):
    return stopping.ask(cr, ids, 2, "it is wrong", result)


def requests(cr):
    cr.execute("SELECT job_id, attempt, result FROM queue_job_stop")
    return cr.fetchall()


def test_nothing_is_written_to_the_row_of_the_job(cr, table, started):
    cr.execute("SELECT xmin, queue_job FROM queue_job")
    before = cr.fetchall()
    assert ask(cr, started.id) == {started.id}
    cr.execute("SELECT xmin, queue_job FROM queue_job")
    assert cr.fetchall() == before


def test_its_worker_hears_of_it(cr, started):
    own = (started.id, started.attempt)
    assert stopping.standing(cr, [own]) == {}
    ask(cr, started.id)
    assert stopping.standing(cr, [own]) == {own: RESULT}


def test_a_worker_does_not_wait_for_who_asks(cr, session, started):
    asking = session(autocommit=False)
    with asking.cursor() as other:
        ask(other, started.id)
        done = dispatch.succeed(
            cr, started.id, 1, result=None, exec_time=1.0, retry=1, repeats=0,
            keeps_plan=False,
        )  # fmt: skip
    assert done
    asking.rollback()


@pytest.mark.parametrize("state", sorted(set(State) - {State.STARTED}))
def test_nobody_is_asked_that_does_not_run(cr, table, state):
    assert ask(cr, table.add(state)) == set()
    assert requests(cr) == []


def test_who_asked_first_stays(cr, started):
    ask(cr, started.id)
    assert ask(cr, started.id, result="Stopped by B") == {started.id}
    assert requests(cr) == [(started.id, 1, RESULT)]


def again(cr, started):
    """The job is dispatched once more, and started."""
    dispatch.move(cr, "postpone", [started.id])
    [later] = dispatch.enqueue(cr, [started.id])
    dispatch.start(cr, later, 1)
    return later


def test_a_stop_of_one_dispatch_does_not_hit_the_next(cr, started):
    ask(cr, started.id)
    later = again(cr, started)
    assert later.attempt == 2
    assert stopping.standing(cr, [(later.id, later.attempt)]) == {}
    assert stopping.stopping(cr, [later.id]) == {}


def test_which_can_be_stopped_as_well(cr, started):
    ask(cr, started.id)
    later = again(cr, started)
    assert ask(cr, later.id, result="Stopped by B") == {later.id}
    assert requests(cr) == [(later.id, 2, "Stopped by B")]


def test_nor_does_it_hit_it_when_that_is_found_dead(cr, table, started):
    ask(cr, started.id)
    later = again(cr, started)
    assert stopping.bury(cr, [later.id]) == [later.id]
    assert table.state(later.id) == State.PENDING


def bury(cr, table, real_limit=0.0, **columns):
    """What becomes of a started job that no worker has locked."""
    values = {"attempt": 3, "retry": 1, "date_started": LONG_AGO, **columns}
    job = table.add(State.STARTED, **values)
    return job, stopping.bury(cr, [job], real_limit)


def test_a_job_that_is_found_dead_runs_again(cr, table):
    job, rescued = bury(cr, table)
    assert rescued == [job]
    assert (table.state(job), table.row(job)["retry"]) == (State.PENDING, 2)
    [kept] = table.attempts(job)
    assert kept["exc_name"] == FOUND_DEAD


def test_one_that_was_to_be_stopped_does_not(cr, table):
    job = table.add(State.STARTED, attempt=3, retry=1, date_started=LONG_AGO)
    ask(cr, job)
    assert dispatch.rescue(cr) == []
    row = table.row(job)
    assert (row["state"], row["result"]) == (State.CANCELLED, RESULT)
    assert (row["retry"], row["attempt"]) == (1, 3)
    assert row["date_cancelled"] is not None
    [kept] = table.attempts(job)
    assert (kept["exc_name"], kept["number"]) == (stopping.STOPPED, 3)
    assert requests(cr) == []


def test_one_whose_time_was_over_is_told_so(cr, table):
    job, rescued = bury(cr, table, timeout=60)
    assert rescued == [job]
    [kept] = table.attempts(job)
    assert kept["exc_name"] == stopping.TIMED_OUT
    assert "60 seconds" in kept["exc_message"]
    assert stopping.has_timed_out(cr, job)


def test_and_one_that_a_server_gave_no_more_time(cr, table):
    job, _rescued = bury(cr, table, real_limit=120)
    [kept] = table.attempts(job)
    assert kept["exc_name"] == FOUND_DEAD
    assert "limit_time_real is 120" in kept["exc_message"]
    assert not stopping.has_timed_out(cr, job)


@pytest.mark.parametrize("is_asked", [False, True])
def test_what_its_server_noted_is_told(cr, table, is_asked):
    job = table.add(State.STARTED, attempt=3, date_started=LONG_AGO)
    if is_asked:
        ask(cr, job)
    stopping.note_limit(cr, [(job, 3)], "limit_time_cpu (60)")
    stopping.bury(cr, [job])
    [kept] = table.attempts(job)
    if is_asked:
        assert kept["exc_message"] == RESULT
    else:
        assert "limit_time_cpu (60)" in kept["exc_message"]


def test_what_a_server_noted_is_no_request(cr, table):
    job = table.add(State.STARTED, attempt=3, date_started=LONG_AGO)
    stopping.note_limit(cr, [(job, 3)], "limit_time_cpu (60)")
    assert stopping.standing(cr, [(job, 3)]) == {}
    assert stopping.stopping(cr, [job]) == {}
    assert ask(cr, job) == {job}


def test_one_that_its_server_will_not_end_is_nobody_elses(cr, started):
    ask(cr, started.id)
    assert stopping.overdue(cr, 60) == []
    cr.execute("UPDATE queue_job_stop SET date_asked = %s", (LONG_AGO,))
    assert [found.id for found in stopping.overdue(cr, 60)] == [started.id]
    stopping.note_stuck(cr, [(started.id, started.attempt)])
    assert stopping.overdue(cr, 60) == []


def test_what_is_about_attempts_that_are_over_is_deleted(cr, table):
    over, running = (table.add(State.STARTED, attempt=1) for _i in range(2))
    ask(cr, over, running)
    dispatch.move(cr, "stop", [over])
    assert stopping.drop_old(cr, 10) == 1
    assert requests(cr) == [(running, 1, RESULT)]
    stopping.forget(cr, running, 1)
    assert requests(cr) == []


def test_a_job_that_is_deleted_takes_its_request_along(cr, table):
    job = table.add(State.STARTED, attempt=1)
    ask(cr, job)
    cr.execute("DELETE FROM queue_job")
    assert requests(cr) == []
