# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that may run are found behind very many that have to wait for each other."""

from collections import Counter

import pytest
from rig.loop import BEGIN, hold, let_go, looping
from rig.plans import assert_touches_only_what_it_returns, explained, nodes

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner import lanes
from odoo.addons.queue_job.jobrunner.database import Database
from odoo.addons.queue_job.jobrunner.lanes import AGED_LANES, LANE_NAMES, LANED, LANES
from odoo.addons.queue_job.tests.size import many

COUNT = many(100_000)


def lane(key):
    return {"lock_key": key, "lane": f"key={key}"}


#: Of which nothing is in demand, nor sequential.
ASKED = {
    "window": 200,
    "wide": 200,
    "in_demand": [],
    "sequential": [],
    "begin": "",
    "channels": 50,
    "rest": None,
}


@pytest.fixture(scope="module")
def crowded(databases):
    """Very many jobs of one key before one of another, and one of none."""
    made = databases.create()
    made.delay(_count=COUNT, **lane("k"))
    made.hidden = made.delay(**lane("z"))
    made.plain = made.delay()
    made.rows("ANALYZE queue_job")
    made.looking = Database(made.name)
    yield made
    made.looking.close()
    databases.drop(made)


@pytest.mark.large
def test_looking_into_lanes_touches_only_what_it_returns(crowded):
    assert_touches_only_what_it_returns(explained(crowded, LANED, ASKED))
    hops = {"channel": "root", "after": "", "lanes": 200}
    plan = explained(crowded, LANE_NAMES, hops)
    assert_touches_only_what_it_returns(plan)
    used = {node.get("Index Name") for node in nodes(plan)} - {None}
    assert used == {"queue_job_lane_idx"}
    asked = {"channel": "root", "names": ["key=k", "key=z"], "depth": 8}
    plan = explained(crowded, LANES, asked)
    assert_touches_only_what_it_returns(plan)
    used = {node.get("Index Name") for node in nodes(plan)} - {None}
    assert used == {"queue_job_lane_idx"}
    aged = {**asked, "priorities": 100, "seconds": 600, "aged": 8}
    plan = explained(crowded, AGED_LANES, aged)
    assert_touches_only_what_it_returns(plan)
    used = {node.get("Index Name") for node in nodes(plan)} - {None}
    assert used == {"queue_job_lane_idx", "queue_job_pkey"}


@pytest.mark.large
def test_the_snapshot_has_who_stands_behind_a_long_lane(crowded):
    rows = crowded.looking.snapshot(BEGIN, Window(8, 200), []).rows
    found = {row.uuid for row in rows}
    assert {*crowded.hidden, *crowded.plain} <= found
    assert len(found) <= 3 * 200


@pytest.mark.large
def test_they_begin_though_those_before_them_have_to_wait(crowded):
    with looping([crowded], "root:4") as loop:
        begun = loop.round()
        assert {*crowded.hidden, *crowded.plain} < {*begun}
        assert len(begun) == 3, "one of each key, and the one of none"


def test_the_next_job_of_a_key_begins_when_the_one_before_it_is_over(database):
    first, second, third = database.delay(_count=3, **lane("k"))
    with looping([database], "root:4") as loop:
        assert loop.round() == [first]
        assert loop.round() == []
        loop.worker(first).does()
        assert loop.round() == [second]
        loop.worker(second).does()
        assert loop.round() == [third]


def test_a_runner_that_begins_counts_what_runs(database):
    [running] = database.delay(**lane("k"))
    with looping([database], "root:4") as loop:
        assert loop.round() == [running]
        loop.worker(running).writes(state="started")
    [waiting] = database.delay(**lane("k"))
    hold(database, running)
    with looping([database], "root:4") as loop:
        assert loop.round() == []
        database.rows("UPDATE queue_job SET state = 'done' WHERE uuid = %s", running)
        let_go(database, running)
        assert loop.round(6) == [waiting]


def test_more_of_a_lane_is_looked_for_when_few_are_left(database):
    keys = [f"k{number}" for number in range(3)]
    made = {key: database.delay(_count=40, **lane(key)) for key in keys}
    order = {key: [] for key in keys}
    by_uuid = {uuid: key for key, uuids in made.items() for uuid in uuids}
    with looping([database], "root:4", least_window=8) as loop:
        begun = loop.round()
        while begun:
            for uuid in begun:
                order[by_uuid[uuid]].append(uuid)
                loop.worker(uuid).does()
            begun = loop.round(6)
    assert order == made


@pytest.fixture
def very_laned(database):
    """Three channels with six lanes of nine jobs each."""
    for channel in ("root.a", "root.b", "root.c"):
        for key in range(6):
            database.delay(_count=9, channel=channel, **lane(f"k{key}"))
    looking = Database(database.name)
    yield looking
    looking.close()


def polled(looking, window):
    """How many jobs a poll has of each lane."""
    rows = {row.uuid: row for row in looking.snapshot(BEGIN, window, []).rows}
    return Counter((row.channel, row.lane) for row in rows.values())


def test_of_very_many_lanes_a_bounded_number_of_jobs_is_kept(very_laned, monkeypatch):
    monkeypatch.setattr(lanes, "TOTAL", 45)  # 15 of each channel: two of each lane
    found = polled(very_laned, Window(8, 8))
    assert len(found) == 3 * 6
    assert found.total() <= 45 + 3 * 8, "besides the best-ranked of each channel"
    monkeypatch.setattr(lanes, "TOTAL", 0)
    assert len(polled(very_laned, Window(8, 8))) == 3 * 6, "one of each at any rate"


def test_few_lanes_are_looked_into_as_deep_as_jobs_may_begin(very_laned):
    assert set(polled(very_laned, Window(8, 8)).values()) <= {8, 9}


@pytest.mark.parametrize("most", [6, 4])
def test_each_poll_looks_into_as_many_lanes(very_laned, monkeypatch, most):
    """Behind the last lane follows the first, so that all have their turn."""
    monkeypatch.setattr(lanes, "MOST_LANES", most)
    polls = [polled(very_laned, Window(2, 2)) for _poll in range(3)]
    # the best-ranked jobs are all of the first lane, which may be one of the others
    assert all(most * 3 <= len(found) <= (most + 1) * 3 for found in polls)
    assert len(polls[0] | polls[1] | polls[2]) == 3 * 6


def test_a_lane_of_which_less_was_asked_for_is_cut_all_the_same(database, monkeypatch):
    """The next of a lane is looked for at once, and not with the next poll."""
    monkeypatch.setattr(lanes, "TOTAL", 1)
    made = {key: database.delay(_count=9, **lane(key)) for key in ("k", "l")}
    with looping([database], "root:2", least_window=4) as loop:
        for number in range(4):
            begun = loop.round()
            assert {*begun} == {uuids[number] for uuids in made.values()}
            for uuid in begun:
                loop.worker(uuid).does()


def test_companies_take_turns_though_one_has_very_many(database):
    many_of_one = database.delay(
        _count=many(2_000), company_id=1, lane="company=1", channel="root.fair"
    )
    few = database.delay(_count=3, company_id=2, lane="company=2", channel="root.fair")
    begun = []
    channels = "root:1,root.fair:1:fair=company"
    with looping([database], channels, least_window=50) as loop:
        while len(begun) < 6:
            [uuid] = loop.round()
            begun.append(uuid)
            loop.worker(uuid).does()
    expected = [pair for pairs in zip(many_of_one, few, strict=False) for pair in pairs]
    assert begun == expected


def test_nobody_waits_for_ever_in_a_long_lane(database):
    """The oldest of a lane is found behind better ones of its own that no look ends."""
    better = database.delay(_count=60, priority=1, **lane("k"))
    [old] = database.delay(priority=9, **lane("k"))
    ago = "UPDATE queue_job SET date_created = date_created - interval '2 hours'"
    database.rows(f"{ago} WHERE uuid = %s", old)
    with looping([database], "root:1:aging=600", least_window=3) as loop:
        [first] = loop.round()
        assert first in (old, better[0])  # no look has shown that there are so many
        if first != old:
            loop.worker(first).does()
            assert loop.round_on_news() == [old]
