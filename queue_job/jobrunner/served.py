"""One database as the loop serves it: when it looks, what it hands out.

All times are ticks of the clock but for those named ``now``, which are seconds since
1970. Whatever goes wrong with the database is raised; the loop then calls
:meth:`ServedDatabase.lose`, and all others go on.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ..core.states import State
from ..core.window import Window
from ..store import Handout
from .backlog import Backlog
from .channels import ChannelJob, ChannelManager
from .database import Database, MasterElectionLost, Status
from .dispatcher import Answer, Request
from .flight import Flight
from .pace import Pace, RunBudget
from .session import open_session
from .upgrades import UpgradeHold

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two looks that nothing asked for: what a lost notification costs.
POLL_INTERVAL = 5.0
#: Under a stream of notifications, so many looks within so many seconds ...
BURST, BURST_SECONDS = 4, 0.2
#: ... and after each a pause of so many seconds per job that it found.
PAUSE_PER_JOB = 30e-6
#: Seconds between two searches for dead jobs, while any are out.
RESCUE_INTERVAL = 2.0
#: Seconds between two searches for jobs that wait for nobody any more.
SETTLE_INTERVAL = 10.0
#: Seconds between two checks that the addon is (still) installed.
STATUS_INTERVAL = 5.0
#: Seconds after which the jobs of an unreachable database take no capacity any more.
FORGET_AFTER = 60.0
_BACK_OFF, _LONGEST_BACK_OFF = 0.5, 30.0
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
    :param slots: how many jobs may run at a time
    :param window: how many due jobs of a channel to hold
    :param sequential: full names of the sequential channels
    """

    def __init__(
        self,
        name: str,
        manager: ChannelManager,
        slots: int,
        window: Window,
        sequential: Collection[str] = (),
        connect: Callable[[str], Any] = open_session,
    ) -> None:
        self.name = name
        self.backlog = Backlog(name, manager, window)
        self.database: Database | None = None
        #: Why the database is not served, as last told to the log.
        self.reason: str | None = None
        #: Whether there was nothing to serve at the last look into it: then it is not
        #: opened before somebody calls :meth:`retry`.
        self.lacks_addon = False
        self.in_flight: dict[Request, Flight] = {}
        self.pace = Pace()
        self._slots = slots
        self._upgrade = UpgradeHold(name)
        self._sequential = sequential
        self._connect = connect
        self._secret = ""
        self._back_off = _BACK_OFF
        self._lost_at = _NEVER
        self._next_try = 0.0
        self._next_look = 0.0
        self._looks = deque([-_NEVER] * BURST, BURST)
        self._next_rescue = 0.0
        self._rested_at = -_NEVER
        self._next_status = 0.0
        self._next_settle = 0.0

    # -- coming and going ------------------------------------------------------

    def may_open(self, ticks: float) -> bool:
        """Whether it is time to try (again)."""
        return self.database is None and ticks >= self._next_try

    def open(self, ticks: float, leads_group: bool = False) -> bool:
        """Connect, and lead the database if it is ready for jobs.

        :param leads_group: see :meth:`Database.lead`
        :raise MasterElectionLost: when another runner does
        :return: whether it is served from now on
        """
        self._next_try = ticks + STATUS_INTERVAL
        database = Database(self.name, self._connect)
        try:
            status = self._status(database, ticks)
            if not self._is_ready(status):
                database.close()
                self._next_try = ticks + self._pause(status)
                return False
            database.lead(leads_group)
            database.settle()
            self._secret = database.secret()
        except BaseException:
            database.close()
            raise
        self.database = database
        self.backlog.release()
        self._next_look = self._next_rescue = self._next_settle = ticks
        self._next_status = ticks + STATUS_INTERVAL
        _logger.info("queue job runner ready for db %s", self.name)
        return True

    def _pause(self, status: Status) -> float:
        """Seconds until the next look into a database that is not served."""
        if self.lacks_addon:
            return _NEVER
        if status is Status.COPY:  # perhaps for ever, and of many
            self._back_off = min(1.5 * self._back_off, _LONGEST_BACK_OFF)
        return max(STATUS_INTERVAL, self._back_off)

    def retry(self, ticks: float) -> None:
        """Do not wait any longer before the next try."""
        self._next_try, self._back_off = ticks, _BACK_OFF
        self.lacks_addon = False

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
        self._next_try = ticks + self._back_off
        self._back_off = min(1.5 * self._back_off, _LONGEST_BACK_OFF)
        text = str(error).strip().partition("\n")[0] or type(error).__name__
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
        earliest = max(ticks, self._looks[0] + BURST_SECONDS, self._rested_at)
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
        if ticks >= self._next_settle:
            self._next_settle = ticks + SETTLE_INTERVAL
            self._open_database.settle_waiting()
        if ticks >= self._next_rescue and self.backlog.has_handed_out:
            self._rescue(ticks)
        self._trim(ticks)

    def look(self, ticks: float, now: float) -> None:
        """Replace the window by what the rows say."""
        self._looks.append(ticks)
        limits = self._open_database.limits()
        self.backlog.limit(limits)
        window = self.backlog.window
        rows = self._open_database.snapshot(now, window, self._sequential)
        self.backlog.replace(rows, ticks, now)
        self._rested_at = ticks + PAUSE_PER_JOB * len(rows)
        self._next_look = ticks + POLL_INTERVAL
        if (put_off := self.backlog.next_put_off) is not None:
            self._next_look = min(self._next_look, max(put_off, ticks + 0.5))
        self._back_off, self._lost_at, self.reason = _BACK_OFF, _NEVER, None
        if limits:
            self._stop_paused(ticks)
        for request, flight in self.in_flight.items():
            if not any(self.backlog.holds(handout) for handout in request.handouts):
                flight.settled(ticks)

    def deadline(self) -> float:
        """When to come back at the latest, if nothing happens."""
        if self.database is None:
            return self._next_try
        if self.database.was_notified:
            return 0.0
        times = [self._next_look, self._next_status, self._next_settle]
        times += (flight.deadline for flight in self.in_flight.values())
        if self.backlog.has_handed_out:
            times.append(self._next_rescue)
        return min(times)

    # -- handing out -------------------------------------------------------------

    def admission(self, job: ChannelJob) -> Callable[[ChannelJob], bool]:
        """Which jobs may run after this one in its place: short ones, as many as bring
        the backlog evenly to the slots there are.

        :return: asked for one job after the other, whether it is to come along
        """
        rows, backlog = self.backlog.rows, self.backlog
        backlog.choose(job.uuid)
        share = backlog.waiting // self._slots
        budget = RunBudget(self.pace, rows[job.uuid].function, share)

        def admits(rider: ChannelJob) -> bool:
            # behind one that is not held, a better one may stand that is not, either
            if backlog.is_low(rider.uuid) or not budget.admits(
                rows[rider.uuid].function
            ):
                return False
            backlog.choose(rider.uuid)
            return True

        return admits

    def hand_out(self, runs: Iterable[Sequence[str]], ticks: float) -> list[Request]:
        """Mark the jobs of runs enqueued, and say what to send to Odoo for them.

        :param runs: uuids of the jobs of each run, in order
        """
        runs, rows = list(runs), self.backlog.rows
        ids = [rows[uuid].id for run in runs for uuid in run if uuid in rows]
        marked = self._open_database.enqueue(ids) if ids else []
        by_uuid = {handout.uuid: handout for handout in marked}
        requests = []
        for run in runs:
            handouts = [by_uuid[uuid] for uuid in run if uuid in by_uuid]
            for uuid in set(run) - by_uuid.keys():
                # not pending any more: the rows know better; or somebody changes it
                self.backlog.forget(uuid)
                self.backlog.put_off(uuid, ticks)
                self.look_soon(ticks)
            if handouts:
                requests.append(self._request(handouts, ticks))
        if self.backlog.wants_refill:
            self.look_soon(ticks)
        self._next_rescue = min(self._next_rescue, ticks + RESCUE_INTERVAL)
        return requests

    def _request(self, handouts: Sequence[Handout], ticks: float) -> Request:
        self.backlog.handed_out(handouts)
        rows = self.backlog.rows
        stops = any(rows[h.uuid].channel in self._sequential for h in handouts)
        request = Request(self.name, handouts, self._secret, stops)
        self.in_flight[request] = Flight(ticks, len(handouts))
        return request

    def settle(self, answer: Answer, ticks: float) -> None:
        """Take notice of an answer."""
        handouts = answer.request.handouts
        self.in_flight.pop(answer.request, None)
        self._learn(answer)
        unknown = []
        for handout in reversed(handouts):  # the place in the channel goes last
            outcome = answer.outcomes.get(handout.uuid, "")
            if state := _SETTLED.get(outcome):
                self.backlog.settle(handout, state)
                if state == State.PENDING:
                    self.look_soon(ticks)
            else:
                unknown.append(handout)
        if not unknown:
            return
        # Nobody took it, or its worker died: then it is found by its free lock.
        self.look_soon(ticks)
        self._next_rescue = min(self._next_rescue, ticks)
        is_refused = answer.reached and len(unknown) == len(handouts)
        for handout in self._hand_back(unknown):
            if is_refused:
                self.backlog.put_off(handout.uuid, ticks)

    def _learn(self, answer: Answer) -> None:
        rows = self.backlog.rows
        for uuid, seconds in answer.seconds.items():
            if seconds and uuid in rows:
                self.pace.note(rows[uuid].function, seconds)

    def _trim(self, ticks: float) -> None:
        """Take back what was not begun of runs that drag, for others to run."""
        for request, flight in self.in_flight.items():
            if flight.drags(ticks):
                flight.is_trimmed = True
                if self._hand_back(request.handouts[1:]):
                    self.look_soon(ticks)

    def _stop_paused(self, ticks: float) -> None:
        """Take back what no worker has begun in a channel that is paused. A request
        that was just sent is left alone for a moment: its worker would come in vain."""
        for request, flight in self.in_flight.items():
            waiting = [h for h in request.handouts if self.backlog.awaits_worker(h)]
            paused = [handout for handout in waiting if self.backlog.is_paused(handout)]
            is_taken = len(waiting) < len(request.handouts)
            if paused and not is_taken and ticks < flight.drags_at:
                self._next_look = min(self._next_look, flight.drags_at)
            elif paused and self._hand_back(paused):
                self.look_soon(ticks)

    def overdue_requests(self, ticks: float) -> list[Request]:
        """Requests still open though their jobs settled long ago."""
        late = [r for r, flight in self.in_flight.items() if flight.is_overdue(ticks)]
        for request in late:
            self.in_flight[request].is_given_up = True
        return late

    def hand_back_all(self) -> None:
        """The runner stops: what no worker began is pending again, untried."""
        if self.database is not None and self.in_flight:
            self._hand_back(self._handouts)

    @property
    def _handouts(self) -> list[Handout]:
        return [h for request in self.in_flight for h in request.handouts]

    # -- internals ---------------------------------------------------------------

    @property
    def _open_database(self) -> Database:
        if self.database is None:
            raise RuntimeError(f"database {self.name} is not open")
        return self.database

    def _hand_back(self, handouts: Sequence[Handout]) -> list[Handout]:
        """Put back what no worker has begun.

        :return: what was put back
        """
        moved = set(self._open_database.hand_back(handouts)) if self.database else ()
        returned = [handout for handout in handouts if handout.id in moved]
        for handout in returned:
            self.backlog.settle(handout, State.PENDING)
        return returned

    def _rescue(self, ticks: float) -> None:
        self._next_rescue = ticks + RESCUE_INTERVAL
        in_flight = [handout.id for handout in self._handouts]
        if self._open_database.rescue(in_flight):
            self._next_look = ticks

    def _check(self, ticks: float) -> bool:
        """Whether the database can still be looked at."""
        self._next_status = ticks + STATUS_INTERVAL
        status = self._status(self._open_database, ticks)
        if status is Status.HELD:
            self.backlog.hold(status.value)
        elif not self._is_ready(status):
            self.disconnect()
            self.backlog.forget_all()
            return False
        elif self.backlog.held:
            self.backlog.release()
            self.look_soon(ticks)
        self._open_database.settle()
        self._secret = self._open_database.secret()
        return True

    def _status(self, database: Database, ticks: float) -> Status:
        def is_held() -> bool:
            marked = database.marked_modules()
            writing = database.writing_transactions() if marked else set()
            return self._upgrade.holds(marked, writing, ticks)

        return database.status(is_held)

    def _is_ready(self, status: Status) -> bool:
        self.lacks_addon = status in (Status.NOT_ODOO, Status.NOT_INSTALLED)
        if status is Status.READY:
            return True
        if status is Status.NO_TRIGGER and self.reason != status.value:
            _logger.error("queue_job_notify trigger is missing in db %s", self.name)
        elif status is Status.COPY and self.reason != status.value:
            _logger.warning(
                "jobs of database %s are held, because it is a copy: give it another"
                " database.uuid, or choose Job Queue > Queue > Adopt Jobs in it",
                self.name,
            )
        elif self.reason != status.value:
            _logger.debug("database %s is skipped: %s", self.name, status.value)
        self.reason = status.value
        return False
