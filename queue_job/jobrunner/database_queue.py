# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One database as the loop serves it: when it polls, what it dispatches.

All times are monotonic seconds of the clock but for those named ``now``, which are
seconds since 1970. Whatever goes wrong with the database is raised; the loop then calls
:meth:`DatabaseQueue.lose`, and all others go on.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ..core.channels.lanes import Lanes
from ..core.channels.name import Sequential
from ..core.runner.aged_channels import AgedChannels
from ..core.runner.fetch_window import Window
from ..core.runner.poll_schedule import PollSchedule
from ..core.states import State
from .channels import ChannelManager
from .clock import Clock
from .database import Database, Status
from .in_flight import InFlight
from .job_window import JobWindow
from .lanes import LateLanes
from .request import Answer, Request
from .session import open_session
from .snapshot import Snapshot
from .statistics import JobStatistics
from .status import STATUS_INTERVAL, Readiness
from .stuck import end_stuck

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two searches for dead jobs, while any are out.
RESCUE_INTERVAL = 2.0
#: Seconds between two searches for jobs that were not released.
RELEASE_INTERVAL = 10.0
#: ... and between the parts of a long one.
RELEASE_PAUSE = 1.0
#: ... and, where that is longer, so many times as long as the part took.
RELEASE_REST = 20
#: Seconds between two searches for jobs that have expired.
EXPIRY_INTERVAL = 5.0
#: ... and between two parts of a long one.
EXPIRY_PAUSE = 0.2
#: ... and between two parts of giving jobs the lanes that they belong into, or, where
#: that is longer, so many times as long as the part took.
LANES_PAUSE, LANES_REST = 0.2, 20
#: Seconds after which the jobs of an unreachable database take no capacity any more.
FORGET_AFTER = 60.0
_NEVER = float("inf")


class DatabaseQueue:
    """Keeps one database's jobs going.

    :param name: the database
    :param manager: the channels, shared by all databases
    :param slots: how many jobs may run at a time
    :param window: how many due jobs of a channel to keep
    :param sequential: full names of the sequential channels
    :param clock: follows the database's
    :param lanes: in which lanes of their channels jobs wait, as the operator says
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
        lanes: Lanes | None = None,
    ) -> None:
        self.name = name
        self.job_window = JobWindow(name, manager, window)
        self.database: Database | None = None
        self.readiness = Readiness(name)
        self._poll_schedule = PollSchedule()
        self._sequential = Sequential(sequential)
        self._aged = AgedChannels(lambda channel: manager.aging_of(channel, name))
        self._clock = clock or Clock()
        self.statistics = JobStatistics(name, self._clock)
        self.dispatched_jobs = InFlight(
            self.job_window,
            self._poll_schedule,
            slots,
            self._sequential,
            self.statistics,
        )
        self._connect = connect
        self._secret = ""
        self._limits: dict[str, int] = {}
        self._lost_at = _NEVER
        self._next_rescue = 0.0
        self._next_status = 0.0
        self._next_release = 0.0
        self._next_expiry = 0.0
        self._late_lanes = LateLanes(lanes or Lanes())
        self._next_lanes = 0.0

    # -- coming and going ------------------------------------------------------

    def may_open(self, monotonic: float) -> bool:
        """Tell whether it is time to try (again)."""
        return self.database is None and monotonic >= self.readiness.next_try

    def open(self, monotonic: float, leads_group: bool = False) -> bool:
        """Connect, and lead the database if it is ready for jobs.

        :param leads_group: see :meth:`Database.lead`
        :raise MasterElectionLost: when another runner does
        :return: whether it is served from now on
        """
        database = Database(self.name, self._connect)
        try:
            status = self.readiness.status(database, monotonic)
            # what runs there counts all the same
            is_upgrading = status is Status.UPGRADING
            if not self.readiness.is_ready(status) and not is_upgrading:
                database.close()
                self.readiness.not_ready(status, monotonic)
                return False
            database.lead(leads_group)
            database.remember()
            self._secret = database.secret()
            self._clock.follow(database.time)
            self.dispatched_jobs.opened(database)
        except BaseException:
            database.close()
            raise
        self.database = database
        if is_upgrading:
            self.job_window.stop(status.value)
        else:
            self._is_served()
        self._poll_schedule.by(monotonic)
        self._next_rescue = monotonic
        self._next_status = monotonic + STATUS_INTERVAL
        return True

    def lose(self, error: BaseException, monotonic: float) -> None:
        """Set the database aside for a while. What runs of it still counts."""
        self.disconnect()
        self.job_window.stop("not reachable")
        self._lost_at = min(self._lost_at, monotonic)
        if monotonic - self._lost_at > FORGET_AFTER:
            self.job_window.forget_all()
        self.readiness.lost(error, monotonic)

    def disconnect(self) -> None:
        """Close the connection, and with it the lock."""
        if self.database is not None:
            self.database.close()
            self.database = None

    # -- looking -----------------------------------------------------------------

    def listen(self, monotonic: float) -> None:
        """Take notice of notifications."""
        database = self._open_database
        if database.has_news():
            self._poll_schedule.soon(monotonic)
        if database.has_untied:
            database.has_untied = False
            self.job_window.take_heart()

    def care(self, monotonic: float, now: float) -> None:
        """Do what is due: poll the rows, find dead jobs, check the addon."""
        if monotonic >= self._next_status and not self._check(monotonic):
            return
        eta = self.job_window.next_eta
        if monotonic >= self._poll_schedule.next or (eta is not None and now >= eta):
            self.poll(monotonic, now)
        if monotonic >= self._next_release:
            self._release_waiting()
        if monotonic >= self._next_expiry:
            has_more = self._open_database.expire()
            pause = EXPIRY_PAUSE if has_more else EXPIRY_INTERVAL
            self._next_expiry = self._clock.monotonic() + pause
        if monotonic >= self._next_lanes and self._late_lanes.next_channel:
            self._give_lanes(self._late_lanes.next_channel)
        is_needed = self.dispatched_jobs.has_any or self._open_database.tells_overdue
        if monotonic >= self._next_rescue and is_needed:
            self._rescue(monotonic)
        self.dispatched_jobs.trim(self._open_database, monotonic)
        if monotonic >= self.statistics.next_writing:
            self.statistics.write(self._open_database)

    def poll(self, monotonic: float, now: float) -> None:
        """Replace the window by what the rows say."""
        database, job_window = self._open_database, self.job_window
        began = self._clock.monotonic()
        if not database.knows_limits:
            self._limits = database.limits()
            job_window.limit(self._limits)
            own_rules = database.own_rules()
            job_window.rule(own_rules)
            self._late_lanes.follow(own_rules)
        job_window.see_past_blocked()
        found = self._snapshot(now)
        job_window.replace(found, monotonic, now)
        self._late_lanes.look(found.rows)
        cost = self._clock.monotonic() - began
        self._poll_schedule.polled(
            began,
            cost,
            job_window.next_back_off,
            job_window.is_whole,
            ends_turn=job_window.window.part.begins_turn,
        )
        self._lost_at = _NEVER
        self.readiness.is_well()
        if self._limits:
            self.dispatched_jobs.stop_paused(database, monotonic)
        self.dispatched_jobs.polled(database, monotonic)

    def _snapshot(self, now: float) -> Snapshot:
        found = self._poll(now)
        if self._sequential.learn({row.channel for row in found.rows}):
            # whether a job has failed there, or waits for its ETA, was not asked for
            found = self._poll(now)
        if self.job_window.has_aging and self._learn_aging(found):
            found = self._poll(now)
        # what fails keeps back who comes after, who may be what it is not needed for
        failed = [row.id for row in found.rows if row.state == State.FAILED]
        if failed and self._open_database.supersede(failed):
            found = self._poll(now)
        return found

    def _poll(self, now: float) -> Snapshot:
        window, spellings = self.job_window.window, self._sequential.spellings
        return self._open_database.snapshot(now, window, spellings, self._aged.seconds)

    def _learn_aging(self, found: Snapshot) -> bool:
        due = (
            row.channel
            for row in found.rows
            if row.state == State.PENDING and row.eta is None
        )
        return self._aged.learn(due, self.job_window.window.narrow)

    def deadline(self) -> float:
        """Tell when to come back at the latest, if nothing happens."""
        if self.database is None:
            return self.readiness.next_try
        if self.database.was_notified:
            return 0.0
        times = [self._poll_schedule.next, self._next_status, self._next_release]
        times += [self._next_expiry, self.statistics.next_writing]
        if self.dispatched_jobs.has_any:
            times.append(self._next_rescue)
        if self._late_lanes.next_channel:
            times.append(self._next_lanes)
        return min([*times, *self.dispatched_jobs.deadlines])

    def tell_ceiling(self, ceiling: int | None, causes: int) -> None:
        """Let others see how far the runner has lowered itself."""
        self._open_database.tell_ceiling(ceiling, causes)

    def active_backends(self) -> int:
        """Return how many sessions of PostgreSQL are at a statement."""
        return self._open_database.active_backends()

    def locked(self, ids: Collection[int]) -> set[int]:
        """Tell which of these jobs a worker has locked."""
        return self._open_database.locked(ids)

    def locks_of_workers(self) -> Sequence[object]:
        """Return what workers are at, whichever runner sent it."""
        return self._open_database.locks_of_workers()

    # -- dispatching -------------------------------------------------------------

    def dispatch(
        self, runs: Iterable[Sequence[str]], monotonic: float
    ) -> list[Request]:
        """Mark the jobs of batches enqueued, and say what to send to Odoo for them.

        :param runs: uuids of the jobs of each run, in order
        """
        found = self.dispatched_jobs.dispatch(
            self._open_database, list(runs), monotonic
        )
        self._next_rescue = min(self._next_rescue, monotonic + RESCUE_INTERVAL)
        return [
            self.dispatched_jobs.request(run, self._secret, monotonic) for run in found
        ]

    def take_answer(self, answer: Answer, monotonic: float) -> None:
        """Take notice of an answer."""
        if self.dispatched_jobs.take_answer(self.database, answer, monotonic):
            self._next_rescue = min(self._next_rescue, monotonic)

    def return_all(self) -> None:
        """Return to pending what no worker began, as the runner stops, and write down
        what became of the others."""
        self.dispatched_jobs.return_all(self.database)
        if self.database is not None:
            self.statistics.write(self.database)

    # -- internals ---------------------------------------------------------------

    @property
    def _open_database(self) -> Database:
        if self.database is None:
            raise RuntimeError(f"database {self.name} is not open")
        return self.database

    def _is_served(self) -> None:
        self.job_window.resume()
        _logger.info("queue job runner ready for db %s", self.name)

    def _release_waiting(self) -> None:
        began, pause = self._clock.monotonic(), RELEASE_INTERVAL
        database = self._open_database
        try:
            if database.release_waiting():
                pause = RELEASE_PAUSE
        finally:  # who is lost over it is not to come back to it at once
            ended = self._clock.monotonic()
            self._next_release = ended + max(pause, RELEASE_REST * (ended - began))

    def _give_lanes(self, channel: str) -> None:
        began, late = self._clock.monotonic(), self._late_lanes
        has_more = self._open_database.give_lanes(channel, late.lanes, late.own)
        late.cared_for(channel, has_more)
        ended = self._clock.monotonic()
        self._next_lanes = ended + max(LANES_PAUSE, LANES_REST * (ended - began))

    def _rescue(self, monotonic: float) -> None:
        self._next_rescue = monotonic + RESCUE_INTERVAL
        protected = [
            dispatched_job.id for dispatched_job in self.dispatched_jobs.protected
        ]
        if self._open_database.rescue(protected, self._died):
            self._poll_schedule.by(monotonic)
        self.dispatched_jobs.check_busy(self._open_database)
        database = self._open_database
        database.tell_overdue(end_stuck(database))

    def _died(self, uuids: Sequence[str]) -> None:
        rows = self.job_window.rows
        self.statistics.rescued([rows[uuid] for uuid in uuids if uuid in rows])

    def _check(self, monotonic: float) -> bool:
        """Tell whether the database can still be polled."""
        self._next_status = monotonic + STATUS_INTERVAL
        status = self.readiness.status(self._open_database, monotonic)
        if status is Status.UPGRADING:
            self.job_window.stop(status.value)
        elif not self.readiness.is_ready(status):
            self.disconnect()
            self.job_window.forget_all()
            return False
        elif self.job_window.stopped:
            self._is_served()
            self._poll_schedule.soon(monotonic)
        self._open_database.remember()
        self._secret = self._open_database.secret()
        self._clock.follow(self._open_database.time)
        self._open_database.knows_limits = False  # in case a notification was lost
        return True
