# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that may run are found behind very many that have to wait for each other."""

import pytest
from rig.loop import BEGIN, hold, let_go, looping
from rig.plans import assert_touches_only_what_it_returns, explained, nodes

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner.database import Database
from odoo.addons.queue_job.jobrunner.lanes import AGED_LANES, LANED, LANES
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
    lanes = {"channel": "root", "after": "", "lanes": 200, "depth": 8}
    plan = explained(crowded, LANES, lanes)
    assert_touches_only_what_it_returns(plan)
    used = {node.get("Index Name") for node in nodes(plan)} - {None}
    assert used == {"queue_job_lane_idx"}
    aged = {**lanes, "priorities": 100, "seconds": 600, "aged": 8}
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
