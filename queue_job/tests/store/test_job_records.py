# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Records with jobs under way are found by few rows, whatever else the tables hold."""

import pytest

from odoo.addons.queue_job.store import job_records

#: Jobs under way of another model, and jobs of the model that are over.
_ROWS = 25_000
MODEL = "shop.order"


@pytest.fixture
def filled(cr):
    """Cursor on tables where a handful of jobs of a model is under way."""
    cr.execute(
        "INSERT INTO queue_job (uuid, state, model_name, is_shown, same_as)"
        " SELECT 'other-' || n, 'pending', 'shop.product', true, NULL"
        " FROM generate_series(1, %(rows)s) n UNION ALL"
        " SELECT 'over-' || n, 'done', %(model)s, true, NULL"
        " FROM generate_series(1, %(rows)s) n UNION ALL"
        " SELECT 'open-' || n, 'pending', %(model)s, true, NULL"
        " FROM generate_series(1, 5) n UNION ALL"
        " SELECT 'twin-' || n, 'done', %(model)s, true, 'open-1'"
        " FROM generate_series(1, 2) n",
        {"rows": _ROWS, "model": MODEL},
    )
    cr.execute(
        "INSERT INTO queue_job_record (job_id, model, res_id)"
        " SELECT id, model_name, split_part(uuid, '-', 2)::int"
        "  + CASE WHEN uuid LIKE 'twin%' THEN 100 ELSE 0 END FROM queue_job"
    )
    cr.execute("VACUUM ANALYZE queue_job")
    cr.execute("ANALYZE queue_job_record")
    return cr


def plan_of(cr, statement, params):
    """Return the nodes of the plan that was carried out."""
    cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", params)
    [[found]] = cr.fetchall()
    todo, nodes = [found[0]["Plan"]], []
    while todo:
        node = todo.pop()
        nodes.append(node)
        todo += node.get("Plans", [])
    return nodes


def rows_read(nodes):
    """How many rows the scans of tables and indexes came upon."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        * node["Actual Loops"]
        for node in nodes
        if "Relation Name" in node
    )


def test_few_jobs_are_the_beginning(filled):
    assert job_records.with_jobs(filled, MODEL) == [1, 2, 3, 4, 5, 101, 102]
    assert job_records.with_jobs(filled, "no.such") == []
    params = {"model": MODEL, "most": job_records.MOST_NAMED + 1}
    nodes = plan_of(filled, job_records._SQL.with_jobs, params)
    assert rows_read(nodes) < 100
    assert any("shown_idx" in node.get("Index Name", "") for node in nodes)


def test_of_many_jobs_no_more_than_a_bound_is_read(filled):
    assert job_records.with_jobs(filled, "shop.product") is None
    params = {"model": "shop.product", "most": 1000}
    assert rows_read(plan_of(filled, job_records._SQL.with_jobs, params)) <= 2000


def test_many_jobs_are_not_read_for_a_page(filled):
    condition = job_records.HAS_JOBS % {
        "model": "'shop.product'",
        "record": "page.id",
        "states": "ARRAY['wait_dependencies', 'pending', 'enqueued', 'started']",
    }
    statement = (
        f"SELECT id FROM generate_series(1, {_ROWS}) AS page (id)"
        f" WHERE {condition} LIMIT 80"
    )
    filled.execute(statement)
    assert len(filled.fetchall()) == 80
    assert rows_read(plan_of(filled, statement, None)) < 1000
