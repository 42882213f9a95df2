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

    def lock(self, uuids: list[str], attempts: list[int]) -> list[store.Handout]:
        """Take jobs that were handed out under these numbers.

        :return: those that are still to be had
        :raise psycopg2.Error: when the database cannot be reached
        """
        with self._mutex:
            try:
                return self._lock(uuids, attempts)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                # the connection was idle and may be long dead: once more on a new one
                self._drop()
                return self._lock(uuids, attempts)

    def _lock(self, uuids, attempts):
        with self._cursor() as cr:
            locked = store.lock_run(cr, uuids, attempts)
            # session locks are re-entrant: an earlier run of this very process may
            # still be at a job that the runner gave up
            for handout in locked:
                if handout.id in self._held:
                    store.unlock(cr, [handout.id])
            fresh = [handout for handout in locked if handout.id not in self._held]
            self._held.update(handout.id for handout in fresh)
            return fresh

    def start(self, handout: store.Handout, backend: int) -> store.Row | None:
        """Mark a job that this process holds as started.

        :param backend: process id, in PostgreSQL, of the session it will work on
        """
        with self._mutex, self._cursor() as cr:
            return store.start(cr, handout, os.getpid(), backend)

    def disown(self, handout: store.Handout) -> None:
        """The session a job worked on is free for other work, though the row may still
        say that the job runs. Never raises: with the connection, the job is gone."""
        try:
            with self._mutex, self._cursor() as cr:
                store.disown(cr, handout)
        except psycopg2.Error:
            self._drop()

    def release(self, handouts: list[store.Handout]) -> None:
        """Let go of jobs. Never raises: a lost connection has let go already."""
        ids = [handout.id for handout in handouts]
        with self._mutex:
            self._held.difference_update(ids)
            try:
                with self._cursor() as cr:
                    store.unlock(cr, ids)
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


class TestHolds:
    """The same inside an Odoo test, where everything stands on the test's cursor."""

    def __init__(self, cr):
        self._cr = cr

    def lock(self, uuids, attempts):
        return store.lock_run(self._cr, uuids, attempts)

    def start(self, handout, _backend):
        # nobody is to end the session of a test
        return store.start(self._cr, handout, os.getpid(), None)

    def disown(self, handout):
        store.disown(self._cr, handout)

    def release(self, handouts):
        store.unlock(self._cr, [handout.id for handout in handouts])


def holds_of(env) -> Holds | TestHolds:
    """Where this process holds the jobs of a database."""
    if in_test():
        return TestHolds(env.cr)
    # by process: a forked worker must not talk on its parent's connection
    key = (os.getpid(), env.cr.dbname)
    return _holds.get(key) or _holds.setdefault(key, Holds(env.cr.dbname))
