# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is spaced out begins so, whatever was in between, by PostgreSQL's clock."""

import pytest
from rig.begins import assert_paced, begun
from rig.finishes import count_finishes
from rig.loop import hold, looping


def test_the_rest_begins_when_a_worker_has_begun(database):
    first, second = database.delay(_count=2, channel="root.calm")
    with looping([database], "root:4,root.calm:4:throttle=3") as loop:
        loop.round()
        assert loop.round(3.0) == [first]  # what began before this runner led?
        assert "tells_begin=1" in loop.request(first).path
        assert [*loop.round(5.0), *loop.round(5.0)] == []
        hold(database, first)
        loop.worker(first).writes(state="started")
        assert loop.round(5.0) == []
        wakeup = loop.runner.channel_manager.get_wakeup_time()
        assert wakeup - loop.clock.wall() == pytest.approx(3.0)
        assert loop.round(2.9) == []
        assert loop.round(0.1) == [second]


def test_what_no_worker_took_costs_no_rest(database):
    first, second = database.delay(_count=2, channel="root.calm")
    with looping([database], "root:4,root.calm:4:throttle=60") as loop:
        loop.round()
        assert loop.round(60.0) == [first]
        loop.worker(first).answers("not_taken")
        assert loop.round() == [second]  # the first is backed off for a moment


def test_nobody_tells_where_it_does_not_count(database):
    [job] = database.delay()
    with looping([database], "root:4,root.calm:4:throttle=3") as loop:
        assert loop.round() == [job]
        assert "tells_begin" not in loop.request(job).path


def say(database, name, rate=None, aging=0):
    database.rows(
        "INSERT INTO queue_job_channel"
        " (name, complete_name, removal_interval, rate_limit, aging_limit)"
        " VALUES (%(name)s, %(name)s, 30, %(rate)s, %(aging)s)"
        " ON CONFLICT (complete_name) DO UPDATE"
        " SET rate_limit = %(rate)s, aging_limit = %(aging)s",
        {"name": name, "rate": rate, "aging": aging},
    )


def test_a_database_may_say_it_for_itself_and_the_runner_follows(database):
    say(database, "root.a", "1/30")
    first, second, third = database.delay(_count=3, channel="root.a.below")
    with looping([database], "root:4") as loop:
        assert loop.round() == []
        assert loop.round(30.0) == [first]
        assert "tells_begin=1" in loop.request(first).path
        loop.worker(first).does()
        assert loop.round() == loop.round(29.0) == []
        assert loop.round(1.0) == [second]
        say(database, "root.a")
        assert loop.round_on_news() == [third]


def test_another_database_is_not_slowed_down(databases, database):
    other = databases.create()
    say(database, "root", "1/30")
    slow, fast = database.delay(_count=2), other.delay(_count=2)
    with looping([database, other], "root:4") as loop:
        assert sorted(loop.round()) == sorted(fast)
        assert loop.round(30.0) == slow[:1]
    databases.drop(other)


def test_jobs_of_a_database_rise_as_it_says(database):
    say(database, "root", aging=600)
    [young] = database.delay(channel="root.a", priority=1)
    [old] = database.delay(channel="root.a", priority=3)
    database.rows(
        "UPDATE queue_job SET date_created = date_created - interval '1 hour'"
        " WHERE uuid = %s",
        old,
    )
    with looping([database], "root:1") as loop:
        assert loop.round() == [old]
        loop.worker(old).does()
        assert loop.round() == [young]


def test_jobs_that_waited_for_busy_workers_begin_spaced_out(servers, database):
    count_finishes(database)
    channels = "root:9,root.calm:9:throttle=1,root.fast:9:rate=4/2:burst=2"
    server = servers("prefork", [database], channels)
    server.wait_until_ready()
    # more than there are workers
    busy = database.delay(_count=3, _kwargs={"job_duration": 2})
    database.wait_for("SELECT count(*) FROM starts", expected=2)
    calm = database.delay(_count=11, channel="root.calm")
    fast = database.delay(_count=22, channel="root.fast")
    database.wait_for_state("done", [*busy, *calm, *fast])
    assert_paced(begun(database, calm), 1)
    assert_paced(begun(database, fast), 0.5, burst=2)
    assert server.stop() == 0


@pytest.mark.expects("Re-queued dead job")
def test_another_leader_lets_no_job_begin_too_early(servers, database):
    count_finishes(database)
    jobs = database.delay(_count=2, channel="root.calm")
    channels = "root:2,root.calm:2:throttle=4"
    server = servers("threaded", [database], channels)
    database.wait_for("SELECT count(*) FROM starts", expected=1)
    server.kill_all()
    other = servers("threaded", [database], channels)
    database.wait_for_state("done", jobs)
    assert_paced(begun(database, jobs), 4)
    assert other.stop() == 0
