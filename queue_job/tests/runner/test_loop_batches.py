# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Under backlog a request carries a short run of jobs; what counts stays the same."""

from functools import partial

import pytest
from rig.loop import QUICK, hold, learn, looping

from odoo.addons.queue_job.jobrunner.open_request import DRAGS_AFTER
from odoo.addons.queue_job.worker.job_locks import UNLOCK_AFTER

SLOW = 3.0


@pytest.fixture
def learned(database):
    return partial(learn, database)


def runs(loop, before):
    """The jobs of each request since ``before`` of them were sent."""
    sent = loop.dispatcher.sent[before:]
    return [
        [dispatched_job.uuid for dispatched_job in request.dispatched_jobs]
        for request in sent
    ]


def next_runs(loop):
    """What is sent once the database has told of new jobs."""
    before = len(loop.dispatcher.sent)
    loop.round_on_news()
    return runs(loop, before)


def test_jobs_of_an_unknown_duration_go_alone(database):
    with looping([database], "root:2") as loop:
        loop.round()
        database.delay(_count=8)
        assert [len(run) for run in next_runs(loop)] == [1, 1]


def test_short_jobs_go_together_in_order_when_many_wait(database, learned):
    with looping([database], "root:2") as loop:
        learned(loop)
        jobs = database.delay(_count=10)
        first, second = next_runs(loop)
    # Then each of the two slots gets a share of the backlog, and no job overtakes
    assert len(first) > 1 and len(second) > 1
    assert first[1:] == jobs[2 : len(first) + 1]
    assert (first[0], second[0]) == (jobs[0], jobs[1])


def test_long_jobs_go_alone(database, learned):
    with looping([database], "root:2") as loop:
        learned(loop, seconds=SLOW)
        database.delay(_count=10)
        assert [len(run) for run in next_runs(loop)] == [1, 1]


def test_few_jobs_are_spread_over_the_free_places(database, learned):
    with looping([database], "root:4") as loop:
        learned(loop)
        database.delay(_count=4)
        assert [len(run) for run in next_runs(loop)] == [1, 1, 1, 1]


def test_jobs_of_a_throttled_channel_go_alone(database, learned):
    with looping([database], "root:4,root.slow:4:throttle=1") as loop:
        learned(loop)
        loop.round(1.0)  # who leads anew does not know what began before
        database.delay(_count=20, channel="root.slow")
        assert [len(run) for run in next_runs(loop)] == [1]


def test_a_run_takes_one_place_until_its_last_job_is_over(database, learned):
    with looping([database], "root:1") as loop:
        learned(loop)
        jobs = database.delay(_count=120)
        [run] = next_runs(loop)
        assert run == jobs[: len(run)] and len(run) > 2
        # When the worker is at the last job, and the rows say so
        hold(database, run[-1])
        loop.worker(run[-1]).writes(state="started")
        for uuid in run[:-1]:
            loop.worker(uuid).writes(state="done")
        # then no other gets the slot
        assert loop.round(seconds=6) == loop.round() == []
        done = dict.fromkeys(run, "done")
        loop.worker(run[-1]).writes(state="done").answers("done", QUICK, **done)
        assert loop.round()[0] == jobs[len(run)]


def test_of_a_run_that_drags_the_rest_goes_to_others(database, learned):
    with looping([database], "root:2") as loop:
        learned(loop)
        jobs = database.delay(_count=10)
        first, second = next_runs(loop)
        # Given one worker at its first job for long, and another that is quick
        hold(database, first[0])
        loop.worker(first[0]).writes(state="started")
        finish(loop, second)
        # when more than half a second has passed
        again = []
        loop.clock.passed += 0.6
        for _round in range(4):
            run = loop.round()
            again += run
            finish(loop, run)
        # then what the first has not begun is run by the other
        assert set(first[1:]) <= set(again)
        states = database.states(jobs)
        assert states.pop(first[0]) == "started"
        assert set(states.values()) == {"done"}


def test_a_worker_has_let_go_of_what_is_taken_back():
    assert UNLOCK_AFTER < DRAGS_AFTER


def finish(loop, run):
    """Be the worker that does all jobs of a run."""
    for uuid in run:
        loop.worker(uuid).writes(state="done")
    for uuid in run[:1]:
        loop.worker(uuid).answers("done", QUICK, **dict.fromkeys(run, "done"))


def test_a_sequential_run_stops_at_a_failure(database, learned):
    with looping([database], "root:4,root.one:1:sequential") as loop:
        learned(loop)
        database.delay(_count=12, channel="root.one")
        [run] = next_runs(loop)
        assert len(run) > 2
        assert "stops_at_failure=1" in loop.request(run[0]).path
        # When the second fails
        loop.worker(run[0]).writes(state="done")
        loop.worker(run[1]).writes(state="failed")
        rest = dict.fromkeys(run[2:], "not_taken")
        loop.worker(run[1]).answers("failed", QUICK, **{run[0]: "done", **rest})
        loop.round()
        # then those behind it wait, untried, until a person has looked at it
        states = database.states(run)
        assert {states[uuid] for uuid in run[2:]} == {"pending"}
        assert loop.round() == []
        database.rows("UPDATE queue_job SET state = 'done' WHERE uuid = %s", run[1])
        assert loop.round_on_news()[0] == run[2]


def test_what_a_worker_did_not_begin_comes_again_at_once(database, learned):
    with looping([database], "root:1") as loop:
        learned(loop)
        database.delay(_count=10)
        [run] = next_runs(loop)
        loop.worker(run[0]).writes(state="done")
        rest = dict.fromkeys(run[1:], "not_taken")
        loop.worker(run[0]).answers("done", QUICK, **rest)
        again = [*loop.round(), *loop.round()]
        assert again[: len(run) - 1] == run[1:]


def test_a_lost_answer_of_a_run_is_found_in_the_rows(database, learned):
    with looping([database], "root:1") as loop:
        learned(loop)
        jobs = database.delay(_count=120)
        [run] = next_runs(loop)
        for uuid in run:
            loop.worker(uuid).writes(state="done")
        loop.worker(run[0]).fails_to_answer()
        assert loop.round_on_news(seconds=6)[0] == jobs[len(run)]
