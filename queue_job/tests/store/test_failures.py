# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failures are counted, whoever counts at the same time."""

import threading

import pytest

from odoo.addons.queue_job.core.fingerprint import Fingerprint
from odoo.addons.queue_job.store import failures
from odoo.addons.queue_job.store.dispatch import DispatchedJob

SEEN = Fingerprint("0123456789abcdef", "OSError", "no <number>", "shop/order.py export")


@pytest.fixture(autouse=True)
def no_failures(cr):
    cr.execute("DELETE FROM queue_job_failure")


def failed(table, **columns):
    columns.setdefault("channel_method_name", "<shop.order>.export")
    job_id = table.add("failed", attempt=1, **columns)
    return DispatchedJob(job_id, "", 1)


def counted(cr):
    cr.execute("SELECT id, times, status, is_back FROM queue_job_failure ORDER BY id")
    return cr.fetchall()


def test_the_same_failure_is_counted_on(cr, table):
    for _number in range(3):
        failures.note(cr, failed(table), SEEN)
    [(failure_id, times, status, is_back)] = counted(cr)
    assert (times, status, is_back) == (3, "open", False)
    cr.execute("SELECT sum(times) FROM queue_job_failure_hour")
    assert cr.fetchall() == [(3,)]
    cr.execute("SELECT count(*) FROM queue_job WHERE failure_id = %s", (failure_id,))
    assert cr.fetchall() == [(3,)]


def test_a_job_that_was_moved_on_does_not_say_it(cr, table):
    jobs = [failed(table), failed(table)]
    cr.execute("UPDATE queue_job SET state = 'pending' WHERE id = %s", (jobs[0].id,))
    cr.execute("UPDATE queue_job SET attempt = 2 WHERE id = %s", (jobs[1].id,))
    for job in jobs:
        failures.note(cr, job, SEEN)
    assert [table.row(job.id)["failure_id"] for job in jobs] == [None, None]
    assert [row[1] for row in counted(cr)] == [2]


def test_a_job_that_is_gone_is_not_counted(cr):
    failures.note(cr, DispatchedJob(2**31 - 1, "", 1), SEEN)
    assert counted(cr) == []


def test_a_fixed_one_comes_back_once(cr, table):
    failures.note(cr, failed(table), SEEN)
    cr.execute("UPDATE queue_job_failure SET status = 'fixed'")
    back = failed(table)
    failures.note(cr, back, SEEN)
    failures.note(cr, failed(table), SEEN)
    [(_id, times, status, is_back)] = counted(cr)
    assert (times, status, is_back) == (3, "open", True)
    cr.execute("SELECT told_job_id FROM queue_job_failure")
    assert cr.fetchall() == [(back.id,)]


def test_one_job_at_a_time_is_to_tell_of_it(cr, table):
    first, second, third = (failed(table) for _number in range(3))
    failure_id = failures.note(cr, first, SEEN)
    assert failure_id
    assert failures.note(cr, second, SEEN) is None
    failures.note_told(cr, second, failure_id, was_told=True)  # it was not asked to
    failures.note_told(cr, first, failure_id, was_told=False)
    assert failures.note(cr, second, SEEN) == failure_id
    failures.note_told(cr, second, failure_id, was_told=True)
    assert failures.note(cr, third, SEEN) is None


def test_who_was_to_tell_of_it_and_died_is_not_waited_for_long(cr, table):
    failure_id = failures.note(cr, failed(table), SEEN)
    cr.execute(
        "UPDATE queue_job_failure SET tell_after = tell_after - interval '301 seconds'"
    )
    assert failures.note(cr, failed(table), SEEN) == failure_id


def test_the_names_of_functions_are_bounded(cr, table):
    for number in range(100):
        job = failed(table, channel_method_name=f"<a.model>.method_number_{number}")
        failures.note(cr, job, SEEN)
    cr.execute("SELECT length(functions) FROM queue_job_failure")
    [(length,)] = cr.fetchall()
    assert length < failures._MOST_FUNCTIONS + 100


def test_who_counts_at_the_same_time_waits_and_none_is_lost(cr, table, session):
    failures.note(cr, failed(table), SEEN)
    first, second = failed(table), failed(table)
    one, other = session(autocommit=False), session()
    one.set_session(isolation_level="READ COMMITTED")

    with one.cursor() as ours, other.cursor() as theirs:
        failures.note(ours, first, SEEN)
        counting = threading.Thread(target=failures.note, args=(theirs, second, SEEN))
        counting.start()
        one.commit()
        counting.join()

    assert [row[1] for row in counted(cr)] == [3]


def test_who_has_the_job_keeps_nobody_from_counting(cr, table, session):
    job = failed(table)
    with session(autocommit=False).cursor() as theirs:
        theirs.execute("UPDATE queue_job SET priority = 1 WHERE id = %s", (job.id,))
        cr.execute("SET lock_timeout = '2s'")
        failures.note(cr, job, SEEN)
    assert [row[1] for row in counted(cr)] == [1]


def test_to_forget_reads_no_table_of_jobs(cr, table):
    cr.execute(
        "INSERT INTO queue_job (uuid, state) SELECT 'old-' || n, 'done'"
        " FROM generate_series(1, 30000) n"
    )
    failures.note(cr, failed(table), SEEN)
    cr.execute(
        "ANALYZE queue_job; UPDATE queue_job_failure SET last_seen = '2000-01-01'"
    )
    cr.execute(f"EXPLAIN {failures._SQL.forget}", {"before": "2020-01-01"})
    plan = "\n".join(line for (line,) in cr.fetchall())
    assert "queue_job_same_failure_idx" in plan or "queue_job__same_failure_idx" in plan
    assert "Seq Scan on queue_job\n" not in plan

    assert failures.forget(cr, "2020-01-01") == []
    cr.execute("DELETE FROM queue_job WHERE state = 'failed'")
    assert len(failures.forget(cr, "2020-01-01")) == 1
