# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo queue_job`` as operators call it: a process of its own."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def command(database):
    """Runs the command; returns (status, stdout, stderr)."""

    def call(*words, db_name=None):
        done = subprocess.run(
            [
                sys.executable, os.environ["ODOO_BIN"],
                f"--addons-path={os.environ['ODOO_ADDONS_PATH']}", "queue_job", *words,
                "-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", db_name or database.name,
            ],
            text=True,
            capture_output=True,
            timeout=180,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return call


def test_status_tells_whether_a_runner_serves_the_database(database, servers, command):
    status, stdout, _stderr = command("status", "--json")
    assert (status, json.loads(stdout)["status"]) == (1, "critical")
    servers("threaded", [database]).wait_until_ready()
    status, stdout, stderr = command("status", "--json")
    told = json.loads(stdout)
    assert (status, told["status"]) == (0, "ok"), stderr
    assert told["leader_seen"] < 30


def test_a_job_runs_in_the_process_and_its_log_is_shown(database, command):
    [uuid] = database.delay()
    status, stdout, stderr = command("run", uuid)
    assert status == 0, stderr
    assert database.states([uuid]) == {uuid: "done"}
    assert f"runs job {uuid}" in stderr
    assert "done" in stdout
    assert database.value("SELECT attempt FROM queue_job WHERE uuid = %s", uuid) == 1


def test_what_is_moved_lasts_and_is_logged(database, command):
    uuids = database.delay(3, state="failed")
    status, stdout, stderr = command("requeue", "--state", "failed", "--yes")
    assert (status, stdout) == (0, "3 jobs moved.\n"), stderr
    assert set(database.states(uuids).values()) == {"pending"}
    assert "odoo queue_job: requeue moved 3 jobs" in stderr


def test_a_database_that_is_not_there(command):
    status, stdout, stderr = command("status", db_name="no_such_database")
    assert (status, stdout) == (1, "")
    assert "no_such_database" in stderr


def test_usage_and_help_need_no_database():
    odoo = [sys.executable, os.environ["ODOO_BIN"]]
    odoo += [f"--addons-path={os.environ['ODOO_ADDONS_PATH']}", "queue_job"]
    helped = subprocess.run([*odoo, "--help"], text=True, capture_output=True)
    assert helped.returncode == 0
    assert "odoo queue_job doctor" in helped.stdout
    wrong = subprocess.run([*odoo, "dance"], text=True, capture_output=True)
    assert (wrong.returncode, wrong.stdout) == (2, "")
