# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A manager pauses a channel, or allows it less; the runner follows at once."""

import re

import pytest
from rig.finishes import count_finishes
from rig.loop import looping
from test_loop_batches import finish, hold, learn, next_runs

from odoo.addons.queue_job.core.runner.poll_schedule import POLL_INTERVAL

JOBS = 300


def allow(database, name="root.x", is_paused=False, limit=0):
    """What a manager allows a channel in one database; made if need be."""
    database.rows(
        "INSERT INTO queue_job_channel"
        " (name, complete_name, removal_interval, is_paused, capacity_limit)"
        " VALUES (%(name)s, %(name)s, 30, %(is_paused)s, %(limit)s)"
        " ON CONFLICT (complete_name) DO UPDATE"
        " SET is_paused = %(is_paused)s, capacity_limit = %(limit)s",
        {"name": name, "is_paused": is_paused, "limit": limit},
    )


def pause(database, name="root.x"):
    allow(database, name, is_paused=True)


def test_a_pause_is_followed_at_once_and_so_is_its_end(database):
    first, second = database.delay(_count=2, channel="root.x")
    with looping([database], "root:1") as loop:
        assert loop.round() == [first]
        hold(database, first)
        loop.worker(first).writes(state="started")
        pause(database)
        assert loop.round_on_news() == []
        loop.worker(first).writes(state="done").answers("done")
        assert loop.round() == loop.round(seconds=POLL_INTERVAL) == []
        assert database.states() == {first: "done", second: "pending"}
        allow(database)
        assert loop.round_on_news() == [second]


def test_a_lowered_capacity_is_followed_and_what_runs_goes_on(database):
    jobs = database.delay(_count=4, channel="root.x.below")
    with looping([database], "root:3") as loop:
        assert loop.round() == jobs[:3]
        allow(database, limit=2)
        assert loop.round_on_news() == []
        loop.worker(jobs[0]).does()
        assert loop.round() == []
        loop.worker(jobs[1]).does()
        assert loop.round() == jobs[3:]


def test_a_raised_capacity_is_followed_as_far_as_is_permitted(database):
    jobs = database.delay(_count=9)
    with looping([database], "root:2:max=4") as loop:
        assert loop.round() == jobs[:2]
        assert loop.dispatcher.limit == 8  # requests at a time, of which half are spare
        allow(database, "root", limit=99)
        assert loop.round_on_news() == jobs[2:4]
        allow(database, "root")
        assert loop.round_on_news() == []
        for uuid in jobs[:2]:
            loop.worker(uuid).does()
        assert loop.round() == []
        loop.worker(jobs[2]).does()
        assert loop.round() == jobs[4:5]


def test_another_database_does_not_notice(databases, database):
    other = databases.create()
    database.delay(_count=3, channel="root.x", priority=1)
    theirs = other.delay(_count=2, channel="root.x")
    pause(database)
    with looping([database, other], "root:1,root.x:1:sequential") as loop:
        assert loop.round() == theirs[:1]
        loop.worker(theirs[0]).does()
        assert loop.round() == theirs[1:]
    databases.drop(other)


def test_what_was_dispatched_and_not_begun_comes_back_untried(database):
    begun, sent = database.delay(_count=2, channel="root.x")
    with looping([database], "root:2") as loop:
        assert loop.round() == [begun, sent]
        hold(database, begun)
        loop.worker(begun).writes(state="started")
        pause(database)
        loop.round_on_news()
        assert database.states()[sent] == "enqueued", "its worker may be about to begin"
        assert loop.deadline < 1
        loop.round(seconds=loop.deadline)
        assert database.states() == {begun: "started", sent: "pending"}
        assert database.value("SELECT max(retry) FROM queue_job") == 0
        # When its worker finds the request, there is nothing to take
        loop.worker(sent).answers("not_taken")
        assert loop.round() == []
        allow(database)
        assert loop.round_on_news() == [sent]


def test_a_run_under_way_stops_at_a_pause(database):
    with looping([database], "root:1") as loop:
        learn(database, loop)
        database.delay(_count=30, channel="root.x")
        [run] = next_runs(loop)
        assert len(run) > 2
        hold(database, run[0])
        loop.worker(run[0]).writes(state="started")
        pause(database)
        assert loop.round_on_news() == []
        states = database.states(run)
        assert states.pop(run[0]) == "started"
        assert set(states.values()) == {"pending"}
        finish(loop, run[:1])
        assert loop.round() == loop.round() == []


def test_a_paused_database_keeps_nobody_awake(database):
    database.delay(_count=3, channel="root.x")
    database.delay(channel="root.x", eta="2027-01-15 08:00:01")
    pause(database)
    with looping([database]) as loop:
        for _round in range(3):
            assert loop.round() == []
        assert loop.deadline > 0.5
        assert loop.runner.channel_manager.get_wakeup_time() == 0


def test_before_the_update_of_the_module_there_is_no_limit(database):
    """The columns come with the update; the runner may be newer than the table."""
    for name in ("is_paused", "capacity_limit"):
        database.rows(f"ALTER TABLE queue_job_channel DROP COLUMN {name} CASCADE")
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_a_real_server_stops_and_goes_on(servers, database, kind):
    count_finishes(database)
    server = servers(kind, [database], "root:2")
    server.wait_until_ready()
    database.delay(_count=JOBS, channel="root.x.below")
    database.wait_for("SELECT count(*) >= 10 FROM finishes")

    pause(database)
    out = "SELECT count(*) FROM queue_job WHERE state IN ('enqueued', 'started')"
    database.wait_for(out, expected=0)
    finished = database.value("SELECT count(*) FROM finishes")
    assert finished < JOBS
    [elsewhere] = database.delay(channel="root.y")
    database.wait_for_state("done", [elsewhere])
    assert database.value("SELECT count(*) FROM finishes") == finished + 1

    allow(database)
    database.wait_for("SELECT count(*) FROM finishes", expected=JOBS + 1, timeout=120)
    assert database.value("SELECT max(retry) FROM queue_job") == 1
    said = [
        line for line in server.lines if re.search(" (WARNING|ERROR) .*queue_", line)
    ]
    # a worker that was busy for long finds its request in vain; the server is small
    harmless = "was requested to run job|root's capacity is"
    assert not [line for line in said if not re.search(harmless, line)]
