# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""All databases of the runner: found, opened, and kept from harming each other."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg2

from ..core.runner.discovery import Rotation
from .database import MasterElectionLost
from .database_queue import DatabaseQueue

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two looks at which databases there are.
DISCOVERY_INTERVAL = 5.0
#: Connections opened in a row: then the loop shows that it lives, and serves others.
_OPENED_AT_A_TIME = 5


class Databases:
    """The databases there are, and those of them that can be served.

    :param list_databases: names the databases there are now
    :param serve: makes what serves the database of a name
    :param count_inserts: rows ever inserted in each database, as far as known
    """

    def __init__(
        self,
        list_databases: Callable[[], Sequence[str]],
        serve: Callable[[str], DatabaseQueue],
        count_inserts: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._list_databases = list_databases
        self._serve = serve
        self._count_inserts = count_inserts
        self._inserts: Mapping[str, int] = {}
        self._rotation = Rotation()
        self._all: dict[str, DatabaseQueue] = {}
        self.next_discovery = 0.0
        #: Why they could not be listed, as last told to the log.
        self._told = ""

    def __iter__(self) -> Iterator[DatabaseQueue]:
        """Return those that are connected."""
        return iter([s for s in self._all.values() if s.database is not None])

    def get(self, name: str) -> DatabaseQueue | None:
        """Return the database of that name, connected or not."""
        return self._all.get(name)

    def discover(self, monotonic: float) -> None:
        """Follow the creation and the drop of databases, and have another look into a
        few of those without the addon."""
        self.next_discovery = monotonic + DISCOVERY_INTERVAL
        names = self._listed()
        self._inserts = self._count_inserts()
        for name in names:
            if name not in self._all:
                self._all[name] = self._serve(name)
        for name in self._all.keys() - set(names):
            self._give_up(name)
        without = [
            name for name, queue in self._all.items() if queue.readiness.lacks_addon
        ]
        for name in self._rotation.choose(without, self._inserts):
            self._all[name].readiness.retry(monotonic)

    def look_into(self, name: str, monotonic: float) -> None:
        """Take notice that the addon was installed in a database."""
        if name not in self._all:
            self.next_discovery = monotonic  # only what is listed is served
        else:
            self._all[name].readiness.retry(monotonic)

    def retry(self, monotonic: float) -> None:
        """PostgreSQL can be reached again: try all that were set aside."""
        self.next_discovery = monotonic
        for queue in self._all.values():
            queue.readiness.retry(monotonic)

    def open(self, monotonic: float, leads_group: bool = False) -> bool:
        """Connect to those whose time has come, a limited number at a time.

        :return: whether there are more
        """
        due = [queue for queue in self._all.values() if queue.may_open(monotonic)]
        for queue in due[:_OPENED_AT_A_TIME]:
            self._rotation.looked_into(queue.name, self._inserts)
            self.attempt(queue, lambda s: s.open(monotonic, leads_group), monotonic)
        return len(due) > _OPENED_AT_A_TIME

    def attempt(
        self,
        queue: DatabaseQueue,
        act: Callable[[DatabaseQueue], Any],
        monotonic: float,
    ) -> None:
        """Do something with one database; if it fails, only that one suffers."""
        try:
            act(queue)
        except (psycopg2.Error, MasterElectionLost) as error:
            queue.lose(error, monotonic)
        except Exception as error:
            _logger.exception("unexpected error with database %s", queue.name)
            queue.lose(error, monotonic)

    def deadline(self) -> float:
        """Tell when to come back at the latest, in monotonic seconds."""
        times = [queue.deadline() for queue in self._all.values()]
        return min([self.next_discovery, *times])

    def close(self, returns_jobs: bool = True) -> None:
        """Return to pending what no worker began, and give everything up.

        :param returns_jobs: false for a runner that no longer leads, or that may
            not reach PostgreSQL: its successor returns what it finds
        """
        for name in list(self._all):
            if returns_jobs:
                self.attempt(self._all[name], lambda s: s.return_all(), 0.0)
            self._give_up(name)

    def _listed(self) -> Sequence[str]:
        try:
            names = self._list_databases()
        except psycopg2.Error as error:
            # The maintenance database fails; those we know need not suffer.
            text = str(error).strip()
            if text != self._told:  # not every five seconds
                self._told = text
                _logger.warning(
                    "cannot list databases: %s; name them in db_name, or give the"
                    " database user access to the database postgres",
                    text,
                )
            return list(self._all)
        self._told = ""
        return names

    def _give_up(self, name: str) -> None:
        queue = self._all.pop(name)
        self._rotation.forget(name)
        queue.disconnect()
        queue.job_window.forget_all()
