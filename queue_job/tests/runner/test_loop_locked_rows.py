# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rows that another transaction keeps locked: only their jobs wait for it."""

import psycopg2
import pytest
from rig.loop import hold, learn, looping


@pytest.fixture
def locked(database):
    """Keep rows locked, as a long transaction does that has changed them."""
    sessions = []

    def lock(*uuids):
        session = psycopg2.connect(dbname=database.name)
        sessions.append(session)
        query = "UPDATE queue_job SET priority = priority WHERE uuid = ANY(%s)"
        session.cursor().execute(query, (list(uuids),))
        return session

    yield lock
    for session in sessions:
        session.close()


@pytest.fixture
def told(caplog):
    caplog.set_level("INFO", "odoo.addons.queue_job.jobrunner")
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_waiting_job_that_somebody_changes_lets_the_others_pass(
    database, locked, told
):
    first, *others = database.delay(_count=4)
    other = locked(first)
    with looping([database], "root:1") as loop:
        ran = []
        for _round in range(8):
            for uuid in loop.round(seconds=0.5):
                ran.append(uuid)
                loop.worker(uuid).does()
        assert ran == others
        assert not any("set aside" in line for line in told())
        # When he is done with it
        other.commit()
        loop.clock.passed += 10
        assert [*loop.round(), *loop.round()] == [first]


def test_somebody_who_changes_all_that_is_next_lets_those_behind_pass(database, locked):
    best = database.delay(_count=500)
    others = database.delay(_count=4)
    locked(*best)
    with looping([database], "root:2", least_window=100) as loop:
        ran = []
        for _round in range(20):
            for uuid in loop.round(seconds=0.5):
                ran.append(uuid)
                loop.worker(uuid).does()
        assert ran == others


def test_the_rest_of_a_run_that_somebody_changed_is_taken_back_later(database, locked):
    with looping([database], "root:1") as loop:
        learn(database, loop)
        first, second, *_others = database.delay(_count=4)
        loop.round_on_news()
        hold(database, first)
        loop.worker(first).writes(state="started")
        # Given one of the rest whose row another transaction locks when the batch drags
        other = locked(second)
        loop.round(0.6)
        assert database.states([second]) == {second: "enqueued"}
        other.rollback()
        # then it need not wait for the first
        loop.round(5)
        assert database.states([first, second]) == {
            first: "started",
            second: "pending",
        }


def test_in_a_sequential_channel_nobody_overtakes_a_job_that_somebody_changes(
    database, locked
):
    jobs = database.delay(_count=3, channel="root.one")
    other = locked(jobs[0])
    with looping([database], "root:4,root.one:1:sequential") as loop:
        assert [loop.round(seconds=0.5) for _round in range(6)] == [[]] * 6
        other.commit()
        ran = []
        for _round in range(20):
            for uuid in loop.round(seconds=1):
                ran.append(uuid)
                loop.worker(uuid).does()
        assert ran == jobs


def test_a_dead_job_that_somebody_changes_lets_the_others_be_rescued(
    database, locked, told
):
    first, second = database.delay(_count=2)
    with looping([database], "root:2") as loop:
        for uuid in loop.round():
            loop.worker(uuid).writes(state="started").fails_to_answer()
        other = locked(first)
        again = [uuid for _i in range(6) for uuid in loop.round(seconds=1)]
        assert again == [second]
        assert not any("set aside" in line for line in told())
        other.commit()
        assert [uuid for _i in range(6) for uuid in loop.round(seconds=1)] == [first]


def test_an_orphan_that_somebody_changes_lets_the_others_go_back(
    database, locked, told
):
    first, second = database.delay(_count=2, state="enqueued", attempt=1)
    locked(first)
    with looping([database], "root:2") as loop:
        ran = [uuid for _i in range(6) for uuid in loop.round(seconds=1)]
        assert ran == [second]
        assert not any("set aside" in line for line in told())


def test_a_stopping_runner_puts_back_what_nobody_changes(database, locked):
    first, second = database.delay(_count=2)
    with looping([database], "root:2") as loop:
        assert loop.round() == [first, second]
        locked(first)
    assert database.states() == {first: "enqueued", second: "pending"}
