# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failed jobs that are kept no longer are found by an index."""

from datetime import datetime

import pytest

from odoo.addons.queue_job.store import retention

DEADLINE = datetime(2026, 1, 1)
BEFORE, AFTER = datetime(2025, 12, 31), datetime(2026, 1, 2)


def found(cr, channels, is_elsewhere=False, most=10):
    return retention.expired_failed(
        cr, channels, DEADLINE, is_elsewhere=is_elsewhere, most=most
    )


def failed(table, channel, when=BEFORE, **columns):
    return table.add("failed", channel=channel, date_failed=when, **columns)


def test_of_channels_and_of_all_others(cr, table):
    own, other = failed(table, "root.a"), failed(table, "root.b")
    without = failed(table, None)
    failed(table, "root.a", AFTER)
    failed(table, "root.a", None)
    table.add("done", channel="root.a", date_failed=BEFORE)
    assert found(cr, ["root.a"]) == [own]
    assert found(cr, ["root.a"], is_elsewhere=True) == [other, without]
    assert found(cr, [], is_elsewhere=True, most=2) == [own, other]


def test_not_while_others_of_the_graph_wait(cr, table):
    first = failed(table, "root.a", graph_uuid="x")
    waiting = table.add("wait_dependencies", graph_uuid="x")
    assert found(cr, ["root.a"]) == []
    cr.execute("UPDATE queue_job SET state = 'cancelled' WHERE id = %s", (waiting,))
    assert found(cr, ["root.a"]) == [first]


@pytest.mark.parametrize("name", ["expired_failed", "expired_failed_elsewhere"])
def test_ended_jobs_are_not_read(cr, table, name):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, channel)"
        " SELECT 'd' || n, 'done', 'root.a' FROM generate_series(1, 50000) n"
    )
    for _number in range(50):
        failed(table, "root.a", graph_uuid="x")
    cr.execute("ANALYZE queue_job")
    params = {"channels": ["root.a"], "deadline": DEADLINE, "most": 1000}
    cr.execute("EXPLAIN " + getattr(retention._SQL, name), params)
    plan = "\n".join(row[0] for row in cr.fetchall())
    # those of failed jobs: by channel, or by when they failed
    assert "queue_job_failed_idx" in plan or "queue_job_failure_idx" in plan
    assert "Seq Scan" not in plan
