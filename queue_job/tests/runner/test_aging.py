# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who has waited for long is found, however many of better priorities there are."""

import pytest
from rig.loop import looping
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
