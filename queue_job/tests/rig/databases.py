# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases with the addon installed, and their rows."""

import itertools
import json
import os
import select
import subprocess
import sys
import time
import uuid
from contextlib import suppress

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.extras import RealDictCursor

PREFIX = os.environ.get("QUEUE_JOB_TEST_DBPREFIX", "qj_runner_")
#: Seconds to wait for what has no time of its own: the machine may be busy.
PATIENCE = 120.0
#: A row of a job that Odoo itself stored; tests insert copies of it.
_MAKE_PROTOTYPE = """
env["queue.job"].with_delay(description="prototype")._test_job()
env.flush_all()
env.cr.execute("CREATE TABLE queue_job_prototype AS SELECT * FROM queue_job")
env.cr.execute("DELETE FROM queue_job")
env.cr.execute("ALTER TABLE queue_job_prototype DROP COLUMN id")
env.cr.commit()
"""


class TestDatabase:
    """A database, and a connection that commits at once.

    :param where: how to connect, where it is not on the usual server
    """

    __test__ = False

    def __init__(self, name, where=None):
        self.name = name
        self.where = where or {}
        self.connect()

    def connect(self):
        self.connection = _connect(self.name, **self.where)

    def rows(self, query, *parameters):
        """The rows of a query as dictionaries."""
        named = (
            parameters[0] if parameters and isinstance(parameters[0], dict) else None
        )
        with self.connection.cursor(cursor_factory=RealDictCursor) as cr:
            cr.execute(query, named or parameters)
            return [dict(row) for row in cr.fetchall()] if cr.description else []

    def value(self, query, *parameters):
        rows = self.rows(query, *parameters)
        return next(iter(rows[0].values())) if rows else None

    def delay(self, _count=1, _kwargs=None, **columns):
        """Insert jobs of ``queue.job._test_job``; returns their uuids."""
        if _kwargs is not None:
            columns["kwargs"] = json.dumps(_kwargs)
        with self.connection.cursor() as cr:
            cr.execute("SELECT * FROM queue_job_prototype LIMIT 0")
            kept = [c.name for c in cr.description if c.name not in columns]
        kept = [name for name in kept if name not in ("uuid", "date_created")]
        names = ["uuid", "date_created", *kept, *columns]
        uuids = [str(uuid.uuid4()) for _i in range(_count)]
        if "uuid" in columns:
            names, uuids = names[1:], [columns["uuid"]]
        values = ["now() AT TIME ZONE 'UTC'", *kept, *["%s" for _c in columns]]
        if "date_created" in columns:
            names.remove("date_created")
            values = values[1:]
        if "uuid" not in columns:
            values = ["new.uuid", *values]
        self.rows(
            f"INSERT INTO queue_job ({', '.join(names)}) SELECT {', '.join(values)}"
            " FROM queue_job_prototype, unnest(%s) WITH ORDINALITY AS new (uuid, n)"
            " ORDER BY n",
            *columns.values(),
            uuids,
        )
        return uuids

    def states(self, uuids=None):
        """State of each job, or of those named, by uuid."""
        rows = self.rows("SELECT uuid, state FROM queue_job ORDER BY id")
        found = {row["uuid"]: row["state"] for row in rows}
        return found if uuids is None else {u: found.get(u) for u in uuids}

    def wait_for(self, query, *parameters, expected=True, timeout=PATIENCE):
        """Wait until a query says what is expected."""
        deadline = time.monotonic() + timeout
        while (found := self.value(query, *parameters)) != expected:
            if time.monotonic() > deadline:
                jobs = self.rows(
                    "SELECT uuid, state, attempt, retry, eta FROM queue_job LIMIT 20"
                )
                raise AssertionError(f"{query}: {found!r} after {timeout} s; {jobs}")
            select.select([], [], [], 0.03)
        return found

    def wait_for_state(self, state, uuids, timeout=PATIENCE):
        """Wait until all these jobs are in a state."""
        self.wait_for(
            "SELECT count(*) FROM queue_job WHERE uuid = ANY(%s) AND state = %s",
            list(uuids),
            state,
            expected=len(uuids),
            timeout=timeout,
        )

    def close(self):
        with suppress(psycopg2.Error):
            self.connection.close()


class Databases:
    """Makes databases from a template that has the addon."""

    def __init__(self):
        self._maintenance = _connect("postgres")
        self._numbers = itertools.count(1)
        self._made = {}
        self.template = self._name("template")
        self._create(self.template, os.environ["QUEUE_JOB_TEMPLATE_DB"])
        _odoo("server", self.template, "-i", "queue_job", "--stop-after-init")
        _odoo("shell", self.template, "--no-http", text=_MAKE_PROTOTYPE)

    def create(self, name=None):
        """A new database with the addon; its identity and secret are its own."""
        name = name or self._name(str(next(self._numbers)))
        self._create(name, self.template)
        made = self._made[name] = TestDatabase(name)
        for key in ("database.uuid", "database.secret"):
            made.rows(
                "UPDATE ir_config_parameter SET value = %s WHERE key = %s",
                str(uuid.uuid4()),
                key,
            )
        return made

    def bare(self):
        """A new database with Odoo, without the addon."""
        name = self._name(str(next(self._numbers)))
        self._create(name, os.environ["QUEUE_JOB_TEMPLATE_DB"])
        made = self._made[name] = TestDatabase(name)
        return made

    def install(self, database):
        """Install the addon, as an administrator would."""
        _odoo("server", database.name, "-i", "queue_job", "--stop-after-init")

    def drop(self, database):
        database.close()
        self._made.pop(database.name, None)
        with self._maintenance.cursor() as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    def drop_all(self):
        for made in list(self._made.values()):
            self.drop(made)
        with self._maintenance.cursor() as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')
        self._maintenance.close()

    def _name(self, suffix):
        return f"{PREFIX}r{os.getpid()}_{suffix}"

    def _create(self, name, template, tries=50):
        with self._maintenance.cursor() as cr:
            for left in reversed(range(tries)):
                try:
                    cr.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                    return
                except psycopg2.errors.ObjectInUse:  # another session copies it
                    if not left:
                        raise
                    select.select([], [], [], 0.2)


def _connect(name, **where):
    connection = psycopg2.connect(dbname=name, **where)
    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    return connection


def _odoo(command, database, *words, text=None):
    """Run a command of Odoo to its end."""
    port = os.environ.get("QUEUE_JOB_PORT_BASE", "18069")
    run = [sys.executable, os.environ["ODOO_BIN"], command]
    run += ["-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", database]
    run += ["--log-level=warn", *(["--http-port", port] if "-i" in words else [])]
    done = subprocess.run(
        [*run, *words], input=text, text=True, capture_output=True, timeout=180
    )
    if done.returncode or "Traceback" in done.stderr:
        said = f"{done.stdout[-500:]}{done.stderr[-3000:]}"
        raise AssertionError(f"{run} {words}: {said}")
