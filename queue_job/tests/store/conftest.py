# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real PostgreSQL with the addon's tables, and sessions on it; no Odoo in between.

The tables are made once, by Odoo itself; each test begins with empty ones.
"""

import os
import uuid

import pytest
from psycopg2 import sql
from rig import thoroughness
from rig.addon_alone import use_addon_alone
from rig.odoo_command import run_odoo
from rig.postgresql import connect, create_database, drop_database
from rig.surroundings import database_prefix, need


def pytest_configure(config):
    need("store")
    use_addon_alone()
    thoroughness.choose()


@pytest.fixture(scope="session")
def database():
    """Name of a database with the addon installed."""
    name = f"{database_prefix()}store"
    create_database(name, os.environ["QUEUE_JOB_TEMPLATE_DB"])
    run_odoo("server", name, "-i", "queue_job", "--stop-after-init")
    yield name
    drop_database(name)


@pytest.fixture
def session(database):
    """Opens sessions: autocommit, as the runner's and the liveness connections are."""
    opened = []

    def open_session(autocommit=True):
        connection = connect(database)
        connection.autocommit = autocommit
        opened.append(connection)
        return connection

    yield open_session
    for connection in opened:
        connection.close()


@pytest.fixture
def cr(session):
    """Cursor of a session on empty tables."""
    with session().cursor() as cursor:
        cursor.execute("DELETE FROM queue_job")
        yield cursor


class Table:
    """The table of jobs, as a test fills it and looks at it."""

    def __init__(self, cr):
        self._cr = cr

    def add(self, state="pending", **columns):
        """Insert a row; return its id."""
        row = {"uuid": str(uuid.uuid4()), "state": str(state), "retry": 0, "attempt": 0}
        row.update(columns)
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Placeholder, row))
        statement = sql.SQL("INSERT INTO queue_job ({}) VALUES ({}) RETURNING id")
        self._cr.execute(statement.format(names, values), row)
        return self._cr.fetchone()[0]

    def row(self, job_id):
        """All columns of a row as a dictionary; ``None`` when there is none."""
        return next(iter(self._dicts("queue_job WHERE id = %s", job_id)), None)

    def state(self, job_id):
        return self.row(job_id)["state"]

    def attempts(self, job_id):
        """The unsuccessful attempts that were kept of a job."""
        source = "queue_job_attempt WHERE job_id = %s ORDER BY id"
        return self._dicts(source, job_id)

    def _dicts(self, source, job_id):
        self._cr.execute(f"SELECT * FROM {source}", (job_id,))
        names = [column.name for column in self._cr.description]
        return [dict(zip(names, row, strict=True)) for row in self._cr.fetchall()]


@pytest.fixture
def table(cr):
    return Table(cr)


@pytest.fixture
def acquire():
    """What a worker does with one dispatch: take its lock, and mark it started."""
    from odoo.addons.queue_job.store import dispatch

    def take(cursor, dispatched_job, attempt=None, pid=4711):
        number = dispatched_job.attempt if attempt is None else attempt
        [locked] = dispatch.lock_run(cursor, [dispatched_job.uuid], [number]) or [None]
        return locked and dispatch.start(cursor, locked, pid)

    return take
