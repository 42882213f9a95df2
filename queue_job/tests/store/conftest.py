# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real PostgreSQL with the addon's tables, and sessions on it; no Odoo in between.

The tables are made once, by Odoo itself; each test begins with empty ones.
"""

import importlib
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import ModuleType

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

ADDON = Path(__file__).resolve().parents[2]
NAME = "odoo.addons.queue_job"
#: What ``script/test`` says of the servers; without it there is nothing to test on.
NEEDED = (
    "PGHOST",
    "QUEUE_JOB_TEMPLATE_DB",
    "QUEUE_JOB_TEST_DB_PREFIX",
    "QUEUE_JOB_LOG_DIR",
    "ODOO_BIN",
    "ODOO_RC",
)
PATIENCE = 60  # seconds another process may keep the template busy


def pytest_configure(config):
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        pytest.exit(
            f"{', '.join(missing)} not set: run these tests with script/test store",
            returncode=4,
        )
    _import_without_models()


def _import_without_models():
    """Let ``store`` be imported without the addon's ``__init__``, hence without
    models: it needs nothing of them."""
    if NAME not in sys.modules:
        package = ModuleType(NAME)
        package.__path__ = [str(ADDON)]
        sys.modules[NAME] = package
        importlib.import_module("odoo.addons").queue_job = package


def _maintenance(statement, **names):
    connection = psycopg2.connect(dbname="postgres")
    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    try:
        with connection.cursor() as cr:
            cr.execute(sql.SQL(statement).format(**identifiers))
    finally:
        connection.close()


def _copy_template(name):
    template = os.environ["QUEUE_JOB_TEMPLATE_DB"]
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _maintenance(
                "CREATE DATABASE {name} TEMPLATE {template}",
                name=name, template=template,
            )  # fmt: skip
            return
        except psycopg2.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="session")
def database():
    """Name of a database with the addon installed."""
    name = f"{os.environ['QUEUE_JOB_TEST_DB_PREFIX']}store"
    _maintenance("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
    _copy_template(name)
    log = Path(os.environ["QUEUE_JOB_LOG_DIR"]) / "install.log"
    command = [
        sys.executable, os.environ["ODOO_BIN"], "-c", os.environ["ODOO_RC"],
        "-d", name, "-i", "queue_job", "--stop-after-init", "--no-http",
    ]  # fmt: skip
    with log.open("w") as output:
        subprocess.run(
            command, check=True, timeout=300, stdout=output, stderr=subprocess.STDOUT
        )
    yield name
    _maintenance("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)


@pytest.fixture
def session(database):
    """Opens sessions: autocommit, as the runner's and the liveness connections are."""
    opened = []

    def open_session(autocommit=True):
        connection = psycopg2.connect(dbname=database)
        if autocommit:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
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
