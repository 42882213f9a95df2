"""One database as the loop serves it: when it looks, what it hands out.

All times are ticks of the clock but for those named ``now``, which are seconds since
1970. Whatever goes wrong with the database is raised; the loop then calls
:meth:`ServedDatabase.lose`, and all others go on.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ..core.channels.name import Sequential
from ..core.runner.fetch_window import Window
from ..core.runner.poll_schedule import LookTimes
from .channels import ChannelManager
from .clock import Clock
from .database import Database, Status
from .dispatcher import Answer, Request
from .in_flight import Handouts
from .job_window import Backlog
from .session import open_session
from .status import STATUS_INTERVAL, Readiness

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two searches for dead jobs, while any are out.
RESCUE_INTERVAL = 2.0
#: Seconds between two searches for jobs that wait for nobody any more.
SETTLE_INTERVAL = 10.0
#: ... and between the parts of a long one.
SETTLE_PAUSE = 1.0
#: ... and, where that is longer, so many times as long as the search took: among
#: hundreds of thousands of jobs it takes seconds.
SETTLE_REST = 20
#: Seconds after which the jobs of an unreachable database take no capacity any more.
FORGET_AFTER = 60.0
_NEVER = float("inf")


class ServedDatabase:
    """Keeps one database's jobs going.

    :param name: the database
    :param manager: the channels, shared by all databases
    :param slots: how many jobs may run at a time
    :param window: how many due jobs of a channel to hold
    :param sequential: full names of the sequential channels
    :param clock: follows the database's
    """

    def __init__(
        self,
        name: str,
        manager: ChannelManager,
        slots: int,
        window: Window,
        sequential: Collection[str] = (),
        connect: Callable[[str], Any] = open_session,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.backlog = Backlog(name, manager, window)
        self.database: Database | None = None
        self.readiness = Readiness(name)
        self._looks = LookTimes()
        self._sequential = Sequential(sequential)
        self.handouts = Handouts(self.backlog, self._looks, slots, self._sequential)
        self._connect = connect
        self._clock = clock or Clock()
        self._secret = ""
        self._limits: dict[str, int] = {}
        self._lost_at = _NEVER
        self._next_rescue = 0.0
        self._next_status = 0.0
        self._next_settle = 0.0
        self._settled_up_to = 0

    # -- coming and going ------------------------------------------------------

    def may_open(self, ticks: float) -> bool:
        """Whether it is time to try (again)."""
        return self.database is None and ticks >= self.readiness.next_try

    def open(self, ticks: float, leads_group: bool = False) -> bool:
        """Connect, and lead the database if it is ready for jobs.

        :param leads_group: see :meth:`Database.lead`
        :raise MasterElectionLost: when another runner does
        :return: whether it is served from now on
        """
        database = Database(self.name, self._connect)
        try:
            status = self.readiness.status(database, ticks)
            is_held = status is Status.HELD  # what runs there counts all the same
            if not self.readiness.is_ready(status) and not is_held:
                database.close()
                self.readiness.not_ready(status, ticks)
                return False
            database.lead(leads_group)
            database.settle()
            self._secret = database.secret()
            self._clock.follow(database.time)
            self.handouts.opened(database)
        except BaseException:
            database.close()
            raise
        self.database = database
        if is_held:
            self.backlog.hold(status.value)
        else:
            self._is_served()
        self._looks.by(ticks)
        self._next_rescue = ticks
        self._next_status = ticks + STATUS_INTERVAL
        return True

    def lose(self, error: BaseException, ticks: float) -> None:
        """Set the database aside for a while. What runs of it still counts."""
        self.disconnect()
        self.backlog.hold("not reachable")
        self._lost_at = min(self._lost_at, ticks)
        if ticks - self._lost_at > FORGET_AFTER:
            self.backlog.forget_all()
        self.readiness.lost(error, ticks)

    def disconnect(self) -> None:
        """Let go of the connection, and of the lock with it."""
        if self.database is not None:
            self.database.close()
            self.database = None

    # -- looking -----------------------------------------------------------------

    def listen(self, ticks: float) -> None:
        """Take notice of notifications."""
        database = self._open_database
        if database.has_news():
            self._looks.soon(ticks)
        if database.has_untied:
            database.has_untied = False
            self.backlog.take_heart()

    def care(self, ticks: float, now: float) -> None:
        """Do what is due: look at the rows, find dead jobs, check the addon."""
        if ticks >= self._next_status and not self._check(ticks):
            return
        eta = self.backlog.next_eta
        if ticks >= self._looks.next or (eta is not None and now >= eta):
            self.look(ticks, now)
        if ticks >= self._next_settle:
            self._settle_waiting()
        if ticks >= self._next_rescue and self.handouts.has_any:
            self._rescue(ticks)
        self.handouts.trim(self._open_database, ticks)

    def look(self, ticks: float, now: float) -> None:
        """Replace the window by what the rows say."""
        database, backlog = self._open_database, self.backlog
        began = self._clock.ticks()
        if not database.knows_limits:
            self._limits = database.limits()
            backlog.limit(self._limits)
        backlog.see_past_blocked()
        rows = database.snapshot(now, backlog.window, self._sequential.spellings)
        if self._sequential.learn({row.channel for row in rows}):
            # whether a job has failed there, or waits for its ETA, was not asked for
            rows = database.snapshot(now, backlog.window, self._sequential.spellings)
        backlog.replace(rows, ticks, now)
        cost = self._clock.ticks() - began
        self._looks.looked(began, cost, backlog.next_put_off)
        self._lost_at = _NEVER
        self.readiness.is_well()
        if self._limits:
            self.handouts.stop_paused(database, ticks)
        self.handouts.looked(database, ticks)

    def deadline(self) -> float:
        """When to come back at the latest, if nothing happens."""
        if self.database is None:
            return self.readiness.next_try
        if self.database.was_notified:
            return 0.0
        times = [self._looks.next, self._next_status, self._next_settle]
        if self.handouts.has_any:
            times.append(self._next_rescue)
        return min([*times, *self.handouts.deadlines])

    def held(self, ids: Collection[int]) -> set[int]:
        """Which of these jobs a worker holds."""
        return self._open_database.held(ids)

    def holders(self) -> Sequence[object]:
        """What workers are at, whoever sent it."""
        return self._open_database.holders()

    # -- handing out -------------------------------------------------------------

    def hand_out(self, runs: Iterable[Sequence[str]], ticks: float) -> list[Request]:
        """Mark the jobs of runs enqueued, and say what to send to Odoo for them.

        :param runs: uuids of the jobs of each run, in order
        """
        found = self.handouts.hand_out(self._open_database, list(runs), ticks)
        self._next_rescue = min(self._next_rescue, ticks + RESCUE_INTERVAL)
        return [self.handouts.request(run, self._secret, ticks) for run in found]

    def settle(self, answer: Answer, ticks: float) -> None:
        """Take notice of an answer."""
        if self.handouts.settle(self.database, answer, ticks):
            self._next_rescue = min(self._next_rescue, ticks)

    def hand_back_all(self) -> None:
        """The runner stops: what no worker began is pending again, untried."""
        self.handouts.hand_back_all(self.database)

    # -- internals ---------------------------------------------------------------

    @property
    def _open_database(self) -> Database:
        if self.database is None:
            raise RuntimeError(f"database {self.name} is not open")
        return self.database

    def _is_served(self) -> None:
        self.backlog.release()
        _logger.info("queue job runner ready for db %s", self.name)

    def _settle_waiting(self) -> None:
        began, pause = self._clock.ticks(), SETTLE_INTERVAL
        database = self._open_database
        try:
            self._settled_up_to = database.settle_waiting(self._settled_up_to)
            if self._settled_up_to:
                pause = SETTLE_PAUSE
        finally:  # who is lost over it is not to come back to it at once
            ended = self._clock.ticks()
            self._next_settle = ended + max(pause, SETTLE_REST * (ended - began))

    def _rescue(self, ticks: float) -> None:
        self._next_rescue = ticks + RESCUE_INTERVAL
        protected = [handout.id for handout in self.handouts.protected]
        if self._open_database.rescue(protected):
            self._looks.by(ticks)
        self.handouts.check_busy(self._open_database)

    def _check(self, ticks: float) -> bool:
        """Whether the database can still be looked at."""
        self._next_status = ticks + STATUS_INTERVAL
        status = self.readiness.status(self._open_database, ticks)
        if status is Status.HELD:
            self.backlog.hold(status.value)
        elif not self.readiness.is_ready(status):
            self.disconnect()
            self.backlog.forget_all()
            return False
        elif self.backlog.held:
            self._is_served()
            self._looks.soon(ticks)
        self._open_database.settle()
        self._secret = self._open_database.secret()
        self._clock.follow(self._open_database.time)
        self._open_database.knows_limits = False  # in case a notification was lost
        return True
