# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One leader per group of servers.

All databases a runner serves share one channel tree, so two runners that lead some
of them each would exceed its capacities together. Servers that serve the same
databases form a group; its leader holds a lock in the maintenance database. Where
that cannot be reached, the lock of each database is all there is.

The leader's sign of life is the time of the last statement of its session, as
PostgreSQL shows it to others: no table is needed, and nothing is written. Each
statement of the session itself says which runner it is, so that this is known at any
time.

On the same connection the runner hears in which database the addon was installed, and
sees how much was written in each.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg2

from ..store.sql import load
from .database import MasterElectionLost
from .session import MAINTENANCE_DB, group_key, open_session, take_lock

_logger = logging.getLogger(f"{__package__}.runner")
_SQL = load("leader")
#: Where a runner that does not lead says, each time it tries, that it would.
RIVALS = "queue_job_rivals"

#: Seconds between two signs of life of a leader.
BEAT_INTERVAL = 1.25
#: Seconds between two requests for a lock while the maintenance database is silent.
LOCK_RETRY_INTERVAL = 2.0
#: Requests in vain that are no reason to tell of it: PostgreSQL may be about to start.
_QUIET_ELECTIONS = 5
#: Seconds without a sign of life after which a successor ends a leader's session. A
#: leader that gets no answer gave up by then: an interval and a short deadline.
GROUP_LEADER_SILENT_AFTER = 3.0


class Leadership:
    """The lock of the group, as long as its connection lives."""

    def __init__(
        self,
        connect: Callable[[str], Any] = open_session,
        about: str = "",
        stand_by: Callable[[Callable[..., Any]], None] = lambda ask: None,
    ) -> None:
        """Lead nothing yet.

        :param about: what to tell of this runner, see ``core/runner/sign_of_life``
        :param stand_by: called, while another runner leads, with each try: asks what
            that one wants of others
        """
        self._connect = connect
        self._about = about
        self._stand_by = stand_by
        self._connection: Any = None
        self._db_names: Sequence[str] = ()
        self._elections = 0
        self._watches_rivals = False
        self._has_rivals = False
        self.next_beat = 0.0

    def take(self, db_names: Sequence[str]) -> None:
        """Become the leader of the group of servers of these databases.

        :raise MasterElectionLost: when there is one already
        """
        self._db_names = db_names
        try:
            self._connection = self._connect(MAINTENANCE_DB)
        except psycopg2.Error as error:
            self._could_not_connect(error)
            return
        self._elections = 0
        key = group_key(db_names)
        if not take_lock(self._ask, key, GROUP_LEADER_SILENT_AFTER):
            self._ask(_SQL.tell_rival, key=str(key))
            self._stand_by(self._ask)
            self.leave()
            raise MasterElectionLost("the group of servers has another runner")
        self._tell(_SQL.listen)

    def _could_not_connect(self, error: psycopg2.Error) -> None:
        self._elections += 1
        # where the databases have to be listed, that tells of it
        if self._elections == _QUIET_ELECTIONS + 1 and self._db_names:
            _logger.warning(
                "no lock for the group of servers: %s; give the database user of the"
                " runner access to the database postgres, else several servers may run"
                " more jobs at a time than their channels allow",
                str(error).strip(),
            )
        else:
            _logger.debug("cannot lock the group of servers: %s", error)

    def fileno(self) -> int | None:
        """Readable when the lock is lost; ``None`` where there is none."""
        return None if self._connection is None else self._connection.fileno()

    @property
    def is_leader(self) -> bool:
        """Whether no other runner of the group can be leading."""
        return self._connection is not None

    def beat(self, monotonic: float) -> bool:
        """Show that this runner lives, when it is time to.

        :return: whether the lock was got that could not be had at first
        :raise MasterElectionLost: when the lock is gone
        """
        if monotonic < self.next_beat:
            return False
        was_leader = self.is_leader
        self.check()
        self.next_beat = monotonic + (
            BEAT_INTERVAL if self.is_leader else LOCK_RETRY_INTERVAL
        )
        return self.is_leader and not was_leader

    def check(self) -> None:
        """Make sure that the lock is still there, or take it where it could not be.
        To ask is what tells the others that this runner lives.

        :raise MasterElectionLost: when it is gone, or another runner has it
        """
        if self._connection is None:
            self.take(self._db_names)
        else:
            self._tell()

    def news(self) -> set[str]:
        """Names of databases in which, by a notification, the addon was installed."""
        if self._connection is None or not self._connection.notifies:
            return set()  # mostly; each round asks, and the key is made of settings
        names, key = set(), str(group_key(self._db_names))
        for notification in self._connection.notifies:
            if notification.channel != RIVALS:
                names.add(notification.payload)
            elif notification.payload == key:
                self._has_rivals = True
        self._connection.notifies.clear()
        return names

    def watch_rivals(self, wanted: bool) -> None:
        """Listen for other runners of the group that want to lead, or do so no longer.

        :raise MasterElectionLost: when the lock is gone
        """
        if self._connection is not None and wanted != self._watches_rivals:
            self._tell(f"LISTEN {RIVALS}" if wanted else f"UNLISTEN {RIVALS}")
            self._watches_rivals, self._has_rivals = wanted, False

    def has_rivals(self) -> bool:
        """Tell whether any was heard since the last call."""
        found, self._has_rivals = self._has_rivals, False
        return found

    def count_inserts(self) -> Mapping[str, int]:
        """Tell how many rows were ever inserted in each database.

        :raise MasterElectionLost: when the lock is gone
        """
        if self._connection is None:
            return {}
        return self._tell(_SQL.inserts) or {}

    def _tell(self, question: str = "") -> Any:
        """Ask as the leader: whatever is asked, the statement that others see says
        first which runner it is."""
        return self._ask(f"{_SQL.beat}; {question}", about=self._about)

    def _ask(self, question: str, **parameters: Any) -> Any:
        try:
            with self._connection.cursor() as cr:
                cr.execute(question, parameters)
                row = cr.fetchone() if cr.description else None
                return row and row[0]
        except psycopg2.Error as error:
            self.leave()
            text = str(error).strip()
            raise MasterElectionLost(f"lost the lock of the group: {text}") from error

    def leave(self) -> None:
        """Let another runner lead."""
        self._watches_rivals = self._has_rivals = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
