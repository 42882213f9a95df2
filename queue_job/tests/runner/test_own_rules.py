# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A manager says how the jobs of his database wait for each other; the runner follows
at once."""

import pytest
from rig.finishes import count_finishes
from rig.loop import looping

from odoo.addons.queue_job.core.runner.poll_schedule import POLL_INTERVAL
from odoo.addons.queue_job.jobrunner.runner import LEAST_WINDOW
from odoo.addons.queue_job.store import late_lanes

ONE, TWO = "<queue.job>.one", "<queue.job>.two"


def say(database, name, **columns):
    """What a manager says of a channel in one database; made if need be."""
    said = dict.fromkeys(("rate_limit", "per_kind", "per_limit", "fair_kind"))
    said.update(columns, name=name)
    database.rows(
        "INSERT INTO queue_job_channel (name, complete_name, removal_interval,"
        " rate_limit, per_kind, per_limit, fair_kind)"
        " VALUES (%(name)s, %(name)s, 30, %(rate_limit)s, %(per_kind)s,"
        " %(per_limit)s, %(fair_kind)s)"
        " ON CONFLICT (complete_name) DO UPDATE SET rate_limit = %(rate_limit)s,"
        " per_kind = %(per_kind)s, per_limit = %(per_limit)s,"
        " fair_kind = %(fair_kind)s",
        said,
    )


def test_those_that_wait_and_run_already_count(database):
    first, second = database.delay(_count=2, channel="root.a", channel_method_name=ONE)
    third, fourth = database.delay(_count=2, channel="root.a", channel_method_name=ONE)
    [other] = database.delay(channel="root.a", channel_method_name=TWO)
    with looping([database], "root:2") as loop:
        assert loop.round() == [first, second]
        say(database, "root.a", per_kind="function", per_limit=1)
        assert loop.round_on_news() == []
        loop.worker(first).does()
        assert loop.round() == [other], "those before it wait for the second"
        loop.worker(other).does()
        assert loop.round() == []
        loop.worker(second).does()
        assert loop.round() == [third]
        say(database, "root.a")
        assert loop.round_on_news() == [fourth]


def test_they_take_turns_from_then_on(database):
    first, *ones = database.delay(_count=3, channel="root.a", channel_method_name=ONE)
    [other] = database.delay(channel="root.a", channel_method_name=TWO)
    with looping([database], "root:1") as loop:
        assert loop.round() == [first]
        say(database, "root", fair_kind="function")
        assert loop.round_on_news() == []
        order = [first]
        for _job in range(3):
            loop.worker(order[-1]).does()
            order += loop.round()
    # of what waited, none has had a turn of its method yet
    assert order == [first, ones[0], other, ones[1]]


def test_another_database_does_not_notice(databases, database):
    other = databases.create()
    say(database, "root", per_kind="function", per_limit=1)
    ours = database.delay(_count=2, channel_method_name=ONE)
    theirs = other.delay(_count=2, channel_method_name=ONE)
    with looping([database, other], "root:9") as loop:
        assert sorted(loop.round()) == sorted([ours[0], *theirs])
    databases.drop(other)


def test_jobs_that_were_stored_before_get_their_lane(database, monkeypatch):
    """... and hide nobody any more."""
    many = 2 * LEAST_WINDOW + 50
    monkeypatch.setattr(late_lanes, "MOST_AT_ONCE", 100)
    ones = database.delay(_count=many, channel="root.a", channel_method_name=ONE)
    hidden = database.delay(channel="root.a", channel_method_name=TWO)
    say(database, "root.a", per_kind="function", per_limit=1)
    without = "SELECT count(*) FROM queue_job WHERE lane IS NULL"
    with looping([database], "root:2") as loop:
        begun = loop.round()
        assert begun == ones[:1]
        for _round in range(many // 100 + 5):
            begun += loop.round(POLL_INTERVAL)
        assert begun == [ones[0], *hidden]
        assert database.value(without) == 1, "that which runs needs none"


def test_who_tells_nothing_apart_writes_nothing(database):
    jobs = database.delay(_count=3, channel="root.a", channel_method_name=ONE)
    say(database, "root.a", rate_limit="1/60")
    with looping([database], "root:2") as loop:
        loop.round()
        loop.round(POLL_INTERVAL)
    assert database.states() == dict.fromkeys(jobs, "pending")
    lanes = "SELECT count(*) FROM queue_job WHERE lane IS NOT NULL"
    assert database.value(lanes) == 0


def test_before_the_update_of_the_module_nothing_is_said(database):
    """The columns come with the update; the runner may be newer than the table."""
    database.rows("ALTER TABLE queue_job_channel DROP COLUMN fair_kind CASCADE")
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]


@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_a_real_server_follows_the_menu(servers, database, kind):
    count_finishes(database)
    say(database, "root.x", rate_limit="1/3600")
    server = servers(kind, [database], "root:2")
    server.wait_until_ready()
    jobs = database.delay(_count=5, channel="root.x.below")
    [elsewhere] = database.delay(channel="root.y")
    database.wait_for_state("done", [elsewhere])
    assert set(database.states(jobs).values()) == {"pending"}
    say(database, "root.x")
    database.wait_for_state("done", jobs)
