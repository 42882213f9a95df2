"""One leader per group of servers.

All databases a runner serves share one channel tree, so two runners that lead some
of them each would exceed its capacities together. Servers that serve the same
databases form a group; its leader holds a lock in the maintenance database. Where
that cannot be reached, the lock of each database is all there is.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2

from ..connection import connect, connection_parameters
from .database import MasterElectionLost

_logger = logging.getLogger(f"{__package__}.runner")

MAINTENANCE_DB = "postgres"


def group_key(db_names: Sequence[str]) -> int:
    """The lock of the servers that serve these databases, a signed 64-bit number.

    :param db_names: the databases they are told to serve; none = all of their user
    """
    user = connection_parameters(MAINTENANCE_DB).get("user") or ""
    group = "\0".join(["queue_job", *(sorted(db_names) or ["", user])])
    digest = hashlib.sha256(group.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Leadership:
    """The lock of the group, as long as its connection lives."""

    def __init__(self, connect: Callable[[str], Any] = connect) -> None:
        self._connect = connect
        self._connection: Any = None
        self._db_names: Sequence[str] = ()

    def take(self, db_names: Sequence[str]) -> None:
        """Become the leader of the group of servers of these databases.

        :raise MasterElectionLost: when there is one already
        """
        self._db_names = db_names
        try:
            self._connection = self._connect(MAINTENANCE_DB)
        except psycopg2.Error as error:
            _logger.debug("no lock for the group of servers: %s", error)
            return
        if not self._ask("SELECT pg_try_advisory_lock(%s)", group_key(db_names)):
            self.leave()
            raise MasterElectionLost("the group of servers has another runner")

    def fileno(self) -> int | None:
        """Readable when the lock is lost; ``None`` where there is none."""
        return None if self._connection is None else self._connection.fileno()

    def check(self) -> None:
        """Make sure that the lock is still there, or take it where it could not be.

        :raise MasterElectionLost: when it is gone, or another runner has it
        """
        if self._connection is None:
            self.take(self._db_names)
        else:
            self._ask("SELECT %s", 1)

    def _ask(self, question: str, number: int) -> Any:
        try:
            with self._connection.cursor() as cr:
                cr.execute(question, (number,))
                return cr.fetchone()[0]
        except psycopg2.Error as error:
            self.leave()
            text = str(error).strip()
            raise MasterElectionLost(f"lost the lock of the group: {text}") from error

    def leave(self) -> None:
        """Let another runner lead."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
