# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What breaks is told: to a monitor by the route, to managers by the cron, both of a
server that runs no jobs itself."""

import os
import signal
import socket
import threading
from contextlib import contextmanager

import pytest
import requests
from rig.postgresql import connect, end_session, wait_until

#: Seconds until a dispatched job that no worker takes is told of: the least there is.
SECTION = {"alert_unbegun": "5"}
_ALERT = "ir_cron_queue_job_alert"
_CRON = "(SELECT res_id FROM ir_model_data WHERE module = 'queue_job' AND name = %s)"


def ask(server):
    """Ask a server how the queue is; return the status, and the names of findings."""
    answer = requests.get(
        f"http://127.0.0.1:{server.port}/queue_job/health", timeout=60
    )
    return answer.status_code, answer.json()["findings"]


def wait_until_told(server, *findings):
    """Wait until a monitor is told of one of these."""

    def look():
        status, found = ask(server)
        return status == 503 and bool(set(found) & set(findings))

    wait_until(look, True, lambda found: f"{ask(server)}, not 503 and {findings}")


def wait_until_well(server):
    wait_until(lambda: ask(server)[0], 200, lambda found: f"{ask(server)}, not 200")


@pytest.fixture
def monitored(servers, database):
    """A server that answers monitors and runs crons, and no jobs. The cron of alerts is
    the only one."""
    database.rows(f"UPDATE ir_cron SET active = id = {_CRON}", _ALERT)
    server = servers(
        "threaded", [database], "root:0", section=SECTION,
        options={"max_cron_threads": "1"},
    )  # fmt: skip
    server.wait_for("HTTP service")
    return server


def run_alert_cron(database):
    """Let the cron run once; return when it has. The server is told of it until then,
    since it may not listen yet."""
    before = _last_call(database)
    database.rows(
        "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 hour'"
        f" WHERE id = {_CRON}",
        _ALERT,
    )
    main = connect("postgres")

    def has_run():
        with main.cursor() as cr:
            cr.execute("SELECT pg_notify('cron_trigger', %s)", (database.name,))
        return _last_call(database) != before

    try:
        wait_until(has_run, True, lambda found: "the cron did not run", pause=0.3)
    finally:
        end_session(main)


def _last_call(database):
    return database.value(f"SELECT lastcall FROM ir_cron WHERE id = {_CRON}", _ALERT)


def alerts(database):
    return database.value(
        "SELECT count(*)::int FROM mail_message WHERE subject LIKE 'Job queue of %%'"
        " AND body LIKE '%%No runner serves this database%%'"
    )


@pytest.mark.faults
def test_a_killed_runner_is_told_to_monitors_and_managers(servers, database, monitored):
    runner = servers("threaded", [database])
    runner.wait_until_ready()
    wait_until_well(monitored)
    runner.kill_all()
    wait_until_told(monitored, "no_leader")
    run_alert_cron(database)
    assert alerts(database) == 0  # a restart is no fault
    run_alert_cron(database)
    assert alerts(database) == 1
    servers("threaded", [database]).wait_until_ready()
    wait_until_well(monitored)


@pytest.mark.expects("the job runner stays off")
def test_a_wrong_channel_string_is_told_by_the_server_that_has_it(servers, database):
    server = servers("threaded", [database], "root:x")
    server.wait_for("HTTP service")
    wait_until_told(server, "no_leader")


@pytest.mark.faults
def test_frozen_workers_are_told(servers, database, monitored):
    server = servers("prefork", [database])
    server.wait_until_ready()
    database.wait_for_state("done", database.delay())
    frozen = server.worker_pids("WorkerHTTP")
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        uuids = database.delay(3)
        # a leader that cannot reach its workers may give up the lead first
        wait_until_told(monitored, "unbegun", "no_leader")
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    database.wait_for_state("done", uuids)
    wait_until_well(monitored)


class SilentMailServer:
    """Accepts connections, and says nothing."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.accepted = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                self.accepted.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self):
        self._listener.close()
        for connection in self.accepted:
            connection.close()


@contextmanager
def silent_mail_server(database):
    """Odoo's only mail server, to which it never gets through."""
    server = SilentMailServer()
    database.rows(
        "INSERT INTO ir_mail_server (name, smtp_host, smtp_port, smtp_encryption,"
        " smtp_authentication, active, sequence)"
        " VALUES ('silent', '127.0.0.1', %s, 'none', 'login', true, 1)",
        server.port,
    )
    database.rows("UPDATE res_users SET notification_type = 'email'")
    try:
        yield server
    finally:
        server.close()


def test_no_alert_waits_for_a_mail_server(database, monitored):
    with silent_mail_server(database) as mail_server:
        run_alert_cron(database)
        run_alert_cron(database)
        assert alerts(database) == 1
        sent = "SELECT count(*) > 0 AND bool_and(state = 'outgoing') FROM mail_mail"
        assert database.value(sent)
        assert mail_server.accepted == []
