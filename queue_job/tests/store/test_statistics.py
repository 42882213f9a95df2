# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statistics are added, and rolled up without losing a job."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from odoo.addons.queue_job.core.statistics import Counts, Key
from odoo.addons.queue_job.store import statistics
from odoo.addons.queue_job.store.sql import load

BEGIN = 1_800_000_000 // 3600 * 3600  # the begin of an hour
HOUR = datetime(2027, 1, 15, 8)
_MINUTE = timedelta(minutes=1)
MANY = 50_000


@pytest.fixture(autouse=True)
def empty(cr):
    cr.execute("DELETE FROM queue_job_statistics")
    cr.execute("DELETE FROM queue_job_statistics_total")


def rows(cr, columns="*", where="true"):
    cr.execute(f"SELECT {columns} FROM queue_job_statistics WHERE {where} ORDER BY id")
    return cr.fetchall()


def counted(minute=0, channel="root", function="f", company=1, **counts):
    return Key(BEGIN + 60 * minute, channel, function, company), Counts(**counts)


def test_what_was_counted_is_added_in_one_statement(cr):
    statistics.insert(
        cr,
        [
            counted(done=3, waited=1.5, waiting=Counter({7: 2, 9: 1})),
            counted(minute=1, company=None, function=None, failed=2, retried=1),
        ],
    )
    names = "period, seconds, channel, function, company_id, done, failed, retried"
    assert rows(cr, f"{names}, cancelled, waiting_seconds, waiting, duration") == [
        (HOUR, 60, "root", "f", 1, 3, 0, 0, 0, 1.5, {"7": 2, "9": 1}, None),
        (HOUR + _MINUTE, 60, "root", None, None, 0, 2, 1, 0, 0, None, None),
    ]  # fmt: skip


def test_nothing_waits_for_a_transaction_that_counts_too(cr, session):
    other = session(autocommit=False)
    with other.cursor() as slow:
        statistics.insert(slow, [counted(done=1)])
        cr.execute("SET lock_timeout = '1s'")
        statistics.insert(cr, [counted(done=1)])
    other.rollback()
    assert len(rows(cr)) == 1


def test_a_company_that_is_being_changed_keeps_nobody_waiting(cr, session):
    other = session(autocommit=False)
    with other.cursor() as slow:
        slow.execute("SELECT id FROM res_company FOR UPDATE")
        [(company,), *_others] = slow.fetchall()
        cr.execute("SET lock_timeout = '1s'")
        statistics.insert(cr, [counted(company=company, done=1)])
    other.rollback()


def test_of_dispatches_those_are_told_that_stand_or_ended_under_their_number(cr, table):
    ended = {"attempt": 2, "exec_time": 1.5, "date_done": HOUR, "date_failed": HOUR}
    done = table.add("done", **ended)
    failed = table.add("failed", **ended)
    runs = table.add("started", attempt=2)
    back = table.add("pending", attempt=2)
    asked = [(done, 2), (failed, 2), (runs, 2), (back, 2), (done, 1), (0, 1)]
    found = {one.id: one for one in statistics.standing(cr, asked)}
    assert found.keys() == {done, failed, runs}
    assert found[done][1:] == ("done", BEGIN, 1.5)
    assert found[failed][1:] == ("failed", BEGIN, 1.5)
    assert [one.id for one in found.values() if one.is_over] == [done, failed]


def test_what_users_do_is_counted_by_channel_function_and_company(cr, table):
    where = {"channel": "root.x", "channel_method_name": "f", "company_id": 1}
    ids = [table.add("cancelled", **where) for _n in range(3)]
    ids += [table.add("done", **where), table.add("pending", **where)]
    ids.append(table.add("cancelled", channel=None))
    statistics.count_moved(cr, ids)
    names = "channel, function, company_id, done, failed, cancelled"
    assert sorted(rows(cr, names), key=str) == [
        ("root", None, None, 0, 0, 1),
        ("root.x", "f", 1, 1, 0, 3),
    ]


def test_minutes_become_hours_and_nothing_is_lost(cr):
    statistics.insert(
        cr,
        [
            counted(minute=0, done=1, waited=1, waiting=Counter({1: 1})),
            counted(minute=59, done=2, waited=2, waiting=Counter({1: 1, 2: 5})),
            counted(minute=59, done=4, company=None),
            counted(minute=60, done=8),
            counted(minute=61, failed=16),
        ],
    )
    before = HOUR + timedelta(minutes=61)
    assert statistics.roll_up(cr, before, most=100) == 4
    names = "period, seconds, company_id, done, failed, waiting_seconds, waiting"
    assert sorted(rows(cr, names), key=str) == sorted(
        [
            (HOUR, 3600, 1, 3, 0, 3.0, {"1": 2, "2": 5}),
            (HOUR, 3600, None, 4, 0, 0.0, None),
            (HOUR + timedelta(hours=1), 3600, 1, 8, 0, 0.0, None),
            (HOUR + timedelta(minutes=61), 60, 1, 0, 16, 0.0, None),
        ],
        key=str,
    )
    assert statistics.roll_up(cr, before, most=100) == 0


def test_a_part_at_a_time_comes_to_the_same_sum(cr):
    statistics.insert(cr, [counted(minute=n, done=n) for n in range(60)])
    while statistics.roll_up(cr, HOUR + timedelta(hours=1), most=7):
        pass
    assert {row[0] for row in rows(cr, "seconds")} == {3600}
    assert rows(cr, "sum(done)::int", "true GROUP BY period, id")
    cr.execute("SELECT sum(done)::int FROM queue_job_statistics")
    assert cr.fetchall() == [(sum(range(60)),)]


def test_old_rows_are_deleted_the_oldest_first(cr):
    statistics.insert(cr, [counted(minute=n) for n in range(10)])
    before = HOUR + timedelta(minutes=8)
    assert statistics.drop_old(cr, before, most=5) == 5
    assert statistics.drop_old(cr, before, most=5) == 3
    assert len(rows(cr)) == 2


def test_totals_stay_what_they_are(cr):
    statistics.insert(
        cr,
        [counted(minute=n, done=n, failed=1, waited=0.5) for n in range(10)]
        + [counted(channel="root.x", retried=2), counted(channel=None, done=1)],
    )
    expected = [
        ("", 1, 0, 0, 0, 0, 0),
        ("root", 45, 10, 0, 0, 5, 0),
        ("root.x", 0, 0, 2, 0, 0, 0),
    ]
    assert statistics.totals(cr) == expected
    statistics.roll_up(cr, HOUR + 5 * _MINUTE, most=3)
    assert statistics.totals(cr) == expected
    statistics.roll_up(cr, HOUR + 5 * _MINUTE, most=100)
    assert statistics.totals(cr) == expected
    statistics.drop_old(cr, HOUR + timedelta(hours=1), most=100)
    assert statistics.totals(cr) == expected
    assert rows(cr) == []


@pytest.mark.parametrize("name", ["roll_up", "drop_old"])
def test_housekeeping_reads_no_more_than_it_removes(cr, name):
    cr.execute(
        "INSERT INTO queue_job_statistics (period, seconds, channel)"
        " SELECT now() - n * interval '1 minute', CASE WHEN n < 3000 THEN 60 ELSE 3600"
        " END, 'root' FROM generate_series(1, %s) n",
        (MANY,),
    )
    cr.execute("ANALYZE queue_job_statistics")
    cr.execute("SELECT min(period) + interval '1 hour' FROM queue_job_statistics")
    params = {"before": cr.fetchall()[0][0], "most": 500, "minute": 60, "hour": 3600}
    cr.execute("EXPLAIN " + getattr(load("statistics"), name), params)
    plan = "\n".join(line for (line,) in cr.fetchall())
    index = "minute" if name == "roll_up" else "period"
    assert f"queue_job_statistics__{index}_idx" in plan or (
        f"queue_job_statistics_{index}_idx" in plan
    )
    assert "Seq Scan on queue_job_statistics" not in plan
