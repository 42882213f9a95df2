# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job that another program delays in SQL is run by a server, or fails of what its row
holds."""

import pytest

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


@pytest.mark.expects("cannot be read")
def test_rows_that_cannot_be_read_fail_once_and_those_around_them_run(
    database, servers
):
    # Given a row of each kind, as a program inserts it, among others
    with database.connection.cursor() as cr:
        delay_in_sql.declare(cr, ["<queue.job>._test_job"])
    delay = "SELECT queue_job_delay('queue.job', '_test_job', '{}', 2) AS uuid"
    uuids = [database.rows(delay)[0]["uuid"] for _number in range(8)]
    odd = {
        uuids[1]: ("args", f"[{'9' * 5_000}]"),
        uuids[3]: ("kwargs", f'{{"a": {"[" * 1_500}{"]" * 1_500}}}'),
        uuids[5]: ("eta", "0044-03-15 BC"),
    }
    for uuid, (column, value) in odd.items():
        database.rows(
            f"UPDATE queue_job SET {column} = %s WHERE uuid = %s RETURNING id",
            value,
            uuid,
        )
    # When a server runs them
    server = servers("threaded", [database])
    server.wait_until_ready()
    # Then each of them has one attempt, and the others have theirs
    database.wait_for_state("failed", list(odd))
    database.wait_for_state("done", [uuid for uuid in uuids if uuid not in odd])
    rows = database.rows(
        "SELECT attempt, exc_name, exc_message FROM queue_job WHERE state = 'failed'"
    )
    assert [row["attempt"] for row in rows] == [1, 1, 1]
    assert all("cannot be read" in row["exc_message"] for row in rows)
    server.stop()
