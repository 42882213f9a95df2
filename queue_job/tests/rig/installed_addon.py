# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An Odoo that knows the addon from its wheel alone, with a database of its own."""

import os
import select
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import requests

_PREFIX = os.environ.get("QUEUE_JOB_TEST_DB_PREFIX", "qj_packaging_")
_TIMEOUT = 120


class InstalledAddon:
    """Runs Odoo where the wheel is installed."""

    def __init__(self, python, folder):
        self.folder = folder
        self.database = f"{_PREFIX}wheel{os.getpid()}"
        self.port = int(os.environ["QUEUE_JOB_PORT_BASE"])
        self._python = python
        self._has_database = False

    def create_database(self):
        """A fresh database with the addon."""
        template = os.environ["QUEUE_JOB_TEMPLATE_DB"]
        self._administer(f'CREATE DATABASE "{self.database}" TEMPLATE "{template}"')
        self._has_database = True
        self.run("server", "-i", "queue_job", "--stop-after-init")

    def drop(self):
        if self._has_database:
            self._administer(f'DROP DATABASE "{self.database}" WITH (FORCE)')

    def run(self, command, *words, script=None):
        """One command of Odoo to its end; returns what it printed."""
        done = subprocess.run(
            self._command(command, *words, "--no-http"),
            env=self._variables(),
            input=script,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    @contextmanager
    def serving(self):
        """A threaded server with the runner inside."""
        log = Path(os.environ["QUEUE_JOB_LOG_DIR"], "wheel.log")
        words = ["--load=base,web,queue_job", f"--http-port={self.port}"]
        words += ["--http-interface=127.0.0.1", "--max-cron-threads=0"]
        with log.open("w") as output:
            server = subprocess.Popen(
                self._command("server", *words),
                env={**self._variables(), "ODOO_QUEUE_JOB_CHANNELS": "root:2"},
                stdout=output,
                stderr=output,
            )
        try:
            yield log
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            finally:
                server.kill()

    def fetch(self, path):
        """What the server answers: status and body."""
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = {"X-Odoo-Database": self.database}
        answer = requests.get(url, headers=headers, timeout=_TIMEOUT)
        return answer.status_code, answer.content

    def wait_for(self, query, *parameters, expected=True):
        """Wait until the database says what is expected."""
        deadline = time.monotonic() + _TIMEOUT
        connection = psycopg2.connect(dbname=self.database)
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                found = None
                while time.monotonic() < deadline:
                    cr.execute(query, parameters)
                    found = (cr.fetchone() or [None])[0]
                    if found == expected:
                        return
                    select.select([], [], [], 0.05)
                raise AssertionError(f"{query}: {found!r} after {_TIMEOUT} s")
        finally:
            connection.close()

    def _command(self, command, *words):
        odoo = [self._python, os.environ["ODOO_BIN"], command]
        conf = os.environ["QUEUE_JOB_SERVER_RC"]
        own = ["-c", conf, "-d", self.database, f"--addons-path={_odoo_addons()}"]
        return [*map(str, odoo), *own, *words]

    def _variables(self):
        """The environment without any way to the checkout."""
        checkout = Path(__file__).resolve().parents[3]
        paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        kept = [path for path in paths if path and Path(path).resolve() != checkout]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(kept)}

    def _administer(self, statement, tries=50):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cr:
                for left in reversed(range(tries)):
                    try:
                        return cr.execute(statement)
                    except psycopg2.errors.ObjectInUse:  # another session copies it
                        if not left:
                            raise
                        select.select([], [], [], 0.2)
        finally:
            connection.close()


def _odoo_addons():
    paths = os.environ["ODOO_ADDONS_PATH"].split(",")
    return ",".join(p for p in paths if not Path(p, "queue_job").exists())
