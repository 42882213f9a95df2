"""One database as the loop serves it: when it looks, what it hands out.

All times are ticks of the clock but for those named ``now``, which are seconds since
1970. Whatever goes wrong with the database is raised; the loop then calls
:meth:`ServedDatabase.lose`, and all others go on.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any

from ..connection import connect
from ..core.states import State
from ..store import Handout
from .backlog import Backlog
from .channels import ChannelManager
from .database import Database, MasterElectionLost, Status
from .dispatcher import Answer, Request

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two looks that nothing asked for: what a lost notification costs.
POLL_INTERVAL = 5.0
#: Seconds between two looks under a stream of notifications.
LEAST_INTERVAL = 0.05
#: Seconds between two searches for dead jobs, while any are out.
RESCUE_INTERVAL = 2.0
#: Seconds between two checks that the addon is (still) installed.
STATUS_INTERVAL = 5.0
#: Seconds after which a request whose job has settled is given up.
SETTLED_REQUEST_LIFE = 15.0
#: Seconds after which the jobs of an unreachable database take no capacity any more.
FORGET_AFTER = 60.0
_LONGEST_BACK_OFF = 30.0
_NEVER = float("inf")

_SETTLED = {
    "done": State.DONE,
    "postponed": State.PENDING,
    "failed": State.FAILED,
}


class ServedDatabase:
    """Keeps one database's jobs going.

    :param name: the database
    :param manager: the channels, shared by all databases
    :param window: how many due jobs of a channel to hold
    :param sequential: full names of the sequential channels
    """

    def __init__(
        self,
        name: str,
        manager: ChannelManager,
        window: int,
        sequential: Collection[str] = (),
        connect: Callable[[str], Any] = connect,
    ) -> None:
        self.name = name
        self.backlog = Backlog(name, manager)
        self.database: Database | None = None
        #: Why the database is not served, as last told to the log.
        self.reason: str | None = None
        self.in_flight: dict[Handout, Request] = {}
        self._settled: dict[Handout, float] = {}
        self._window = window
        self._sequential = sequential
        self._connect = connect
        self._secret = ""
        self._failures = 0
        self._lost_at = _NEVER
        self._next_try = 0.0
        self._next_look = 0.0
        self._last_look = -_NEVER
        self._next_rescue = 0.0
        self._next_status = 0.0

    # -- coming and going ------------------------------------------------------

    def may_open(self, ticks: float) -> bool:
        """Whether it is time to try (again)."""
        return self.database is None and ticks >= self._next_try

    def open(self, ticks: float) -> bool:
        """Connect, and lead the database if it is ready for jobs.

        :raise MasterElectionLost: when another runner does
        :return: whether it is served from now on
        """
        self._next_try = ticks + STATUS_INTERVAL
        database = Database(self.name, self._connect)
        try:
            if not self._is_ready(database.status()):
                database.close()
                return False
            database.lead()
            self._secret = database.secret()
        except BaseException:
            database.close()
            raise
        self.database = database
        self.backlog.release()
        self._next_look = self._next_rescue = ticks
        self._next_status = ticks + STATUS_INTERVAL
        _logger.info("queue job runner ready for db %s", self.name)
        return True

    def lose(self, error: BaseException, ticks: float) -> None:
        """Set the database aside for a while. What runs of it still counts."""
        self.disconnect()
        self.backlog.hold("not reachable")
        self._lost_at = min(self._lost_at, ticks)
        if ticks - self._lost_at > FORGET_AFTER:
            self.backlog.forget_all()
        if isinstance(error, MasterElectionLost):
            self._next_try = ticks + 1
            _logger.debug(
                "master election lost: %s, sleeping %ds and retrying", error, 1
            )
            return
        self._next_try = ticks + min(0.5 * 1.5**self._failures, _LONGEST_BACK_OFF)
        self._failures += 1
        text = str(error).strip() or type(error).__name__
        if text != self.reason:
            self.reason = text
            _logger.warning(
                "database %s is set aside: %s; trying again with growing pauses",
                self.name,
                text,
            )

    def disconnect(self) -> None:
        """Let go of the connection, and of the lock with it."""
        if self.database is not None:
            self.database.close()
            self.database = None

    # -- looking -----------------------------------------------------------------

    def look_soon(self, ticks: float) -> None:
        """Something happened. Many such hints make one look."""
        earliest = max(ticks, self._last_look + LEAST_INTERVAL)
        self._next_look = min(self._next_look, earliest)

    def listen(self, ticks: float) -> None:
        """Take notice of notifications."""
        if self._open_database.has_news():
            self.look_soon(ticks)

    def care(self, ticks: float, now: float) -> None:
        """Do what is due: look at the rows, find dead jobs, check the addon."""
        if ticks >= self._next_status and not self._check(ticks):
            return
        eta = self.backlog.next_eta
        if ticks >= self._next_look or (eta is not None and now >= eta):
            self.look(ticks, now)
        if ticks >= self._next_rescue and self.backlog.has_handed_out:
            self._rescue(ticks)

    def look(self, ticks: float, now: float) -> None:
        """Replace the window by what the rows say."""
        self._last_look = ticks
        rows = self._open_database.snapshot(now, self._window, self._sequential)
        self.backlog.replace(rows, self._window, ticks, now)
        self._next_look = ticks + POLL_INTERVAL
        if (put_off := self.backlog.next_put_off) is not None:
            self._next_look = min(self._next_look, max(put_off, ticks + 0.5))
        self._failures, self._lost_at, self.reason = 0, _NEVER, None
        for handout in self.in_flight:
            if not self.backlog.holds(handout):
                self._settled.setdefault(handout, ticks + SETTLED_REQUEST_LIFE)

    def deadline(self) -> float:
        """When to come back at the latest, if nothing happens."""
        if self.database is None:
            return self._next_try
        if self.database.was_notified:
            return 0.0
        times = [self._next_look, self._next_status, *self._settled.values()]
        if self.backlog.has_handed_out:
            times.append(self._next_rescue)
        return min(times)

    # -- handing out -------------------------------------------------------------

    def hand_out(self, uuids: Iterable[str], ticks: float) -> list[Request]:
        """Mark jobs enqueued, and say what to send to Odoo for them."""
        rows = self.backlog.rows
        ids = {rows[uuid].id: uuid for uuid in uuids if uuid in rows}
        handouts = self._open_database.enqueue(list(ids)) if ids else []
        for uuid in set(ids.values()) - {handout.uuid for handout in handouts}:
            self.backlog.forget(uuid)  # not pending any more: the rows know better
            self.look_soon(ticks)
        # By rank, as they were given; the statement returns them in any order.
        rank = {job_id: place for place, job_id in enumerate(ids)}
        handouts.sort(key=lambda handout: rank[handout.id])
        for handout in handouts:
            self.backlog.handed_out(handout)
            self.in_flight[handout] = Request(self.name, handout, self._secret)
        if self.backlog.wants_refill:
            self.look_soon(ticks)
        self._next_rescue = min(self._next_rescue, ticks + RESCUE_INTERVAL)
        return [self.in_flight[handout] for handout in handouts]

    def settle(self, answer: Answer, ticks: float) -> None:
        """Take notice of an answer."""
        handout = answer.request.handout
        self.in_flight.pop(handout, None)
        self._settled.pop(handout, None)
        outcome = answer.outcomes.get(handout.uuid, "")
        if state := _SETTLED.get(outcome):
            self.backlog.settle(handout, state)
            if state == State.PENDING:
                self.look_soon(ticks)
            return
        # Nobody took it, or its worker died: then it is found by its free lock.
        self.look_soon(ticks)
        self._next_rescue = min(self._next_rescue, ticks)
        if self._hand_back([handout]) and answer.reached:
            self.backlog.put_off(handout, ticks)

    def overdue_requests(self, ticks: float) -> list[Request]:
        """Requests still open though their jobs settled long ago."""
        late = [h for h, until in self._settled.items() if ticks >= until]
        for handout in late:
            del self._settled[handout]
        return [self.in_flight[h] for h in late if h in self.in_flight]

    def hand_back_all(self) -> None:
        """The runner stops: what no worker began is pending again, untried."""
        if self.database is not None and self.in_flight:
            self._hand_back(list(self.in_flight))

    # -- internals ---------------------------------------------------------------

    @property
    def _open_database(self) -> Database:
        if self.database is None:
            raise RuntimeError(f"database {self.name} is not open")
        return self.database

    def _hand_back(self, handouts: list[Handout]) -> bool:
        moved = set(self._open_database.hand_back(handouts)) if self.database else ()
        for handout in handouts:
            if handout.id in moved:
                self.backlog.settle(handout, State.PENDING)
        return bool(moved)

    def _rescue(self, ticks: float) -> None:
        self._next_rescue = ticks + RESCUE_INTERVAL
        in_flight = [handout.id for handout in self.in_flight]
        if self._open_database.rescue(in_flight):
            self._next_look = ticks

    def _check(self, ticks: float) -> bool:
        """Whether the database can still be looked at."""
        self._next_status = ticks + STATUS_INTERVAL
        status = self._open_database.status()
        if status is Status.HELD:
            self.backlog.hold(status.value)
        elif not self._is_ready(status):
            self.disconnect()
            self.backlog.forget_all()
            return False
        elif self.backlog.held:
            self.backlog.release()
            self.look_soon(ticks)
        self._secret = self._open_database.secret()
        return True

    def _is_ready(self, status: Status) -> bool:
        if status is Status.READY:
            return True
        if status is Status.NO_TRIGGER and self.reason != status.value:
            _logger.error("queue_job_notify trigger is missing in db %s", self.name)
        elif self.reason != status.value:
            _logger.debug("database %s is skipped: %s", self.name, status.value)
        self.reason = status.value
        return False
