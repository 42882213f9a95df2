# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What else a call may want of an identity key, between transactions that do not see
each other: until done, for a period, postpone, merge. No transaction waits, no call is
lost."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import deduplication, dispatch

CALL = {
    "model_name": "res.partner",
    "method_name": "export",
    "args": "[1]",
    "kwargs": "{}",
}
MERGE = {"identity_on_duplicate": "merge", **CALL}
POSTPONE = {"identity_on_duplicate": "postpone"}
DONE = {"identity_until": "done"}
HOUR = {"identity_until": "done", "identity_period": 3600}


def records(*ids, uid=2, lang="en_US"):
    return json.dumps(
        {
            "_type": "odoo_recordset",
            "model": "res.partner",
            "ids": ids,
            "uid": uid,
            "su": False,
            "context": {"lang": lang},
        }
    )


def now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


@pytest.fixture
def add(table):
    """Add a job of the key ``k``."""

    def add_job(state="pending", **columns):
        return table.add(state, identity_key="k", **columns)

    return add_job


@pytest.fixture
def mergeable(add):
    """Add a job that is to be merged with others of its call."""

    def add_job(*ids, state="pending", **columns):
        columns.setdefault("records", records(*ids))
        text = f"res.partner({', '.join(map(str, ids))}{',' * (len(ids) == 1)})"
        return add(state, func_string=f"{text}.export(f(2))", **{**MERGE, **columns})

    return add_job


def ended_as(table, job_id):
    row = table.row(job_id)
    return row["state"], row["same_as"], row["result"]


def same_as(dispatched_job):
    return State.DONE, dispatched_job.uuid, f"same as job {dispatched_job.uuid}"


def dispatched(cr, *ids):
    return [dispatched_job.id for dispatched_job in dispatch.enqueue(cr, ids)]


def start(cr, table, job_id):
    cr.execute(
        "UPDATE queue_job SET state = 'started', attempt = attempt + 1,"
        " date_started = clock_timestamp() AT TIME ZONE 'UTC' - interval '20 s'"
        " WHERE id = %s",
        (job_id,),
    )
    return table.row(job_id)["uuid"]


def end(cr, job_id, seconds_ago=0):
    cr.execute(
        "UPDATE queue_job SET state = 'done', date_done = clock_timestamp()"
        " AT TIME ZONE 'UTC' - %s * interval '1 s' WHERE id = %s",
        (seconds_ago, job_id),
    )


# --- until done ---------------------------------------------------------------


def test_until_done_what_slipped_through_ends_as_the_running_one(cr, table, add):
    running = start(cr, table, add())
    late = add(**DONE)
    assert dispatched(cr, late) == []
    assert ended_as(table, late) == (State.DONE, running, f"same as job {running}")


def test_a_requeued_job_waits_for_the_running_one_untried(cr, table, add):
    first = add()
    start(cr, table, first)
    again = add(attempt=3, **DONE)
    assert dispatched(cr, again) == []
    row = table.row(again)
    assert (row["state"], row["retry"], row["date_enqueued"]) == ("pending", 0, None)
    assert timedelta(seconds=15) < row["eta"] - now() < timedelta(seconds=30)

    end(cr, first)
    assert dispatched(cr, again) == [again]


# --- for a period -------------------------------------------------------------


def test_a_job_done_within_the_period_stands_for_it(cr, table, add):
    first = add(**HOUR)
    end(cr, first, seconds_ago=3500)
    late = add(**HOUR)
    assert dispatched(cr, late) == []
    assert ended_as(table, late)[1] == table.row(first)["uuid"]


def test_what_only_ended_because_of_another_one_stands_for_nobody(cr, table, add):
    end(cr, add(**HOUR, same_as="some job that failed"))
    late = add(**HOUR)
    assert dispatched(cr, late) == [late]


def test_after_the_period_it_runs(cr, table, add):
    end(cr, add(**HOUR), seconds_ago=3601)
    late = add(**HOUR)
    assert dispatched(cr, late) == [late]


def test_merged_calls_of_the_period_run_once_it_is_over(cr, table, mergeable):
    end(cr, mergeable(1, **HOUR), seconds_ago=3000)
    late = mergeable(2, **HOUR)
    assert dispatched(cr, late) == []
    eta = table.row(late)["eta"]
    assert timedelta(seconds=590) < eta - now() < timedelta(seconds=610)


# --- postpone -----------------------------------------------------------------


def test_the_last_of_two_transactions_postpones_and_neither_waits(session, table, cr):
    first, second = session(autocommit=False), session(autocommit=False)
    ids = []
    for number, transaction in enumerate((first, second), 1):
        transaction.set_session(isolation_level="REPEATABLE READ")
        with transaction.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            cursor.execute(
                "INSERT INTO queue_job (uuid, state, retry, attempt, identity_key,"
                " identity_on_duplicate, eta) VALUES (gen_random_uuid()::text,"
                " 'pending', 0, 0, 'k', 'postpone', %s) RETURNING id",
                (datetime(2100, 1, number),),
            )
            ids += cursor.fetchone()
    second.commit()
    first.commit()

    assert dispatched(cr, ids[0]) == []  # its ETA has come
    assert ended_as(table, ids[0])[1] == table.row(ids[1])["uuid"]
    assert table.row(ids[1])["eta"] == datetime(2100, 1, 2)
    [dispatched_job] = dispatch.enqueue(cr, ids[1:])
    assert dispatched_job.id == ids[1]


def test_of_very_many_calls_one_runs_in_the_end(cr, table, add, monkeypatch):
    monkeypatch.setattr(deduplication, "MOST_OF_A_KEY", 10)
    ids = [add(**POSTPONE) for _number in range(35)]
    ran = [chosen for job_id in ids for chosen in dispatched(cr, job_id)]
    assert ran == ids[-1:]


# --- merge --------------------------------------------------------------------


def test_one_job_runs_with_the_records_of_all_in_order(cr, table, mergeable):
    first, second, third = mergeable(3), mergeable(1, 3), mergeable(2)
    [dispatched_job] = dispatch.enqueue(cr, [second])
    assert dispatched_job.id == second
    row = table.row(second)
    assert row["records"] == json.loads(records(1, 3, 2))
    assert row["func_string"] == "res.partner(1, 3, 2).export(f(2))"
    for merged in (first, third):
        assert ended_as(table, merged) == same_as(dispatched_job)


def test_the_same_record_twice_is_one(cr, table, mergeable):
    first, second = mergeable(7), mergeable(7)
    assert dispatched(cr, first, second) == [first]
    row = table.row(first)
    assert row["records"]["ids"] == [7]
    assert row["func_string"] == "res.partner(7,).export(f(2))"


def test_what_was_dispatched_together_is_merged_too(cr, table, mergeable):
    ids = [mergeable(number) for number in range(5)]
    assert dispatched(cr, *ids) == ids[:1]
    assert table.row(ids[0])["records"]["ids"] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "other",
    [
        {"records": records(2, uid=3)},
        {"records": records(2, lang="fr_FR")},
        {"args": "[2]"},
        {"method_name": "other"},
        {"company_id": 1},
        {"retry": 1},
        {"identity_until": "done"},
        {"identity_on_duplicate": None, "attempt": 1, "state": "started"},
    ],
    ids=lambda other: " ".join(other),
)
def test_calls_that_differ_in_more_run_by_themselves(cr, table, mergeable, other):
    first, second = mergeable(1), mergeable(2, **other)
    assert dispatched(cr, first) == [first]
    assert table.row(first)["records"]["ids"] == [1]
    assert table.state(second) == other.get("state", "pending")


def test_a_call_that_is_committed_after_the_start_runs_by_itself(
    session, cr, table, mergeable, acquire
):
    first = mergeable(1)
    late = session(autocommit=False)
    with late.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queue_job (uuid, state, retry, attempt, identity_key,"
            " identity_on_duplicate, records, model_name, method_name, args, kwargs)"
            " SELECT 'late', state, retry, attempt, identity_key,"
            " identity_on_duplicate, %s, model_name, method_name, args, kwargs"
            " FROM queue_job WHERE id = %s RETURNING id",
            (records(2), first),
        )
        [second] = cursor.fetchone()
    [dispatched_job] = dispatch.enqueue(cr, [first])
    with session().cursor() as worker:
        assert acquire(worker, dispatched_job).records["ids"] == [1]
        late.commit()
        assert dispatched(cr, second) == [second]
    assert table.row(second)["records"]["ids"] == [2]


def test_a_job_that_is_taken_meanwhile_is_left_as_it_is(cr, table, mergeable):
    """Its worker has read its records: those added now would get lost."""
    first, second = mergeable(1), mergeable(2)
    [dispatched_job] = dispatch.enqueue(cr, [first])  # and then ...
    cr.execute("UPDATE queue_job SET state = 'pending' WHERE id = %s", (second,))
    cr.execute("UPDATE queue_job SET state = 'started' WHERE id = %s", (first,))
    cr.execute(deduplication._SQL.under_way, {"keys": ["k"], "most": 10})
    runs, late = (deduplication.Keyed(*row) for row in sorted(cr.fetchall()))
    assert (runs.id, late.id) == (first, second)

    assert deduplication._merge_records(cr, runs, [late.id]) == []
    assert table.state(second) == State.PENDING
    assert dispatched_job.attempt == runs.attempt


def test_what_is_cancelled_meanwhile_adds_no_records(cr, table, mergeable):
    first, second, third = mergeable(1), mergeable(2), mergeable(3)
    cr.execute(
        "UPDATE queue_job SET state = 'enqueued', attempt = 1 WHERE id = %s", (first,)
    )
    cr.execute(deduplication._SQL.under_way, {"keys": ["k"], "most": 10})
    runs = next(
        j for j in (deduplication.Keyed(*r) for r in cr.fetchall()) if j.id == first
    )
    cr.execute("UPDATE queue_job SET state = 'cancelled' WHERE id = %s", (second,))

    assert deduplication._merge_records(cr, runs, [second, third]) == [third]
    assert table.row(first)["records"]["ids"] == [1, 3]
    assert table.state(second) == State.CANCELLED


# --- graphs, people -----------------------------------------------------------


def test_a_job_that_others_wait_for_runs_itself(cr, table, add):
    """Who waits for it would go on before the other one has run."""
    first, second = add(), add()
    cr.execute(
        "INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " VALUES (%s, %s, 'wait')",
        (second, table.add("wait_dependencies")),
    )
    assert dispatched(cr, first, second) == [first, second]


def test_a_merged_job_that_is_requeued_stands_for_itself(cr, table, mergeable):
    first, second = mergeable(1), mergeable(2)
    assert dispatched(cr, first, second) == [first]
    start(cr, table, first)

    assert dispatch.move(cr, "requeue", [second]) == [second]
    assert table.row(second)["same_as"] is None
    assert dispatched(cr, second) == [second]
    assert table.row(second)["records"]["ids"] == [2]


def test_merged_records_stay_with_a_job_whose_worker_dies(cr, table, mergeable):
    first, second = mergeable(1), mergeable(2)
    [dispatched_job] = dispatch.enqueue(cr, [first, second])
    dispatch.start(cr, dispatched_job, 4711)
    assert dispatch.rescue(cr) == [dispatched_job.uuid]
    assert table.row(first)["records"]["ids"] == [1, 2]
    assert dispatched(cr, first) == [first]
