# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tells others that a job is being run: a lock that dies with this process.

Each worker process keeps one small connection to every database it runs jobs of. On
it stand the jobs' advisory locks and their ``started`` marks, outside of the jobs'
transactions: a job may commit, and a long one is never taken for dead.

A connection on which nothing stands is closed after a while: with hundreds of
databases, workers would hoard them. A worker has no thread to watch the time, so Odoo's
own loops do it (:func:`close_idle`, called from ``server.py``).
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias, TypeVar

import psycopg2

from ..db import processes
from ..db.connection import connect
from ..db.transaction import in_test
from ..store import dispatch, started_row

_logger = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
#: Seconds after which a connection on which nothing stands is closed.
IDLE_LIMIT = 300.0
#: Seconds after which a worker unlocks what it has not begun of a batch. The runner
#: returns it then, and another worker must find it unlocked.
UNLOCK_AFTER = 0.4
#: Seconds to wait for the connection, where an answer can be done without.
_WAIT_FOR_CONNECTION = 1.0


def _connect(db_name: str) -> Any:
    """Open a session whose name tells the runner which process is at its jobs."""
    return connect(db_name, application_name=processes.session_name())


class JobLocks:
    """The jobs that this process has locked in one database.

    :param connect: opens a connection to the database
    :param clock: seconds that never jump
    """

    def __init__(
        self,
        db_name: str,
        connect: Callable[[str], Any] = _connect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db_name = db_name
        self._connect = connect
        self._clock = clock
        self._connection: Any = None
        self._last_use = 0.0
        #: by dispatch, the connection on which the job's lock stands
        self._locked: dict[dispatch.DispatchedJob, Any] = {}
        #: those that are started, or over
        self._begun: set[dispatch.DispatchedJob] = set()
        self._mutex = threading.Lock()  # threads of a threaded server share it

    def lock(
        self, uuids: list[str], attempts: list[int]
    ) -> list[dispatch.DispatchedJob]:
        """Take jobs that were dispatched under these numbers.

        :return: those that are still to be had
        :raise psycopg2.Error: when the database cannot be reached
        """
        with self._mutex:
            try:
                return self._lock(uuids, attempts)
            except psycopg2.Error as error:  # that of a crash has no class of its own
                # psycopg2 does not always notice that a connection is dead; then the
                # error has no number of PostgreSQL
                if error.pgcode and self._is_connected():
                    raise  # it has the locks of other jobs
                self._drop()
                # the connection was idle and long dead: once more on a new one
                return self._lock(uuids, attempts)

    def _lock(
        self, uuids: list[str], attempts: list[int]
    ) -> list[dispatch.DispatchedJob]:
        with self._cursor() as cr:
            locked = dispatch.lock_run(cr, uuids, attempts, self._connection)
            # session locks are re-entrant: an earlier run of this very process may
            # still be at a job that the runner gave up
            known = {dispatched_job.id for dispatched_job in self._locked}
            for dispatched_job in locked:
                if dispatched_job.id in known:
                    dispatch.unlock(cr, [dispatched_job.id])
            fresh = [
                dispatched_job
                for dispatched_job in locked
                if dispatched_job.id not in known
            ]
            self._locked.update(dict.fromkeys(fresh, self._connection))
            return fresh

    def start(
        self,
        dispatched_job: dispatch.DispatchedJob,
        backend: int,
        tells_begin: bool = False,
    ) -> started_row.Row | None:
        """Mark a job that this process has locked as started.

        :param backend: process id, in PostgreSQL, of the session it will work on
        :param tells_begin: whether the runner waits to hear of it
        :return: ``None`` when it is locked no more
        """
        with self._mutex:
            is_locked_here = self._locked.get(dispatched_job) is self._connection
            if not is_locked_here or not self._is_connected():
                return None  # the lock went with the connection it stood on
            self._begun.add(dispatched_job)
            with self._connection.cursor() as cr:
                row = dispatch.start(
                    cr, dispatched_job, os.getpid(), backend, self._connection,
                    socket.gethostname(),
                )  # fmt: skip
                if tells_begin:  # by a statement of its own: the row is written
                    dispatch.tell_begin(cr)
                return row

    def holds(self, dispatched_job: dispatch.DispatchedJob) -> bool:
        """Tell whether a job is still locked here, without asking the database: the
        rest of a batch that takes long is unlocked, and the runner returns it."""
        connection = self._locked.get(dispatched_job)
        return connection is not None and connection is self._connection

    @contextmanager
    def unlock_late(
        self, dispatched_jobs: list[dispatch.DispatchedJob]
    ) -> Iterator[None]:
        """While the block runs these jobs one after the other: if it takes long, unlock
        of those that are not begun, for other workers to take. They start here no
        more."""
        if len(dispatched_jobs) < 2:
            yield
            return
        timer = threading.Timer(UNLOCK_AFTER, self._unlock_rest, [dispatched_jobs])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _unlock_rest(self, dispatched_jobs: list[dispatch.DispatchedJob]) -> None:
        with self._mutex:
            self._unlock([h for h in dispatched_jobs if h not in self._begun])

    def ask(
        self, default: _Answer, question: Callable[..., _Answer], *args: Any
    ) -> _Answer:
        """Ask or tell the database something about the jobs that run here.

        :param default: the answer where the connection is gone, and the jobs with it;
            or busy for long: a signal may have come amid a statement of this thread
        :param question: called with a cursor and ``args``
        """
        if not self._mutex.acquire(timeout=_WAIT_FOR_CONNECTION):
            return default
        try:
            if not self._is_connected():
                return default
            with self._connection.cursor() as cr:
                return question(cr, *args)
        except psycopg2.Error as error:
            _logger.info("not asked about running jobs: %s", str(error).strip())
            return default
        finally:
            self._mutex.release()

    def forget_session(self, dispatched_job: dispatch.DispatchedJob) -> None:
        """Note that the session a job worked on is free for other work, though the row
        may still say that the job runs. Never raises: with the connection, the job is
        gone."""
        with self._mutex, suppress(psycopg2.Error), self._cursor() as cr:
            dispatch.forget_session(cr, dispatched_job)

    def unlock(self, dispatched_jobs: list[dispatch.DispatchedJob]) -> None:
        """Unlock jobs. Never raises: a lost connection has unlocked them already."""
        with self._mutex:
            self._unlock(dispatched_jobs)
            self._begun.difference_update(dispatched_jobs)
            self._last_use = self._clock()

    def _unlock(self, dispatched_jobs: list[dispatch.DispatchedJob]) -> None:
        ids = [
            dispatched_job.id
            for dispatched_job in dispatched_jobs
            if self._locked.pop(dispatched_job, None) is self._connection
        ]
        if ids and self._is_connected():
            with suppress(psycopg2.Error), self._connection.cursor() as cr:
                dispatch.unlock(cr, ids)

    def close_idle(self) -> None:
        """Close the connection if nothing stands on it, and has not for a while. The
        next job opens another one."""
        if not self._mutex.acquire(blocking=False):
            return  # just in use
        try:
            is_idle = self._clock() - self._last_use >= IDLE_LIMIT
            if is_idle and not self._locked:
                self._drop()
                self._connection = None
        finally:
            self._mutex.release()

    def _is_connected(self) -> bool:
        return self._connection is not None and not self._connection.closed

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _cursor(self) -> Any:
        self._last_use = self._clock()
        if not self._is_connected():
            self._connection = self._connect(self._db_name)
        return self._connection.cursor()


_locks: dict[tuple[int, str], JobLocks] = {}


class TestJobLocks:
    """The same inside an Odoo test, where everything stands on the test's cursor."""

    def __init__(self, cr: Any) -> None:
        self._cr = cr

    def lock(
        self, uuids: list[str], attempts: list[int]
    ) -> list[dispatch.DispatchedJob]:
        return dispatch.lock_run(self._cr, uuids, attempts)

    def start(
        self,
        dispatched_job: dispatch.DispatchedJob,
        _backend: int,
        tells_begin: bool = False,
    ) -> started_row.Row | None:
        # no runner is to end the session of a test
        return dispatch.start(
            self._cr, dispatched_job, os.getpid(), host=socket.gethostname()
        )

    def holds(self, _dispatched_job: dispatch.DispatchedJob) -> bool:
        return True  # in a test, nothing goes by itself

    @contextmanager
    def unlock_late(
        self, _dispatched_jobs: list[dispatch.DispatchedJob]
    ) -> Iterator[None]:
        yield  # a test has one thread

    def ask(
        self, default: _Answer, question: Callable[..., _Answer], *args: Any
    ) -> _Answer:
        try:
            with self._cr.savepoint(flush=False):
                return question(self._cr, *args)
        except psycopg2.DataError as error:
            _logger.info("not asked about running jobs: %s", str(error).strip())
            return default

    def forget_session(self, dispatched_job: dispatch.DispatchedJob) -> None:
        dispatch.forget_session(self._cr, dispatched_job)

    def unlock(self, dispatched_jobs: list[dispatch.DispatchedJob]) -> None:
        dispatch.unlock(
            self._cr, [dispatched_job.id for dispatched_job in dispatched_jobs]
        )


Locks: TypeAlias = JobLocks | TestJobLocks


def locks_of(env: Any) -> Locks:
    """Tell where this process locks the jobs of a database."""
    if in_test():
        return TestJobLocks(env.cr)
    # by process: a forked worker must not talk on its parent's connection
    key = (os.getpid(), env.cr.dbname)
    return _locks.get(key) or _locks.setdefault(key, JobLocks(env.cr.dbname))


def close_idle() -> None:
    """Close the connections of this process that have been idle for minutes.

    Called now and then by the loops of Odoo's servers, between two requests in a
    prefork worker.
    """
    for (pid, _db_name), locks in list(_locks.items()):
        if pid == os.getpid():
            locks.close_idle()
