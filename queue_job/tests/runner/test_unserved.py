# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real server that stores jobs, and runs none for want of a setting, says so."""

import pytest
from rig.postgresql import connect, end_session, wait_until

_WARNING = "no runner serves it: add queue_job to server_wide_modules"


def make_cron(database):
    """Make a cron that delays a job, the only one; return its id."""
    database.rows("UPDATE ir_cron SET active = false")
    model = "(SELECT id FROM ir_model WHERE model = 'queue.job')"
    action = database.value(
        "INSERT INTO ir_act_server (name, type, model_id, state, code,"
        " usage, binding_type)"
        f" VALUES ('{{\"en_US\": \"delay\"}}', 'ir.actions.server', {model},"
        " 'code', 'model.with_delay()._test_job()', 'ir_cron', 'action')"
        " RETURNING id"
    )
    return database.value(
        "INSERT INTO ir_cron (ir_actions_server_id, cron_name, user_id, active,"
        " interval_number, interval_type, nextcall, priority, failure_count)"
        " VALUES (%s, 'delay', 1, true, 1, 'days', now(), 5, 0) RETURNING id",
        action,
    )


@pytest.mark.expects(_WARNING)
def test_a_server_without_the_module_is_told_that_nobody_runs_its_jobs(
    servers, database
):
    cron = make_cron(database)
    server = servers(
        "threaded", [database], server_wide="base,web",
        options={"max_cron_threads": "1"},
    )  # fmt: skip
    main = connect("postgres")

    def is_told():
        database.rows(
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 hour'"
            " WHERE id = %s AND nextcall > now() AT TIME ZONE 'UTC'",
            cron,
        )
        with main.cursor() as cr:
            cr.execute("SELECT pg_notify('cron_trigger', %s)", (database.name,))
        return any(_WARNING in line for line in list(server.lines))

    try:  # at the second look, a minute after the first
        wait_until(is_told, True, lambda found: "no warning", pause=1.0)
    finally:
        end_session(main)
    assert database.value("SELECT count(*) FROM queue_job WHERE state = 'pending'") >= 2
