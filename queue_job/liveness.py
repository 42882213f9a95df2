"""What tells others that a job is being run: a lock that dies with this process.

Each worker process keeps one small connection to every database it runs jobs of. On
it stand the jobs' advisory locks and their ``started`` marks, outside of the jobs'
transactions: a job may commit, and a long one is never taken for dead.
"""

import os
import threading

import psycopg2

from . import store
from .connection import connect
from .transaction import in_test


class Holds:
    """The jobs that this process holds in one database."""

    def __init__(self, db_name: str, connect=connect):
        self._db_name = db_name
        self._connect = connect
        self._connection = None
        self._held: set[int] = set()
        self._mutex = threading.Lock()  # threads of a threaded server share it

    def acquire(self, uuid: str, attempt: int) -> int | None:
        """Take a job that was handed out under ``attempt`` and mark it started.

        :return: row id, or ``None`` when it is no longer to be had
        :raise psycopg2.Error: when the database cannot be reached
        """
        with self._mutex:
            try:
                return self._acquire(uuid, attempt)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                # the connection was idle and may be long dead: once more on a new one
                self._drop()
                return self._acquire(uuid, attempt)

    def _acquire(self, uuid, attempt):
        with self._cursor() as cr:
            job_id = store.acquire(cr, uuid, attempt, os.getpid())
            if job_id in self._held:
                # session locks are re-entrant: an earlier run of this very process
                # is still at it, though it was given up by the runner
                store.unlock(cr, job_id)
                return None
            if job_id is not None:
                self._held.add(job_id)
            return job_id

    def release(self, job_id: int) -> None:
        """Let go of a job. Never raises: a lost connection has let go already."""
        with self._mutex:
            self._held.discard(job_id)
            try:
                with self._cursor() as cr:
                    store.unlock(cr, job_id)
            except psycopg2.Error:
                self._drop()

    def _cursor(self):
        if self._connection is None or self._connection.closed:
            self._connection = self._connect(self._db_name)
        return self._connection.cursor()

    def _drop(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


_holds: dict[tuple[int, str], Holds] = {}


def _holds_of(db_name: str) -> Holds:
    # by process: a forked worker must not talk on its parent's connection
    return _holds.setdefault((os.getpid(), db_name), Holds(db_name))


def acquire(env, uuid: str, attempt: int) -> int | None:
    """Take a job that was handed out under ``attempt`` and mark it started.

    Inside an Odoo test everything stands on the test's own cursor.

    :return: row id, or ``None`` when it is no longer to be had
    """
    if in_test():
        return store.acquire(env.cr, uuid, attempt, os.getpid())
    return _holds_of(env.cr.dbname).acquire(uuid, attempt)


def release(env, job_id: int) -> None:
    """Let go of a job taken with :func:`acquire`."""
    if in_test():
        store.unlock(env.cr, job_id)
    else:
        _holds_of(env.cr.dbname).release(job_id)
