# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How PostgreSQL comes to what it returns."""

import json


def nodes(plan):
    """All parts of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def explained(database, statement, *parameters):
    """The plan of a statement of the runner, and what came of it."""
    with database.looking._connection.cursor() as cr:
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
