# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs whose ETA is due are found behind very many that have to wait for each other."""

import pytest
from rig.loop import BEGIN, looping
from rig.plans import assert_touches_only_what_it_returns, explained, nodes

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner import lanes
from odoo.addons.queue_job.jobrunner.database import Database
from odoo.addons.queue_job.jobrunner.lanes import (
    DUE_WITH_ETA,
    LANE_NAMES_WITH_ETA,
    LANES_WITH_ETA,
)
from odoo.addons.queue_job.tests.size import many

pytestmark = pytest.mark.large

COUNT = many(20_000)
DUE, LATER = "2020-01-01", "2100-01-01"
ASKED = {
    "window": 200,
    "wide": 200,
    "in_demand": [],
    "sequential": [],
    "aging": [],
    "begin": "",
    "channels": 50,
    "rest": None,
    "now": BEGIN,
}


def lane(key, eta=DUE):
    return {"lock_key": key, "lane": f"key={key}", "eta": eta}


@pytest.fixture(scope="module")
def crowded(databases):
    """Very many jobs of one key before some of another, of which most are not due, and
    before one of none."""
    made = databases.create()
    made.delay(_count=COUNT, **lane("k"))
    made.delay(_count=COUNT, **lane("z", LATER))
    made.hidden = made.delay(**lane("z"))
    made.plain = made.delay(eta=DUE)
    made.rows("ANALYZE queue_job")
    made.looking = Database(made.name)
    yield made
    made.looking.close()
    databases.drop(made)


def test_looking_for_them_touches_only_what_it_returns(crowded):
    for laned in (0, 1):
        plan = explained(crowded, DUE_WITH_ETA, {**ASKED, "laned": laned})
        assert_touches_only_what_it_returns(plan)
    names = ["key=k", "key=z"]
    asked = {**ASKED, "channel": "root", "after": "", "lanes": 200}
    asked |= {"names": names, "depth": 8}
    for statement in (LANE_NAMES_WITH_ETA, LANES_WITH_ETA):
        plan = explained(crowded, statement, asked)
        assert_touches_only_what_it_returns(plan)
        used = {node.get("Index Name") for node in nodes(plan)} - {None}
        assert used == {"queue_job_eta_lane_idx"}


def test_the_snapshot_has_who_stands_behind_a_long_lane(crowded):
    rows = crowded.looking.snapshot(BEGIN, Window(8, 200), []).rows
    found = {row.uuid for row in rows}
    assert {*crowded.hidden, *crowded.plain} <= found
    assert len(found) <= 3 * 200


def test_they_begin_though_those_before_them_have_to_wait(crowded):
    with looping([crowded], "root:4") as loop:
        begun = loop.round()
        assert {*crowded.hidden, *crowded.plain} < {*begun}
        assert len(begun) == 3, "one of each key, and the one of none"


def test_lanes_that_are_not_due_do_not_hide_those_behind_them(database, monkeypatch):
    """Of very many lanes some are looked into with each poll: the next ones with the
    next poll, though none of the first is due."""
    monkeypatch.setattr(lanes, "MOST_LANES", 2)
    database.delay(_count=4, **lane("k"))
    for key in ("l", "m", "n"):
        database.delay(**lane(key, LATER))
    hidden = database.delay(**lane("z"))
    looking = Database(database.name)
    try:
        found = set()
        for _poll in range(3):
            found |= {
                row.uuid for row in looking.snapshot(BEGIN, Window(2, 3), []).rows
            }
    finally:
        looking.close()
    assert {*hidden} <= found


def test_all_of_a_sequential_channel_keep_their_order(database):
    """The best of those that have to wait for their time holds back the others, whether
    it is in a lane or not."""
    channels = "root:4,root.s:1:sequential"
    names = ("root.s", "root.s")
    [later] = database.delay(channel=names[0], priority=1, **lane("k", LATER))
    [plain] = database.delay(channel=names[1], priority=2)
    with looping([database], channels) as loop:
        assert loop.round() == []
        database.rows("UPDATE queue_job SET priority = 3 WHERE uuid = %s", later)
        assert loop.round(6) == [plain]
