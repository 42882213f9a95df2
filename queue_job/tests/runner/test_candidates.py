# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner asks for costs the same whatever the backlog."""

import pytest
from rig.plans import assert_touches_only_what_it_returns, explained, nodes

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner.database import (
    DUE_WITH_ETA,
    PLAIN_SNAPSHOT,
    SNAPSHOT,
    Database,
)
from odoo.addons.queue_job.tests.size import many

pytestmark = pytest.mark.large

BEGIN = 1_800_000_000
COUNT = many(60_000)
SCATTERED = 3_000
SEQUENTIAL = ["root.failed", "root.future"]
ASKED = {
    "window": 200,
    "wide": 200,
    "sequential": SEQUENTIAL,
    "begin": "",
    "channels": 50,
    "aging": [],
    "aging_seconds": [],
    "priorities": 100,
    "laned": 0,
}


@pytest.fixture(scope="module")
def crowded(databases):
    """Very many jobs: mostly done, mostly not yet due, mostly of one channel. And a
    session of the runner that began to look when there was none."""
    made = databases.create()
    made.looking = Database(made.name)
    for sequential in (SEQUENTIAL, []):
        made.looking.snapshot(BEGIN, Window(200, 200), sequential)
    kinds = {
        "done": {"state": "done"},
        "failed": {"state": "failed"},
        "future": {"eta": "2100-01-01", "priority": 1},
        "waiting": {"state": "wait_dependencies"},
        "backlog": {"priority": 10},
    }
    for channel, columns in kinds.items():
        made.delay(_count=COUNT // len(kinds), channel=f"root.{channel}", **columns)
    made.delay(_count=500, channel="root.backlog", state="started")
    yield made
    made.looking.close()
    databases.drop(made)


@pytest.mark.parametrize("snapshot", [SNAPSHOT, PLAIN_SNAPSHOT])
@pytest.mark.parametrize("is_analyzed", [False, True])
def test_the_snapshot_touches_only_what_it_returns(crowded, is_analyzed, snapshot):
    if is_analyzed:
        crowded.rows("ANALYZE queue_job")
    asked = {**ASKED, "in_demand": ["root.backlog"]}
    kept = snapshot._execute

    assert_touches_only_what_it_returns(explained(crowded, kept, asked))


def test_the_plain_snapshot_finds_the_same_where_nothing_is_sequential_or_ages(crowded):
    asked = {**ASKED, "sequential": [], "in_demand": ["root.backlog"]}
    found = [
        {row["id"] for row in crowded.rows(snapshot._statement, asked)}
        for snapshot in (SNAPSHOT, PLAIN_SNAPSHOT)
    ]
    assert found[0] == found[1]
    assert len(found[0]) > 200


def test_to_look_for_due_etas_touches_only_what_it_returns(crowded):
    crowded.rows("ANALYZE queue_job")
    asked = {**ASKED, "now": BEGIN, "in_demand": ["root.future"], "rest": None}

    assert_touches_only_what_it_returns(explained(crowded, DUE_WITH_ETA, asked))


@pytest.fixture(scope="module")
def scattered(databases):
    """A job in each of very many channels; every fourth has to wait."""
    made = databases.create()
    made.looking = Database(made.name)
    [uuid] = made.delay()
    made.rows(
        "INSERT INTO queue_job SELECT (jsonb_populate_record(job, jsonb_build_object("
        " 'id', nextval('queue_job_id_seq'), 'uuid', gen_random_uuid()::text,"
        " 'channel', 'root.c' || number,"
        " 'eta', CASE WHEN number %% 4 = 0 THEN '2100-01-01' END))).*"
        " FROM queue_job job, generate_series(1, %s) number",
        SCATTERED,
    )
    made.rows("DELETE FROM queue_job WHERE uuid = %s", uuid)
    made.rows("ANALYZE queue_job")
    yield made
    made.looking.close()
    databases.drop(made)


@pytest.mark.parametrize("begin", ["", "root.c2"])
def test_a_look_touches_no_more_rows_however_many_channels_there_are(scattered, begin):
    asked = {**ASKED, "in_demand": ["root.c9"], "begin": begin}
    later = {**asked, "now": BEGIN, "rest": None}
    for sequential in (SEQUENTIAL, []):
        scattered.looking.snapshot(BEGIN, Window(200, 200), sequential)
    for plan in (
        explained(scattered, SNAPSHOT._execute, asked),
        explained(scattered, PLAIN_SNAPSHOT._execute, asked),
        explained(scattered, DUE_WITH_ETA, later),
    ):
        for node in nodes(plan):
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert rows * node["Actual Loops"] <= 3 * asked["channels"], node


def test_looks_go_on_where_the_last_one_ended(scattered):
    window, seen, poll_schedule = Window(200, 200, channels=500), set(), 0
    while not seen or window.part.begin:
        found = scattered.looking.snapshot(BEGIN, window, [])
        channels = {row.channel for row in found.rows}
        assert not seen & channels
        assert found.rest is None or channels <= {
            row["channel"]
            for row in scattered.rows(
                "SELECT channel FROM queue_job WHERE channel >= %s AND channel < %s",
                window.part.begin,
                found.rest,
            )
        }
        seen |= channels
        window.follow({}, found.rest)
        poll_schedule += 1
    assert len(seen) == SCATTERED
    assert poll_schedule > SCATTERED / 500


def test_the_snapshot_is_the_window_and_what_is_out(crowded):
    database = Database(crowded.name)
    rows = database.snapshot(BEGIN, Window(200, 200), SEQUENTIAL).rows
    database.close()
    count = {}
    for row in set(rows):
        key = (row.channel, row.state)
        count[key] = count.get(key, 0) + 1
    assert count == {
        ("root.backlog", "pending"): 200,
        ("root.backlog", "started"): 500,
        ("root.failed", "failed"): 1,
        ("root.future", "pending"): 1,
    }
    window = [r for r in rows if r.state == "pending" and r.channel == "root.backlog"]
    ids = crowded.rows(
        "SELECT id FROM queue_job WHERE channel='root.backlog' AND state='pending'"
        " ORDER BY priority, date_created, id LIMIT 200"
    )
    assert sorted(r.id for r in window) == sorted(row["id"] for row in ids)
