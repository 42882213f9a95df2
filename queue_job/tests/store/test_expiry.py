# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that did not begin in time: cancelled, never begun, standing for no call."""

from datetime import datetime, timezone

import pytest

from odoo.addons.queue_job.core.graph.graph import IfFailed, Join
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import deduplication, dependencies, dispatch, expiry

PAST = datetime(2020, 2, 2, 2, 2, 2)
LATER, LATEST = datetime(2999, 1, 1), datetime(2999, 1, 2)
NOW = datetime(2026, 1, 1)  # any time: what is asked for is awake


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("expires_at", [PAST, LATER, None])
def test_what_waits_expires_and_nothing_else(cr, table, state, expires_at):
    job = table.add(state, expires_at=expires_at)
    before = table.row(job)

    expired = expiry.expire_some(cr)

    if expires_at == PAST and state in (State.PENDING, State.WAIT_DEPENDENCIES):
        assert expired == [job]
        row = table.row(job)
        assert row["state"] == State.CANCELLED
        assert row["result"] == "expired at 2020-02-02 02:02:02 UTC"
        assert row["date_cancelled"] is not None
        assert row["expires_at"] == PAST
    else:
        assert expired == []
        assert table.row(job) == before


def test_of_very_many_a_part_expires_at_a_time(cr, table, monkeypatch):
    monkeypatch.setattr(expiry, "MOST_AT_ONCE", 2)
    jobs = [table.add(expires_at=PAST.replace(second=n)) for n in (3, 1, 2)]

    assert sorted(expiry.expire_some(cr)) == sorted([jobs[1], jobs[2]])
    assert expiry.expire_some(cr) == [jobs[0]]
    assert expiry.expire_some(cr) == []


def test_what_another_transaction_changes_is_left_alone(session, cr, table):
    job, other = table.add(expires_at=PAST), table.add(expires_at=PAST)
    transaction = session(autocommit=False)
    transaction.cursor().execute(
        "UPDATE queue_job SET priority = 1 WHERE id = %s", (job,)
    )
    cr.execute("SET lock_timeout = '200ms'")
    assert expiry.expire_some(cr) == [other]
    transaction.rollback()
    assert expiry.expire_some(cr) == [job]


def test_the_search_reads_nothing_but_its_own_index(cr):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, retry, attempt)"
        " SELECT gen_random_uuid()::text, 'pending', 0, 0"
        " FROM generate_series(1, 20000)"
    )
    cr.execute("ANALYZE queue_job")
    cr.execute(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + expiry._SQL.expire_some, {"most": 500}
    )
    [[[plan]]] = cr.fetchall()
    nodes = list(walk(plan["Plan"]))
    scans = [n for n in nodes if n.get("Relation Name") == "queue_job"]
    read = [n for n in scans if n["Node Type"] != "ModifyTable"]
    assert {node["Index Name"] for node in read} <= {
        "queue_job_expiry_idx", "queue_job_pkey",
    }  # fmt: skip
    assert sum(node["Actual Rows"] for node in read) == 0


def walk(node):
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


def test_those_that_wait_for_it_follow_as_they_say(cr, table):
    parent = table.add(expires_at=PAST, graph_uuid="g")
    children = {}
    for policy in IfFailed:
        children[policy] = table.add(State.WAIT_DEPENDENCIES, graph_uuid="g")
        join = Join((parent,), (children[policy],), policy)
        dependencies.link(cr, [join])

    assert expiry.expire_some(cr) == [parent]

    states = {policy: table.state(child) for policy, child in children.items()}
    expected = {policy: State.CANCELLED for policy in IfFailed}
    expected[IfFailed.RUN] = State.PENDING
    assert states == expected


def test_what_expires_is_counted_as_cancelled(cr, table):
    cr.execute("DELETE FROM queue_job_statistics")
    table.add(expires_at=PAST, channel="root.a")
    table.add(expires_at=PAST, channel="root.a")

    assert len(expiry.expire_some(cr)) == 2

    cr.execute("SELECT channel, cancelled FROM queue_job_statistics")
    assert cr.fetchall() == [("root.a", 2)]
    table.add(expires_at=PAST, channel="root.a")
    expiry.expire_some(cr, counts=False)
    cr.execute("SELECT sum(cancelled) FROM queue_job_statistics")
    assert cr.fetchall() == [(2,)]


def test_it_is_not_dispatched(cr, table):
    late, good = table.add(expires_at=PAST), table.add(expires_at=LATER)

    assert [job.id for job in dispatch.enqueue(cr, [late, good])] == [good]
    assert expiry.expire_among(cr, [late, good]) == [late]
    assert table.state(late) == State.CANCELLED


def test_it_is_not_begun_though_it_was_dispatched_in_time(cr, table, acquire, session):
    job = table.add(expires_at=LATER)
    [dispatched_job] = dispatch.enqueue(cr, [job])
    cr.execute("UPDATE queue_job SET expires_at = %s WHERE id = %s", (PAST, job))
    with session().cursor() as worker:
        assert acquire(worker, dispatched_job) is None
    assert table.state(job) == State.ENQUEUED

    older = dispatched_job._replace(attempt=dispatched_job.attempt - 1)
    assert not expiry.expire_dispatched(cr, older)
    assert expiry.expire_dispatched(cr, dispatched_job)
    assert table.row(job)["result"] == "expired at 2020-02-02 02:02:02 UTC"
    assert not expiry.expire_dispatched(cr, dispatched_job)


def test_what_has_begun_does_not_expire_any_more(cr, table, acquire, session):
    job = table.add(expires_at=LATER)
    [dispatched_job] = dispatch.enqueue(cr, [job])
    with session().cursor() as worker:
        row = acquire(worker, dispatched_job)
    assert row.state == State.STARTED
    assert row.expires_at is None
    assert table.row(job)["expires_at"] is None
    dispatch.move(cr, "postpone", [job], attempt=dispatched_job.attempt)
    assert expiry.expire_some(cr) == []


def test_what_was_returned_before_it_began_still_expires(cr, table):
    job = table.add(expires_at=LATER)
    dispatched_jobs = dispatch.enqueue(cr, [job])
    assert dispatch.return_pending(cr, dispatched_jobs) == [job]
    assert table.row(job)["expires_at"] == LATER


def test_no_call_stands_on_a_job_that_is_not_begun_any_more(cr, table):
    table.add(expires_at=PAST, identity_key="k")
    states = [State.PENDING]
    assert deduplication.counting(cr, ["k"], states, NOW, PAST) == {}
    good = table.add(expires_at=LATER, identity_key="k")
    assert deduplication.counting(cr, ["k"], states, NOW, LATER) == {"k": good}


@pytest.mark.parametrize("state", [State.PENDING, State.ENQUEUED])
def test_no_call_stands_on_a_job_that_may_expire_before_it(cr, table, state):
    job = table.add(state, expires_at=LATER, identity_key="k", attempt=1)
    for expires, found in ((None, {}), (LATEST, {}), (LATER, {"k": job})):
        assert deduplication.counting(cr, ["k"], [state], NOW, expires) == found


@pytest.mark.parametrize("others", [(LATEST, None), (LATEST, LATER), (PAST, LATER)])
def test_the_one_that_runs_expires_as_late_as_those_it_stands_for(cr, table, others):
    stands = table.add(expires_at=LATER, identity_key="k")
    for moment in others:
        table.add(expires_at=moment, identity_key="k")
    dispatch.enqueue(cr, [stands])
    latest = None if None in others else max(LATER, *others)
    assert table.row(stands)["expires_at"] == latest


@pytest.mark.parametrize("state", [State.STARTED, State.DONE])
def test_one_that_has_begun_does_not_expire_and_stands_for_others(cr, table, state):
    """Where somebody else began or ended it, its row may still say when it expires."""
    about = {"identity_key": "k", "identity_until": "done", "identity_period": 3600}
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    dates = {"date_started": now, "date_done": now}
    stands = table.add(state, expires_at=LATER, **about, **dates)
    other = table.add(expires_at=LATEST, **about)
    assert dispatch.enqueue(cr, [other]) == []
    assert table.row(other)["same_as"] == table.row(stands)["uuid"]
    assert table.row(stands)["expires_at"] == LATER


def test_none_ends_for_one_that_another_transaction_is_at(cr, table, session):
    stands = table.add(expires_at=LATER, identity_key="k", identity_until="done")
    dispatch.enqueue(cr, [stands])
    other = table.add(identity_key="k", identity_until="done")
    with session(autocommit=False).cursor() as rival:
        rival.execute("SELECT FROM queue_job WHERE id = %s FOR UPDATE", (stands,))
        assert dispatch.enqueue(cr, [other]) == []
    assert table.state(other) == State.PENDING
    assert table.row(stands)["expires_at"] == LATER


def test_at_a_dispatch_none_ends_as_a_duplicate_of_one_that_has_expired(cr, table):
    late = table.add(
        expires_at=PAST, identity_key="k", identity_on_duplicate="postpone"
    )
    good = table.add(identity_key="k", identity_on_duplicate="postpone")
    last = table.add(
        expires_at=PAST, identity_key="k", identity_on_duplicate="postpone"
    )

    assert [job.id for job in dispatch.enqueue(cr, [late, good])] == [good]
    assert table.state(good) == State.ENQUEUED
    assert [table.state(job) for job in (late, last)] == [State.PENDING] * 2


def test_requeued_it_may_begin_at_any_time(cr, table):
    job = table.add(expires_at=PAST)
    expiry.expire_some(cr)
    assert dispatch.move(cr, "requeue", [job]) == [job]
    assert expiry.expire_some(cr) == []
