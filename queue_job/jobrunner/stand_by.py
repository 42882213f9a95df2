# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a runner does for its own server while another one leads: it ends workers that
cannot end their jobs themselves, and that the leader cannot end either, for they are
not of its server.

The leader says so by a lock of its session, in the database of these jobs: nothing is
written, and while there are none, all that is asked is who holds such locks.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2

from ..db import processes
from ..store.sql import load
from ..store.stopping import OVERDUE_CLASS
from .database import Database
from .session import open_session
from .stuck import end_stuck

_logger = logging.getLogger(f"{__package__}.runner")
_SQL = load("leader")

#: Vain tries to lead, about one a second, between two looks.
_TRIES = 3


class StandBy:
    """Looks now and then, with a session that tried to lead the group in vain.

    :param list_databases: names the databases that the runner would serve
    :param connect: opens a connection to a database
    """

    def __init__(
        self,
        list_databases: Callable[[], Sequence[str]],
        connect: Callable[[str], Any] = open_session,
    ) -> None:
        self._list_databases = list_databases
        self._connect = connect
        self._tries = 0
        self._found: Sequence[str] = ()

    @property
    def is_of_use(self) -> bool:
        """Whether this runner's server replaces workers that end."""
        return processes.is_worker()

    def ask(self, ask: Callable[..., Any]) -> None:
        """Find out where a leader needs help. Called with each vain try.

        :param ask: called with a statement and its parameters, answers the first value
        """
        self._tries += 1
        if self._tries % _TRIES == 0 and self.is_of_use:
            self._found = ask(_SQL.overdue, overdue=OVERDUE_CLASS) or ()

    def act(self) -> None:
        """Help there. Called by the runner when its try is over; never raises."""
        found, self._found = self._found, ()
        if not found:
            return
        try:
            for name in sorted({*found} & {*self._list_databases()}):
                self._end_own(name)
        except psycopg2.Error as error:
            _logger.info("no look at jobs that do not end: %s", str(error).strip())
        except Exception:  # it is to lead, once it can
            _logger.exception("jobs that do not end could not be looked at")

    def _end_own(self, name: str) -> None:
        database = Database(name, self._connect)
        try:
            end_stuck(database)
        finally:
            database.close()
