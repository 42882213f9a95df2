# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The queue's own connections through a real PgBouncer."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2
import pytest
from rig.loop import looping
from rig.postgresql import PATIENCE, wait_until
from test_balancer import find, surroundings

from odoo.addons.queue_job.db import connection

SETTINGS = """
[databases]
{name} = {server}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = {mode}
"""


@pytest.fixture
def pgbouncer(database, monkeypatch):
    """Starts a pooler of a mode before the database, for the queue's connections."""
    program = find("pgbouncer")
    if program is None:
        pytest.skip("needs pgbouncer: apt install pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="qjpgb"))  # as short as a socket wants it
    started = []

    def start(mode):
        server = f"host={os.environ['PGHOST']} dbname={database.name}"
        for key in ("port", "user", "password"):
            if value := os.environ.get(f"PG{key.upper()}"):
                server += f" {key}={value}"
        file = folder / "pgbouncer.ini"
        file.write_text(
            SETTINGS.format(name=database.name, server=server, folder=folder, mode=mode)
        )
        identity = {}
        if os.geteuid() == 0:  # it refuses to run as root
            shutil.chown(folder, "nobody", "nogroup")
            identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        log = (folder / "log").open("a")
        process = subprocess.Popen(
            [program, file], stdout=log, stderr=log, env=surroundings(), **identity
        )
        started.append(process)
        wait_until(
            (folder / ".s.PGSQL.6432").exists,
            True,
            lambda _found: (folder / "log").read_text(),
        )
        monkeypatch.setenv("ODOO_QUEUE_JOB_JOBRUNNER_DB_HOST", str(folder))
        monkeypatch.setenv("ODOO_QUEUE_JOB_JOBRUNNER_DB_PORT", "6432")

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)
    shutil.rmtree(folder)


def test_one_that_shares_sessions_is_refused_naming_the_setting(pgbouncer, database):
    pgbouncer("transaction")
    with pytest.raises(psycopg2.Error, match="jobrunner_db_host"):
        connection.connect(database.name)


def test_through_one_that_keeps_sessions_jobs_are_dispatched(pgbouncer, database):
    pgbouncer("session")
    with looping([database]) as loop:
        assert loop.round() == []
        [job] = database.delay()
        assert loop.round_on_news() == [job]
        loop.worker(job).does()
        assert loop.round() == []
