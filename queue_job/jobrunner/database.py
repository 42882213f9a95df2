# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One database of the runner: its connection and all that is asked of it."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any

import psycopg2.errors

from odoo.tools import config

from ..config import keeps_statistics
from ..core.channels.lanes import Kinds, Lanes
from ..core.channels.own_rules import OwnRules
from ..core.runner.aged_channels import MOST_PRIORITIES
from ..core.runner.fetch_window import Window
from ..core.runner.runner_watch import LEADER_KEY
from ..core.runner.upgrade_watch import Writer
from ..core.statistics import Counts, Key
from ..store import (
    ceiling,
    copy_guard,
    dispatch,
    expiry,
    late_lanes,
    own_rules,
    statistics,
    stopping,
    ties,
    unreleased,
)
from ..store.prepared import Prepared
from ..store.sql import load
from .lanes import DUE_WITH_ETA, WITH_ETA, WITHOUT_ETA, LaneSearch
from .session import open_session, take_lock
from .snapshot import Row, Snapshot

_logger = logging.getLogger(f"{__package__}.runner")
_SQL = load("candidates")
SNAPSHOT = Prepared("queue_job_snapshot", _SQL.snapshot)
PLAIN_SNAPSHOT = Prepared("queue_job_plain_snapshot", _SQL.plain_snapshot)
LIMITS = Prepared("queue_job_limits", _SQL.limits)
#: What a notification says when it is not the jobs alone that changed.
LIMITS_CHANGED = "limits"
#: ... and when callers are done who relied on jobs that do not begin before that.
UNTIED = ties.UNTIED

#: Seconds without a sign of life after which a database's leader is taken for gone.
#: Live ones look at their databases several times as often.
DATABASE_LEADER_SILENT_AFTER = 20.0


class MasterElectionLost(Exception):  # noqa: N818  # name is public API
    """Another runner serves the database; it is free once that one ends."""


class Status(Enum):
    """What a database is to the runner."""

    READY = "ready"
    NOT_ODOO = "not an Odoo database"
    NOT_INSTALLED = "queue_job is not installed"
    UPGRADING = "modules are being installed, upgraded or removed"
    NO_TRIGGER = "no trigger"
    COPY = "a copy of another database"


class Database:
    """A connection to one database that stays open while it is served.

    Every method but :meth:`close` may raise ``psycopg2.Error``.
    """

    def __init__(
        self, db_name: str, connect: Callable[[str], Any] = open_session
    ) -> None:
        self.db_name = db_name
        #: Whether nothing says that the limits changed since they were read.
        self.knows_limits = False
        #: Whether jobs are free that were tied to a caller's transaction.
        self.has_untied = False
        #: By what it was seen to be a copy.
        self.copied = ""
        self._told_ceiling: tuple[int | None, int] = (None, 0)
        #: Whether others are told of jobs that are to end and do not.
        self.tells_overdue = False
        #: What the latest snapshot found, by uuid.
        self._known: dict[str, Row] = {}
        #: Of the search for jobs that were not released.
        self._search = unreleased.Search()
        self._lanes = LaneSearch(WITHOUT_ETA)
        self._eta_lanes = LaneSearch(WITH_ETA)
        self._connection = connect(db_name)

    def __repr__(self) -> str:
        return f"<Database {self.db_name}>"

    def fileno(self) -> int:
        """Readable when the database has news, or is lost."""
        number: int = self._connection.fileno()
        return number

    def status(self, is_upgrading: Callable[[], bool] = lambda: False) -> Status:
        """Tell whether jobs of this database can be run now.

        :param is_upgrading: whether jobs have to wait for changes of modules
        """
        if not self._scalar(_SQL.is_odoo):
            return Status.NOT_ODOO
        state = self._scalar(_SQL.module_state)
        if state not in ("installed", "to upgrade", "to remove"):
            return Status.NOT_INSTALLED
        if is_upgrading():
            return Status.UPGRADING
        if not self._scalar(_SQL.has_trigger):
            return Status.NO_TRIGGER
        with self._connection.cursor() as cr:
            self.copied = copy_guard.look(cr).difference
        return Status.COPY if self.copied else Status.READY

    def marked_modules(self) -> set[str]:
        """Return the modules that are to be changed, each with what is to be done."""
        return self._column(_SQL.marked_modules)

    def writers(self) -> list[Writer]:
        """Return the transactions of others that write just now."""
        with self._connection.cursor() as cr:
            cr.execute(_SQL.writers, {})
            return [Writer(*values) for values in cr.fetchall()]

    def remember(self) -> None:
        """Remember that the jobs are served here: in a copy they will be held."""
        with self._connection.cursor() as cr:
            copy_guard.remember(cr)

    def lead(self, leads_group: bool = False) -> None:
        """Become the one runner of the database, and listen.

        :param leads_group: whether no other runner of the group of servers can be
            leading: a session of one is a left-over then, and is ended
        :raise MasterElectionLost: when there is one already
        """
        silent = 0 if leads_group else DATABASE_LEADER_SILENT_AFTER
        if not take_lock(self._scalar, LEADER_KEY, silent):
            raise MasterElectionLost(f"database {self.db_name} has another runner")
        with self._connection.cursor() as cr:
            cr.execute("LISTEN queue_job")

    def secret(self) -> str:
        """Return what requests for jobs of this database are signed with."""
        return self._scalar(_SQL.secret) or ""

    def time(self) -> float:
        """Return what the database's clock says: seconds since 1970 UTC."""
        return float(self._scalar(_SQL.time))

    def has_news(self) -> bool:
        """Tell whether something happened since the last call. What, the rows tell."""
        self._connection.poll()
        news = [notification.payload for notification in self._connection.notifies]
        self._connection.notifies.clear()
        if LIMITS_CHANGED in news:
            self.knows_limits = False
        if UNTIED in news:
            self.has_untied = True
        return bool(news)

    @property
    def was_notified(self) -> bool:
        """Whether news came along with an answer: no worker can wait for those."""
        return bool(self._connection.notifies)

    def snapshot(
        self,
        now: float,
        window: Window,
        sequential: Collection[str],
        aging: Mapping[str, int] = MappingProxyType({}),
    ) -> Snapshot:
        """Return what may run next and what is dispatched, bounded and in no order.

        :param now: seconds since 1970; an ETA up to then is due
        :param window: how many due jobs of a channel, and of which channels
        :param sequential: full names of the channels that run one after the other
        :param aging: by channel, the seconds of waiting by which its jobs rise by one
            priority
        """
        asked = {
            "window": window.narrow,
            "wide": window.widest,
            "in_demand": list(window.in_demand),
            "sequential": list(sequential),
            "begin": window.part.begin,
            "channels": window.part.most,
            "aging": list(aging),
            "aging_seconds": list(aging.values()),
            "priorities": MOST_PRIORITIES,
        }
        self._lanes.depths, self._eta_lanes.depths = {}, {}
        with self._connection.cursor() as cr:
            statement = SNAPSHOT if sequential or aging else PLAIN_SNAPSHOT
            statement.execute(cr, asked, self._connection)
            found = cr.fetchall()
            rows = [self._read(values) for values in found if values[0] is not None]
            signs = [(values[2], values[6]) for values in found if values[0] is None]
            rest = next((channel for channel, state in signs if not state), None)
            if any(state for _channel, state in signs):
                rows += self._lanes.look(cr, {**asked, "rest": rest}, window)
            if any(row.has_due_eta(now) for row in rows):
                # what changed since is told by a notification, and read anew
                later = {**asked, "rest": rest, "now": now}
                rows += self._due_with_eta(cr, later, window)
        self._known = {row.uuid: row for row in rows}
        return Snapshot(rows, rest, self._depths())

    def _depths(self) -> dict[str, int]:
        """By channel, how many jobs of each lane were asked for at the least, of those
        with an ETA and of those without."""
        depths: dict[str, int] = {}
        for search in (self._lanes, self._eta_lanes):
            for channel, depth in search.depths.items():
                depths[channel] = min(depth, depths.get(channel, depth))
        return depths

    def _read(self, values: tuple[Any, ...]) -> Row:
        known = self._known.get(values[1])  # most wait, and did not change since
        return known if known == values else Row.read(*values)

    def _due_with_eta(
        self, cr: Any, asked: Mapping[str, Any], window: Window
    ) -> list[Row]:
        cr.execute(DUE_WITH_ETA, {**asked, "laned": 0})
        found = cr.fetchall()
        rows = [Row.read(*values) for values in found if values[0] is not None]
        if len(rows) < len(found):  # there are others, in lanes
            rows += self._eta_lanes.look(cr, {**asked, "laned": 1}, window)
        return rows

    def limits(self) -> dict[str, int]:
        """Return what the managers of the database allow its channels, by complete
        name: how many jobs may run at a time; 0 = paused."""
        self.knows_limits = True
        with self._connection.cursor() as cr:
            try:
                LIMITS.execute(cr, {}, self._connection)
            except psycopg2.errors.UndefinedColumn:
                return {}  # the table gets the columns with an update of the module
            return dict(cr.fetchall())

    def own_rules(self) -> dict[str, OwnRules]:
        """Return what else the managers of the database say of its channels, by
        complete name."""
        with self._connection.cursor() as cr:
            try:
                return own_rules.read(cr)
            except psycopg2.errors.UndefinedColumn:
                return {}  # the table gets the columns with an update of the module

    def give_lanes(self, channel: str, lanes: Lanes, own: Kinds) -> bool:
        """Give some jobs of a channel that stand in no lane theirs.

        :param own: what the managers of the database tell apart besides
        :return: whether there may be more
        """
        with self._connection.cursor() as cr:
            given = late_lanes.give_some(cr, channel, lanes, own)
        return given == late_lanes.MOST_AT_ONCE

    def enqueue(self, ids: Collection[int]) -> list[dispatch.DispatchedJob]:
        """Dispatch jobs; what is not returned is not pending any more."""
        with self._connection.cursor() as cr:
            found = dispatch.enqueue(cr, ids, self._connection)
            if len(found) < len(ids):  # perhaps for it is too late for some
                others = set(ids).difference(job.id for job in found)
                self._tell_expired(expiry.expire_among(cr, others, keeps_statistics()))
            return found

    def expire(self) -> bool:
        """Cancel jobs that wait and did not begin in time.

        :return: whether there may be more
        """
        with self._connection.cursor() as cr:
            expired = expiry.expire_some(cr, keeps_statistics())
        self._tell_expired(expired)
        return len(expired) == expiry.MOST_AT_ONCE

    def _tell_expired(self, ids: Sequence[int]) -> None:
        if ids:
            _logger.info("db %s: %d jobs have expired", self.db_name, len(ids))

    def free(self, ids: Collection[int]) -> set[int]:
        """Tell which of these jobs wait and are not being changed by another
        transaction."""
        with self._connection.cursor() as cr:
            return dispatch.free(cr, ids)

    def supersede(self, ids: Collection[int]) -> list[int]:
        """Cancel those of these failed jobs that a later call makes superfluous."""
        with self._connection.cursor() as cr:
            return dispatch.supersede(cr, ids)

    def return_pending(
        self, dispatched_jobs: Iterable[dispatch.DispatchedJob]
    ) -> list[int]:
        """Return to pending what no worker has started."""
        with self._connection.cursor() as cr:
            return dispatch.return_pending(cr, dispatched_jobs)

    def rescue(
        self,
        in_flight: Collection[int],
        told: Callable[[list[str]], None] = lambda uuids: None,
    ) -> int:
        """Return to pending what died, and what was dispatched but is not on its way.

        :param in_flight: ids of the jobs that a request is under way for
        :param told: told the uuids of those that died
        :return: how many jobs came back
        """
        with self._connection.cursor() as cr:
            rescued = dispatch.rescue(
                cr,
                config["limit_time_real"],
                is_counted=keeps_statistics(),
                session=self._connection,
            )
            told(rescued)
            orphans = dispatch.return_orphans(cr, in_flight, self._connection)
        for uuid in rescued:
            _logger.warning("Re-queued dead job with uuid: %s", uuid)
        if orphans:
            _logger.info(
                "returned %d jobs of db %s to pending that no worker has begun",
                len(orphans),
                self.db_name,
            )
        return len(rescued) + len(orphans)

    def overdue(self, seconds: float) -> list[stopping.Overdue]:
        """Return jobs that run though they were to be stopped so many seconds ago."""
        with self._connection.cursor() as cr:
            return stopping.overdue(cr, seconds, self._connection)

    def tell_overdue(self, is_needed: bool) -> None:
        """Let runners that stand by see whether there are jobs that are to end and do
        not, and that this one cannot end. It ends with this session."""
        if is_needed is self.tells_overdue:
            return
        with self._connection.cursor() as cr:
            stopping.tell_overdue(cr, is_needed)
        self.tells_overdue = is_needed

    def locked(self, ids: Collection[int]) -> set[int]:
        """Tell which of these jobs a worker has locked."""
        with self._connection.cursor() as cr:
            return dispatch.locked(cr, ids)

    def locks_of_workers(self) -> list[tuple[list[dispatch.DispatchedJob], str]]:
        """Return what workers are at: jobs, and the channel of the first."""
        with self._connection.cursor() as cr:
            return dispatch.locks_of_workers(cr)

    def tell_ceiling(self, most: int | None, causes: int) -> None:
        """Let others see how far the runner has lowered itself: it ends with this
        session."""
        if (most, causes) == self._told_ceiling:
            return
        with self._connection.cursor() as cr:
            ceiling.tell(cr, self._told_ceiling, (most, causes))
        self._told_ceiling = (most, causes)

    def active_backends(self) -> int:
        """Return how many sessions of the server are at a statement, but for this."""
        return int(self._scalar(_SQL.active_backends))

    def insert_statistics(self, counted: Sequence[tuple[Key, Counts]]) -> None:
        """Add what became of jobs to their statistics."""
        with self._connection.cursor() as cr:
            statistics.insert(cr, counted)

    def standing(
        self, dispatches: Collection[tuple[int, int]]
    ) -> list[statistics.Standing]:
        """Tell how jobs stand, each given by its row id and the number of its
        dispatch."""
        with self._connection.cursor() as cr:
            return statistics.standing(cr, dispatches)

    @property
    def is_connected(self) -> bool:
        """Whether the connection was there when it was last used."""
        return not self._connection.closed

    def release_waiting(self) -> bool:
        """Let some jobs go on whom their last parent, or its worker, could not tell.

        :return: whether others are to be looked at soon
        """
        search = self._search
        with self._connection.cursor() as cr:
            released, cancelled = unreleased.release_some(cr, search)
        if released or cancelled:
            _logger.info(
                "db %s: %d jobs were not released before, %d were cancelled along",
                self.db_name,
                len(released),
                len(cancelled),
            )
        if not search.is_over:
            return True
        self._search = unreleased.Search()
        return search.has_cancelled

    def close(self) -> None:
        """Leave the database, its locks with it. Never raises."""
        try:
            self._connection.close()
        except Exception:  # what is closed for being broken may say so once more
            _logger.warning("error closing database %s", self.db_name, exc_info=True)

    def _scalar(self, statement: str, **parameters: Any) -> Any:
        with self._connection.cursor() as cr:
            cr.execute(statement, parameters)
            row = cr.fetchone()
        return row[0] if row else None

    def _column(self, statement: str) -> set[str]:
        with self._connection.cursor() as cr:
            cr.execute(statement, {})
            return {row[0] for row in cr.fetchall()}
