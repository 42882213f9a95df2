# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that were stored before their channel told them apart get their lane."""

import pytest

from odoo.addons.queue_job.core.channels.lanes import NO_KINDS, Lanes
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import late_lanes

LANES = Lanes.of_text("root:4,root.a:2:per=function:1")


def add(table, state=State.PENDING, channel="root.a", method="<a>.b", **columns):
    about = {"channel": channel, "channel_method_name": method}
    return table.add(state, **about, **columns)


def lanes_of(table, jobs):
    return [table.row(job)["lane"] for job in jobs]


def give(cr, channel="root.a", own=NO_KINDS):
    return late_lanes.give_some(cr, channel, LANES, own)


@pytest.mark.parametrize("state", sorted(State))
def test_what_waits_gets_its_lane_and_nothing_else(cr, table, state):
    job, elsewhere = add(table, state), add(table, channel="root.b")
    is_waiting = state is State.PENDING
    assert give(cr) == is_waiting
    lane = "function=<a>.b" if is_waiting else None
    assert lanes_of(table, [job, elsewhere]) == [lane, None]


def test_a_lane_that_there_is_stays(cr, table):
    jobs = [add(table, lane="key=k", lock_key="k"), add(table, lock_key="k")]
    assert give(cr) == 1
    assert lanes_of(table, jobs) == ["key=k", "function=<a>.b key=k"]


def test_what_managers_tell_apart_counts(cr, table):
    job = add(table, "pending", "root.b.c")
    assert give(cr, "root.b.c") == 0
    assert give(cr, "root.b.c", {"root.b": frozenset({"model"})}) == 1
    assert lanes_of(table, [job]) == ["model=<a>"]


def test_of_very_many_the_best_ranked_get_theirs_first(cr, table, monkeypatch):
    monkeypatch.setattr(late_lanes, "MOST_AT_ONCE", 2)
    jobs = [add(table, priority=number) for number in (3, 1, 2)]
    assert give(cr) == 2
    assert [lane is None for lane in lanes_of(table, jobs)] == [True, False, False]
    assert [give(cr), give(cr)] == [1, 0]


def test_what_another_transaction_changes_is_left_alone(session, cr, table):
    job, other = add(table), add(table)
    transaction = session(autocommit=False)
    transaction.cursor().execute(
        "UPDATE queue_job SET priority = 1 WHERE id = %s", (job,)
    )
    cr.execute("SET lock_timeout = '200ms'")
    assert give(cr) == 1
    assert lanes_of(table, [job, other]) == [None, "function=<a>.b"]
    transaction.rollback()
    assert give(cr) == 1
