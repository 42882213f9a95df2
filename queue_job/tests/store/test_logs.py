# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Logs of a job are bounded, and go with it."""

from odoo.addons.queue_job.store import logs
from odoo.addons.queue_job.store.dispatch import DispatchedJob


def kept(cr, job_id):
    cr.execute(
        "SELECT attempt, text, lines_cut FROM queue_job_log WHERE job_id = %s"
        " ORDER BY id",
        (job_id,),
    )
    return cr.fetchall()


def test_the_latest_are_kept(cr, table):
    job_id, other = table.add(), table.add()
    logs.write(cr, DispatchedJob(other, "", 1), "other", 0)
    for number in range(1, logs.MOST_LOGS + 4):
        logs.write(cr, DispatchedJob(job_id, "", number), f"log {number}", number)
    found = kept(cr, job_id)
    assert len(found) == logs.MOST_LOGS
    assert found[0] == (4, "log 4", 4)
    assert kept(cr, other) == [(1, "other", 0)]


def test_a_job_that_is_gone_has_none(cr, table):
    job_id = table.add()
    logs.write(cr, DispatchedJob(job_id, "", 1), "log", 0)
    cr.execute("DELETE FROM queue_job WHERE id = %s", (job_id,))
    assert kept(cr, job_id) == []
    logs.write(cr, DispatchedJob(job_id, "", 1), "log", 0)
    assert kept(cr, job_id) == []
