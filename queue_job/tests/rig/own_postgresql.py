# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A PostgreSQL of a test's own, which may be stopped and killed."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg2
from rig.databases import TestDatabase
from rig.postgresql import PATIENCE

_STARTS_WITHIN = PATIENCE


class OwnPostgresql:
    """A cluster on a socket in a folder of its own.

    :param programs: folder of ``initdb`` and ``postgres``
    """

    def __init__(self, programs):
        self._programs = Path(programs)
        # the name of a socket has to be short
        self.folder = Path(tempfile.mkdtemp(prefix="qjpg"))
        self._data = self.folder / "data"
        self._as = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.folder, "nobody", "nogroup")
            self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        self._variables = {**kept, "LC_ALL": "C.UTF-8"}
        self.where = {"host": str(self.folder), "port": "5432", "user": "odoo"}
        words = ["-U", "odoo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self._run("initdb", "-N", "-D", self._data, *words)
        self._server = None
        self.start()

    def start(self):
        """Start, and wait until it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "shared_buffers": "64MB",
            "max_connections": "100",
            # no host crashes here, and a busy disk would hold up the recovery
            "fsync": "off",
        }
        words = [word for k, v in options.items() for word in ("-c", f"{k}={v}")]
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._variables,
            cwd=self.folder,
            **self._as,
        )
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                psycopg2.connect(dbname="postgres", **self.where).close()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise
                time.sleep(0.05)

    @property
    def pid(self):
        return self._server.pid

    def start_again(self):
        """Start once it has ended, by whatever."""
        self._server.wait(PATIENCE)
        self.start()

    def stop(self, number=signal.SIGINT):
        """Stop: SIGINT ends all sessions, SIGQUIT is a crash, recovered from later."""
        self._server.send_signal(number)
        self._server.wait(PATIENCE)

    def copy(self, database):
        """A copy of a database of the usual server."""
        name = database.name
        self._run("createdb", name)
        kept = {k: v for k, v in os.environ.items() if k.startswith("PG")}
        dump = subprocess.Popen(
            [self._programs / "pg_dump", "-Fp", "--no-owner", name],
            env={**self._variables, **kept},
            stdout=subprocess.PIPE,
        )
        self._run("psql", "-qXd", name, stdin=dump.stdout)
        assert dump.wait() == 0
        return SturdyDatabase(name, self.where)

    def remove(self):
        if self._server is not None and self._server.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *words, **how):
        variables = {"PGHOST": self.where["host"], "PGUSER": "odoo", "PGPORT": "5432"}
        subprocess.run(
            [self._programs / program, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**self._variables, **variables},
            cwd=self.folder,
            **{**self._as, **how},
        )


class SturdyDatabase(TestDatabase):
    """A database whose PostgreSQL may be away for a while."""

    def rows(self, query, *parameters):
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                return super().rows(query, *parameters)
            except psycopg2.Error as error:
                # psycopg2 does not always notice that a connection is dead
                is_dead = self.connection.closed or not error.pgcode
                if not is_dead or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
                self._reconnect()

    def _reconnect(self):
        self.close()
        with suppress(psycopg2.OperationalError):
            self.connect()
