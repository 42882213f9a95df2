# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases with the addon installed, and their rows."""

import itertools
import json
import os
import uuid
from contextlib import suppress

import psycopg2
from psycopg2.extras import RealDictCursor
from rig.odoo_command import run_odoo
from rig.postgresql import (
    PATIENCE,
    connect,
    create_database,
    drop_database,
    wait_until,
)
from rig.surroundings import database_prefix

_INSTALL = ("-i", "queue_job", "--stop-after-init")


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
        self.connection = connect(self.name, **self.where)

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
        query_jobs = "SELECT uuid, state, attempt, retry, eta FROM queue_job LIMIT 20"
        return wait_until(
            lambda: self.value(query, *parameters),
            expected,
            lambda found: f"{query}: {found!r}, {self.rows(query_jobs)}",
            timeout,
        )

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
        self._numbers = itertools.count(1)
        self._made = {}
        self.template = self._name("template")
        create_database(self.template, os.environ["QUEUE_JOB_TEMPLATE_DB"])
        run_odoo("server", self.template, *_INSTALL)
        run_odoo("shell", self.template, script="make_prototype.py")

    def create(self, name=None):
        """A new database with the addon; its identity and secret are its own."""
        name = name or self._name(str(next(self._numbers)))
        create_database(name, self.template)
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
        create_database(name, os.environ["QUEUE_JOB_TEMPLATE_DB"])
        made = self._made[name] = TestDatabase(name)
        return made

    def install(self, database):
        """Install the addon, as an administrator would."""
        run_odoo("server", database.name, *_INSTALL)

    def drop(self, database):
        database.close()
        self._made.pop(database.name, None)
        drop_database(database.name)

    def drop_all(self):
        for made in list(self._made.values()):
            self.drop(made)
        drop_database(self.template)

    def _name(self, suffix):
        return f"{database_prefix()}r{os.getpid()}_{suffix}"
