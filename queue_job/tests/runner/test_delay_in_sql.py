# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job that another program delays in SQL is run by a server."""

from odoo.addons.queue_job.store import delay_in_sql


def test_what_is_delayed_in_sql_runs(database, servers):
    with database.connection.cursor() as cr:
        delay_in_sql.declare(cr, ["<queue.job>._test_job"])
    [call] = database.rows(
        "SELECT queue_job_delay('queue.job', '_test_job', '{}', 2,"
        " kwargs => '{\"job_duration\": 0}') AS uuid"
    )
    server = servers("threaded", [database])
    server.wait_until_ready()
    database.wait_for_state("done", [call["uuid"]])
    server.stop()
