# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""NOTIFY says "look" when work became runnable, and is silent otherwise."""

import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dispatch


@pytest.fixture
def heard(session, cr):
    """Payloads that a listening runner has heard since the last look."""
    runner = session()
    with runner.cursor() as runner_cr:
        runner_cr.execute("LISTEN queue_job")

    def look():
        # a statement's answer brings everything that was sent before it
        with runner.cursor() as runner_cr:
            runner_cr.execute("SELECT 1")
        payloads = [note.payload for note in runner.notifies]
        runner.notifies.clear()
        return payloads

    look()
    return look


def _set(cr, job, **columns):
    names = ", ".join(f"{name} = %({name})s" for name in columns)
    cr.execute(
        f"UPDATE queue_job SET {names} WHERE id = %(id)s", {**columns, "id": job}
    )


def test_a_new_job_is_heard_of_and_not_named(table, heard):
    table.add()
    assert heard() == [""]


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 1},
        {"channel": "root.other"},
        {"eta": "2020-01-01"},
        {"date_created": "2020-01-01"},
    ],
)
def test_another_rank_is_heard_of(cr, table, heard, change):
    job = table.add(priority=10, channel="root")
    heard()
    _set(cr, job, **change)
    assert heard() == [""]


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.PENDING, State.WAIT_DEPENDENCIES})
)
def test_a_job_that_becomes_pending_is_heard_of(cr, table, heard, state):
    job = table.add(state)
    heard()
    _set(cr, job, state="pending")
    assert heard() == [""]


@pytest.mark.parametrize("before", sorted(State))
def test_only_what_is_runnable_or_freed_is_heard_of(cr, table, heard, before):
    job = table.add(before)
    loud = set()
    for after in State:
        cr.execute("ALTER TABLE queue_job DISABLE TRIGGER USER")
        _set(cr, job, state=before)
        cr.execute("ALTER TABLE queue_job ENABLE TRIGGER USER")
        heard()
        _set(cr, job, state=after)
        if heard():
            loud.add(after)
    expected = {State.PENDING}
    if before in (State.ENQUEUED, State.FAILED):
        expected |= {State.DONE, State.CANCELLED}
    if before == State.FAILED:
        expected.add(State.WAIT_DEPENDENCIES)
    assert loud == expected - {before}


def test_a_released_job_is_heard_of(cr, table, heard):
    job = table.add(State.WAIT_DEPENDENCIES)
    heard()
    dispatch.move(cr, "release", [job])
    assert heard() == [""]


def test_a_deleted_job_is_heard_of(cr, table, heard):
    job = table.add(State.STARTED)
    heard()
    cr.execute("DELETE FROM queue_job WHERE id = %s", (job,))
    assert heard() == [""]


@pytest.mark.parametrize("move", ["set_done", "cancel"])
@pytest.mark.parametrize("state", [State.ENQUEUED, State.FAILED])
def test_a_place_that_a_person_frees_is_heard_of(cr, table, heard, state, move):
    job = table.add(state)
    heard()
    assert dispatch.move(cr, move, [job])
    assert heard() == [""]


def test_the_way_of_an_ordinary_job_is_silent(cr, table, heard):
    job = table.add()
    heard()
    [dispatched_job] = dispatch.enqueue(cr, [job])
    dispatch.start(cr, dispatched_job, pid=1)
    dispatch.move(cr, "succeed", [job], attempt=dispatched_job.attempt)
    assert heard() == []


@pytest.mark.parametrize(
    "columns", [{"result": "x"}, {"retry": 1}, {"state": "pending"}, {"name": "n"}]
)
def test_what_changes_no_rank_is_silent(cr, table, heard, columns):
    job = table.add()
    heard()
    _set(cr, job, **columns)
    assert heard() == []


def test_a_transaction_makes_one_notification(session, table, heard):
    jobs = [table.add() for _ in range(3)]
    heard()
    connection = session(autocommit=False)
    with connection.cursor() as cr:
        for job in jobs:
            _set(cr, job, priority=job)
        cr.execute(
            "INSERT INTO queue_job (uuid, state) SELECT n, 'pending'"
            " FROM generate_series(1, 1000) n"
        )
        cr.execute("DELETE FROM queue_job WHERE id = %s", (jobs[0],))
        assert heard() == []
    connection.commit()
    assert heard() == [""]


def test_what_is_rolled_back_is_not_heard_of(session, heard):
    connection = session(autocommit=False)
    with connection.cursor() as cr:
        cr.execute("INSERT INTO queue_job (uuid, state) VALUES ('x', 'pending')")
    connection.rollback()
    assert heard() == []


@pytest.fixture
def channel(cr, heard):
    """Id of a channel that the runner has heard of."""
    cr.execute(
        "INSERT INTO queue_job_channel (name, complete_name, removal_interval)"
        " VALUES ('x', 'root.x', 30) RETURNING id"
    )
    [channel_id] = cr.fetchone()
    assert heard() == ["limits"]
    yield channel_id
    cr.execute("DELETE FROM queue_job_channel WHERE id = %s", (channel_id,))


def _change(cr, channel, what):
    cr.execute(f"UPDATE queue_job_channel SET {what} WHERE id = %s", (channel,))


@pytest.mark.parametrize(
    "what",
    [
        "is_paused = TRUE",
        "capacity_limit = 3",
        "complete_name = 'root.y'",
        "rate_limit = '1/2'",
        "aging_limit = 3",
        "per_kind = 'company'",
        "per_limit = 3",
        "fair_kind = 'user'",
    ],
)
def test_what_is_allowed_to_a_channel_is_heard_of(cr, channel, heard, what):
    _change(cr, channel, what)
    assert heard() == ["limits"]
    _change(cr, channel, what)
    assert heard() == [], "nothing has changed"


def test_a_deleted_channel_is_heard_of(cr, channel, heard):
    cr.execute("DELETE FROM queue_job_channel WHERE id = %s", (channel,))
    assert heard() == ["limits"]


def test_what_concerns_no_runner_of_a_channel_is_silent(cr, channel, heard):
    _change(cr, channel, "removal_interval = 3")
    assert heard() == []
