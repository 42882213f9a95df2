# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""To explain one job few rows are read, whatever the backlog."""

import json

import pytest

from odoo.addons.queue_job.core.channels.config import parse
from odoo.addons.queue_job.core.explanation.reason import Kind
from odoo.addons.queue_job.core.explanation.rules import explain
from odoo.addons.queue_job.store.explanation import MOST_BEFORE, gather

COUNT = 60_000
#: What the plans may read of a table of so many rows.
FEW = 25_000
CONFIGS = tuple(parse("root:1,root.line:1:sequential"))


class Noting:
    """A cursor that keeps the queries."""

    def __init__(self, cr):
        self._cr, self.queries = cr, []

    def execute(self, query, params=None):
        self._cr.execute(query, params)
        self.queries.append(self._cr.query.decode())

    def fetchall(self):
        return self._cr.fetchall()

    def fetchone(self):
        return self._cr.fetchone()


@pytest.fixture
def crowd(cr):
    """Very many jobs that are done, as many that wait, of two channels."""
    cr.execute(
        "INSERT INTO queue_job (uuid, state, retry, attempt, priority, channel,"
        " date_created, date_done, eta)"
        " SELECT 'many-' || n, CASE WHEN n %% 2 = 0 THEN 'done' ELSE 'pending' END,"
        " 0, 0, 10, CASE WHEN n %% 4 < 2 THEN 'root.line' ELSE 'root.wide' END,"
        " '2020-01-01', CASE WHEN n %% 2 = 0 THEN timestamp '2020-01-01' END,"
        " CASE WHEN n %% 6 = 1 THEN timestamp '2100-01-01' END"
        " FROM generate_series(1, %s) n",
        (COUNT,),
    )
    cr.execute("VACUUM ANALYZE queue_job")
    # of so small a table the planner may read all rather than a sixth in order
    cr.execute("SET enable_seqscan = off")
    yield cr
    cr.execute("RESET enable_seqscan")


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read_by(cr, query):
    """How many rows of the table of jobs a query reads; none by reading all."""
    cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
    [(plan,)] = cr.fetchall()
    rows = 0
    for node in nodes(plan[0]["Plan"] if plan else json.loads(plan)):
        if node.get("Relation Name") == "queue_job":
            assert node["Node Type"] != "Seq Scan", query
            removed = node.get("Rows Removed by Filter", 0)
            rows += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return rows


@pytest.mark.parametrize("channel", ["root.wide", "root.line"])
def test_few_rows_are_read(crowd, table, channel):
    job = table.add(channel=channel, priority=20, date_created="2021-01-01")
    noting = Noting(crowd)

    facts = gather(noting, job, CONFIGS)

    asked = [query for query in noting.queries if "queue_job" in query]
    assert len(asked) > 5
    assert sum(read_by(crowd, query) for query in asked) <= FEW
    assert len(facts.channels.rows) < 1_000


def test_very_many_before_a_job_are_not_counted_to_the_end(crowd, table):
    job = table.add(channel="root.wide", priority=20, date_created="2021-01-01")
    table.add("started", channel="root.wide", priority=1, date_created="2021-01-01")
    crowd.execute("SELECT pg_advisory_lock(2293787760715711918)")
    try:
        reason = explain(gather(crowd, job, CONFIGS))
    finally:
        crowd.execute("SELECT pg_advisory_unlock_all()")

    assert (reason.kind, reason.place) == (Kind.PLACE, MOST_BEFORE + 1)
    assert reason.is_further


def test_the_place_counts_those_that_are_due_and_better(cr, table):
    columns = {"channel": "root.a", "date_created": "2021-01-01"}
    job = table.add(priority=10, **columns)
    table.add(priority=9, **columns)
    table.add(priority=9, eta="2020-01-01", **columns)
    table.add(priority=9, eta="2100-01-01", **columns)
    table.add(priority=11, **columns)
    table.add(priority=9, channel="root.b", date_created="2021-01-01")

    facts = gather(cr, job, CONFIGS)
    assert (facts.channels.before, facts.channels.is_more) == (2, False)

    sequential = tuple(parse("root:1,root.a:1:sequential"))
    assert gather(cr, job, sequential).channels.before == 3


def test_how_fast_a_channel_is_comes_from_those_that_ended_lately(cr, table):
    columns = {"channel": "root.a", "date_created": "2021-01-01"}
    job = table.add(**columns)
    for _number in range(30):
        table.add("done", date_done="2021-01-01", **columns)
    assert gather(cr, job, CONFIGS).channels.per_second is None

    cr.execute(
        "UPDATE queue_job SET date_done = clock_timestamp() AT TIME ZONE 'UTC'"
        " WHERE state = 'done'"
    )
    per_second = gather(cr, job, CONFIGS).channels.per_second
    assert per_second == pytest.approx(30 / 10)


@pytest.mark.parametrize(("lasting", "expected"), [(1, 30), (180, 30 / 4)])
def test_a_channel_that_was_idle_is_as_fast_as_it_was_at_work(
    cr, table, lasting, expected
):
    columns = {"channel": "root.a", "date_created": "2021-01-01"}
    job = table.add(**columns)
    for _number in range(30):
        table.add("done", exec_time=lasting, **columns)
    cr.execute(
        "UPDATE queue_job SET date_done = clock_timestamp() AT TIME ZONE 'UTC'"
        " - interval '30 seconds' WHERE state = 'done'"
    )
    table.add("done", **columns)
    cr.execute(
        "UPDATE queue_job SET date_done = clock_timestamp() AT TIME ZONE 'UTC'"
        " - interval '299 seconds' WHERE date_done IS NULL AND state = 'done'"
    )
    per_second = gather(cr, job, CONFIGS).channels.per_second
    assert 60 * per_second == pytest.approx(expected)


def test_a_job_that_does_not_exist_is_not_explained(cr):
    assert gather(cr, 2**31 - 1) is None
