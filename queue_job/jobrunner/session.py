# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The runner's sessions in PostgreSQL: none of their statements can block the loop.

PostgreSQL ends what takes too long. Where PostgreSQL cannot be heard of any more, but
something between still acknowledges every packet, only a deadline of one's own helps:
a connection that has no answer by then is cut.
"""

import contextlib
import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from psycopg2.extensions import cursor

from odoo.tools import config

from ..db.connection import connect, connection_parameters
from ..store.sql import load

_logger = logging.getLogger(f"{__package__}.runner")
_SQL = load("connection")
_LEADER_SQL = load("leader")

MAINTENANCE_DB = "postgres"
#: Seconds to connect. Also the least that a silent host costs each time.
POSTGRESQL_CONNECT_TIMEOUT = 3
#: Seconds after which a connection without an answer is cut: more than PostgreSQL
#: gives a statement.
DEADLINE = 4.0
#: The same in the maintenance database, where nothing takes long.
SHORT_DEADLINE = 1.5
_PRECISION = 0.25


def group_key(db_names: Sequence[str]) -> int:
    """Return the lock of the servers that serve these databases, a signed 64-bit
    number.

    :param db_names: the databases they are told to serve; none = all of their user
    """
    user = connection_parameters(MAINTENANCE_DB).get("user") or ""
    group = "\0".join(["queue_job", *(sorted(db_names) or ["", user])])
    digest = hashlib.sha256(group.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def group_name(db_names: Sequence[str]) -> str:
    """Return what the sessions of the runners of a group are called in PostgreSQL."""
    return f"queue_job runner {group_key(db_names) % 2**64:016x}"


def open_session(db_name: str) -> Any:
    """Return a connection of the runner.

    :raise psycopg2.Error: when the database cannot be reached
    """
    is_short = db_name == MAINTENANCE_DB
    connection = connect(
        db_name,
        cursor_factory=_ShortCursor if is_short else _Cursor,
        connect_timeout=POSTGRESQL_CONNECT_TIMEOUT,
        application_name=group_name(config["db_name"] or []),
    )
    try:
        with connection.cursor() as cr:
            cr.execute(_SQL.runner_limits)
    except BaseException:
        connection.close()
        raise
    return connection


def take_lock(ask: Callable[..., Any], key: int, silent: float) -> bool:
    """Take an advisory lock for as long as the session lives; if a runner of the same
    group has it that gave no sign of life, end its session first.

    :param ask: called with a statement and its parameters, answers the first value
    :param silent: seconds without a sign of life
    """
    if ask(_LEADER_SQL.try_lead, key=key):
        return True
    if not ask(_LEADER_SQL.end_holder, key=key, silent=silent):
        return False
    _logger.warning("ended the session of a silent runner of this group of servers")
    ask(_LEADER_SQL.wait)
    return bool(ask(_LEADER_SQL.try_lead, key=key))


class _Cursor(cursor):
    deadline = DEADLINE

    def execute(self, query: str, parameters: Any = None) -> None:
        with _watchdog().limit(self.connection, self.deadline):
            super().execute(query, parameters)


class _ShortCursor(_Cursor):
    deadline = SHORT_DEADLINE


class Watchdog:
    """Cuts connections whose time is up, so that who waits for them gets an error."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._mutex = threading.Lock()
        self._deadlines: dict[int, float] = {}  # by file descriptor
        thread = threading.Thread(
            target=self._watch, name="queue_job.watchdog", daemon=True
        )
        thread.start()

    @contextlib.contextmanager
    def limit(self, connection: Any, seconds: float) -> Iterator[None]:
        """Give the block so long to hear of PostgreSQL."""
        number = connection.fileno()
        with self._mutex:
            self._deadlines[number] = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._mutex:
                self._deadlines.pop(number, None)

    def _watch(self) -> None:
        while True:
            time.sleep(_PRECISION)
            now = time.monotonic()
            with self._mutex:  # no number is closed, and in use anew, meanwhile
                late = [n for n, at in self._deadlines.items() if at < now]
                for number in late:
                    del self._deadlines[number]
                    _cut(number)


def _cut(number: int) -> None:
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as wire:
        wire.shutdown(socket.SHUT_RDWR)


_watchdogs: list[Watchdog] = []


def _watchdog() -> Watchdog:
    # by process: a thread does not survive a fork
    if not _watchdogs or _watchdogs[-1].pid != os.getpid():
        _watchdogs[:] = [Watchdog()]
    return _watchdogs[-1]
