# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sessions on the PostgreSQL of the tests, and databases that are copies."""

import contextlib
import select
import time

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

#: Seconds to wait for what has no time of its own: only a hang reaches it, the machine
#: may be as busy as it likes.
PATIENCE = 120.0
#: Seconds within which comes what must not wait for the runner to look by itself, which
#: it does every minute.
SOON = 30.0


def connect(name, **where):
    """Open a connection on which every statement is a transaction of its own.

    :param where: how to connect, where it is not on the usual server
    """
    connection = psycopg2.connect(dbname=name, **where)
    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    return connection


def create_database(name, template):
    """Copy a database; wait while another session copies the same one."""

    def copy():
        with contextlib.suppress(psycopg2.errors.ObjectInUse):
            _administer("CREATE DATABASE {} TEMPLATE {}", name, template)
            return True

    wait_until(copy, True, lambda _found: f"{template} stays in use", pause=0.2)


def drop_database(name):
    """Drop a database with all sessions on it, if it is there."""
    _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def wait_until(look, expected, complaint, timeout=PATIENCE, pause=0.03):
    """Wait until a look finds what is expected; return it.

    :param complaint: makes the text of the failure, of what was found last
    :raises AssertionError: after ``timeout`` seconds
    """
    deadline = time.monotonic() + timeout
    while (found := look()) != expected:
        if time.monotonic() > deadline:
            raise AssertionError(f"{complaint(found)} after {timeout} s")
        select.select([], [], [], pause)
    return found


def end_session(connection):
    """Close a connection, and wait until PostgreSQL has ended its session: until then
    its locks are held."""
    name, pid = connection.info.dbname, connection.info.backend_pid
    connection.close()
    with contextlib.closing(connect(name)) as other, other.cursor() as cr:

        def is_there():
            cr.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,))
            return bool(cr.fetchall())

        wait_until(is_there, False, lambda _found: f"session {pid} did not end")


def _administer(statement, *names):
    with contextlib.closing(connect("postgres")) as connection:
        with connection.cursor() as cr:
            cr.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
