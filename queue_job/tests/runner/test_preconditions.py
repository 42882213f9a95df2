# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner needs of its surroundings is checked, and told."""

import logging
import os

import psycopg2
import pytest

from odoo.addons.queue_job import server
from odoo.addons.queue_job.db import connection
from odoo.addons.queue_job.jobrunner.databases import Databases

LOGGER = "odoo.addons.queue_job.jobrunner"


class Pooled:
    """A connection to a pooler, whose sessions are given out anew by transaction.

    :param pool: the sessions that are free; the last one that was used comes first
    """

    class info:  # noqa: N801  # as psycopg2 calls it
        backend_pid = -1  # the pooler made it up

    def __init__(self, pool, shares):
        self._pool, self._shares = pool, shares
        self._own = None
        self._commits = False

    def set_isolation_level(self, _level):
        self._commits = True

    def cursor(self):
        own = self._own or self._pool.pop()
        if self._commits and self._shares:
            self._pool.append(own)
        else:
            self._own = own
        return own.cursor()

    def fileno(self):
        return (self._own or self._pool[-1]).fileno()

    def close(self):
        if self._own:
            self._pool.append(self._own)
            self._own = None


@pytest.fixture
def pooler(database, monkeypatch):
    direct = psycopg2.connect

    def stands_between(shares):
        pool = [direct(dbname=database.name) for _session in range(3)]
        for session in pool:
            session.autocommit = True
        monkeypatch.setattr(psycopg2, "connect", lambda **_how: Pooled(pool, shares))
        made.extend(pool)
        return pool

    made = []
    yield stands_between
    for session in made:
        session.close()


def timeouts(session):
    with session.cursor() as cr:
        cr.execute("SHOW statement_timeout")
        return cr.fetchone()[0]


def test_a_pooler_that_shares_sessions_is_refused_and_finds_them_unchanged(
    database, pooler
):
    sessions = pooler(shares=True)
    before = [timeouts(session) for session in sessions]
    with pytest.raises(psycopg2.OperationalError, match="jobrunner_db_host"):
        connection.connect(database.name)
    assert len(sessions) == 3
    assert [timeouts(session) for session in sessions] == before


def test_one_that_keeps_a_session_per_connection_is_not(database, pooler):
    pooler(shares=False)
    made = connection.connect(database.name)
    assert timeouts(made) == "15s"


def test_no_time_out_of_the_server_ends_a_session_of_the_queue(database):
    for name in ("idle_session_timeout", "transaction_timeout"):
        known = database.value("SELECT count(*) FROM pg_settings WHERE name = %s", name)
        if known:
            database.rows(f"ALTER DATABASE {database.name} SET {name} = '1min'")
    made = connection.connect(database.name)
    with made.cursor() as cr:
        cr.execute(
            "SELECT name, setting FROM pg_settings"
            " WHERE name IN ('idle_session_timeout', 'transaction_timeout')"
        )
        found = dict(cr.fetchall())
    made.close()
    assert found and set(found.values()) == {"0"}


@pytest.mark.parametrize(
    ("capacity", "workers", "is_told"),
    [(4, 4, True), (5, 4, True), (3, 4, False), (4, 0, False), (0, 4, False)],
)
def test_a_server_with_fewer_workers_than_jobs_says_so(
    capacity, workers, is_told, caplog
):
    server._warn_of_overload(capacity, workers)
    assert [r.levelname for r in caplog.records] == ["WARNING"] * is_told


def test_windows_is_told_in_one_line(monkeypatch, caplog):
    monkeypatch.setitem(server.config.options, "server_wide_modules", ["queue_job"])
    monkeypatch.setattr(server, "_extend", pytest.fail)
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        server.install()
    [record] = caplog.records
    assert record.levelname == "ERROR" and "Windows" in record.getMessage()


def test_databases_that_cannot_be_listed_are_told_once(database, caplog):
    def refused():
        raise psycopg2.OperationalError("permission denied for database postgres")

    databases = Databases(refused, lambda name: pytest.fail(name))
    with caplog.at_level(logging.WARNING, LOGGER):
        for monotonic in range(5):
            databases.discover(float(monotonic))
    [record] = caplog.records
    assert "db_name" in record.getMessage()
