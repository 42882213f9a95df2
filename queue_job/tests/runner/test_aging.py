# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who has waited for long is found, however many of better priorities there are."""

import pytest
from rig.loop import looping
from rig.plans import nodes
from test_candidates import (
    ASKED,
    BEGIN,
    COUNT,
    assert_touches_only_what_it_returns,
    explained,
)

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner.database import SNAPSHOT, Database

AGING = 600
PRIORITIES = 4
#: The best first, by the rule itself.
_ORDER = """
    SELECT uuid FROM queue_job
    WHERE state = 'pending' AND channel = 'root.backlog'
    ORDER BY priority
             - extract(epoch FROM now() AT TIME ZONE 'UTC' - date_created) / %s,
             date_created, id
    LIMIT %s
"""


@pytest.fixture(scope="module")
def aged(databases):
    """Very many jobs of some priorities, made one after the other."""
    made = databases.create()
    made.looking = Database(made.name)
    made.looking.snapshot(BEGIN, Window(200, 200), [], {"root.backlog": AGING})
    made.delay(_count=COUNT, channel="root.backlog")
    made.rows(
        "UPDATE queue_job SET priority = 10 + id %% %s,"
        " date_created = date_trunc('second', date_created)"
        " - id %% 977 * interval '10 seconds'",
        PRIORITIES,
    )
    made.rows("VACUUM ANALYZE queue_job")
    yield made
    made.looking.close()
    databases.drop(made)


@pytest.mark.large
def test_what_is_asked_for_touches_as_much_as_so_many_per_priority(aged):
    asked = {
        **ASKED,
        "in_demand": [],
        "window": 100,
        "aging": ["root.backlog"],
        "aging_seconds": [AGING],
    }
    plan = explained(aged, SNAPSHOT._execute, asked)
    assert_touches_only_what_it_returns(plan)
    assert plan["Actual Rows"] == 100


@pytest.mark.large
def test_what_is_found_are_the_best_with_their_rise(aged):
    found = aged.looking.snapshot(BEGIN, Window(100, 100), [], {"root.backlog": AGING})
    expected = {row["uuid"] for row in aged.rows(_ORDER, AGING, 100)}
    assert {row.uuid for row in found.rows} == expected


@pytest.fixture(scope="module")
def uneven(databases):
    """Many priorities: half of the jobs are of one, of some there are but a few; and
    some jobs came at no time that is known."""
    made = databases.create()
    made.looking = Database(made.name)
    made.looking.snapshot(BEGIN, Window(200, 200), [], {"root.backlog": AGING})
    made.delay(_count=12_000, channel="root.backlog")
    made.rows(
        "UPDATE queue_job"
        " SET priority = CASE WHEN id %% 2 = 0 THEN 3 ELSE id %% 79 END,"
        " date_created = CASE WHEN id %% 97 = 0 THEN NULL ELSE"
        " date_trunc('second', date_created)"
        " - (id %% 977 + (id %% 2) * 500) * interval '10 seconds' END"
    )
    made.rows(
        "DELETE FROM queue_job WHERE priority BETWEEN 20 AND 40 AND id %% 20 <> 0"
    )
    made.rows("UPDATE queue_job SET priority = 2147483647 WHERE priority = 77")
    made.rows("VACUUM ANALYZE queue_job")
    yield made
    made.looking.close()
    databases.drop(made)


@pytest.mark.parametrize("seconds", [1, 60, 600, 86_400])
@pytest.mark.parametrize("window", [2, 100, 1_000, 20_000])
def test_of_many_uneven_priorities_the_best_are_found(uneven, seconds, window):
    aging = {"root.backlog": seconds}
    found = uneven.looking.snapshot(BEGIN, Window(window, window), [], aging)
    expected = [row["uuid"] for row in uneven.rows(_ORDER, seconds, window)]
    assert {row.uuid for row in found.rows} == {*expected}
    assert len(found.rows) == len(expected)


def test_what_is_looked_at_does_not_grow_with_the_priorities(uneven):
    window = 200
    asked = {**ASKED, "in_demand": [], "window": window}
    asked |= {"aging": ["root.backlog"], "aging_seconds": [AGING]}
    plan = explained(uneven, SNAPSHOT._execute, asked)
    rows = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") == "queue_job"
    ]
    assert plan["Actual Rows"] == window
    assert sum(rows) < 10 * window, "of sixty priorities"


def test_nobody_waits_for_ever(database):
    """A flood of better jobs does not hold up an old one that no look has shown."""
    database.delay(_count=40, channel="root.a", priority=1)
    [old] = database.delay(channel="root.a", priority=9)
    ago = "UPDATE queue_job SET date_created = date_created - interval '1 hour'"
    database.rows(f"{ago} WHERE uuid = %s", old)
    with looping([database], "root:1:aging=600", least_window=3) as loop:
        first = loop.round()
        assert first != [old]  # it has risen by six of eight priorities
        database.rows(f"{ago} WHERE uuid = %s", old)
        loop.worker(first[0]).does()
        assert loop.round_on_news() == [old]
