"""What the runner asks for costs the same whatever the backlog."""

import json

import pytest

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner.database import DUE_WITH_ETA, SNAPSHOT, Database

BEGIN = 1_800_000_000
COUNT = 60_000


@pytest.fixture(scope="module")
def crowded(databases):
    """Very many jobs: mostly done, mostly not yet due, mostly of one channel. And a
    session of the runner that began to look when there was none."""
    made = databases.create()
    made.looking = Database(made.name)
    made.looking.snapshot(BEGIN, Window(200, 200), ["root.failed", "root.future"])
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


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def explained(crowded, statement, *parameters):
    with crowded.looking._connection.cursor() as cr:
        cr.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, *parameters)
        [(plan,)] = cr.fetchall()
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def assert_touches_only_what_it_returns(plan):
    on_jobs = [n for n in nodes(plan) if n.get("Relation Name") == "queue_job"]
    assert on_jobs
    for node in on_jobs:
        assert node["Node Type"] != "Seq Scan", node
        rows = node["Actual Rows"] * node["Actual Loops"]
        assert rows <= 700, node
        assert node.get("Rows Removed by Filter", 0) * node["Actual Loops"] <= 10, node


@pytest.mark.parametrize("is_analyzed", [False, True])
def test_the_snapshot_touches_only_what_it_returns(crowded, is_analyzed):
    if is_analyzed:
        crowded.rows("ANALYZE queue_job")
    asked = {"window": 200, "wide": 200, "in_demand": ["root.backlog"]}
    asked["sequential"] = ["root.failed", "root.future"]
    kept = SNAPSHOT._execute

    assert_touches_only_what_it_returns(explained(crowded, kept, asked))


def test_to_look_for_due_etas_touches_only_what_it_returns(crowded):
    crowded.rows("ANALYZE queue_job")
    asked = {"now": BEGIN, "window": 200, "wide": 200, "in_demand": ["root.future"]}

    assert_touches_only_what_it_returns(explained(crowded, DUE_WITH_ETA, asked))


def test_the_snapshot_is_the_window_and_what_is_out(crowded):
    database = Database(crowded.name)
    rows = database.snapshot(BEGIN, Window(200, 200), ["root.failed", "root.future"])
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
