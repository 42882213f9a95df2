"""What is handed out of one database, until it is over or taken back."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence

from ..core.runner.batch_policy import Pace, RunBudget
from ..core.runner.poll_schedule import LookTimes
from ..core.states import State
from ..store.dispatch import Handout
from .busy_workers import BusyWorkers
from .channels import ChannelJob
from .database import Database
from .dispatcher import Answer, Request
from .job_window import Backlog
from .open_request import Flight

_SETTLED = {
    "done": State.DONE,
    "postponed": State.PENDING,
    "failed": State.FAILED,
}


class Handouts:
    """The requests that are under way for the jobs of a database. Times are ticks.

    :param backlog: the jobs
    :param looks: when their rows are looked at
    :param slots: how many jobs may run at a time
    :param sequential: the sequential channels, as rows spell them
    """

    def __init__(
        self,
        backlog: Backlog,
        looks: LookTimes,
        slots: int,
        sequential: Container[str],
    ) -> None:
        self._backlog = backlog
        self._looks = looks
        self._slots = slots
        self._sequential = sequential
        self._pace = Pace()
        self._flights: dict[Request, Flight] = {}
        self._busy = BusyWorkers(backlog)

    def __contains__(self, request: Request) -> bool:
        return request in self._flights

    @property
    def under_way(self) -> list[Handout]:
        """All hand-outs that a request is open for."""
        return [h for request in self._flights for h in request.handouts]

    @property
    def unbegun(self) -> list[Handout]:
        """Jobs of requests of which, the rows said when last looked at, no worker has
        begun anything."""
        return [
            handout
            for flight in self._flights.values()
            if all(self._backlog.awaits_worker(job) for job in flight.handouts)
            for handout in flight.handouts
        ]

    @property
    def protected(self) -> list[Handout]:
        """Those under way that nobody else may take for forgotten: not the rest of a
        run that was taken back, of which a moment's lock may have left some."""
        return [
            handout
            for request, flight in self._flights.items()
            for handout in request.handouts[: 1 if flight.is_trimmed else None]
        ]

    @property
    def has_any(self) -> bool:
        """Whether any job is out, or a worker busy with its end."""
        return self._backlog.has_handed_out or bool(self._busy)

    @property
    def deadlines(self) -> Iterable[float]:
        """When to look at the requests again."""
        return (flight.deadline for flight in self._flights.values())

    def admission(self, job: ChannelJob) -> Callable[[ChannelJob], bool]:
        """Which jobs may run after this one in its place: short ones, as many as bring
        the backlog evenly to the slots there are.

        :return: asked for one job after the other, whether it is to come along
        """
        rows, backlog = self._backlog.rows, self._backlog
        backlog.choose(job.uuid)
        share = backlog.waiting // self._slots
        budget = RunBudget(self._pace, rows[job.uuid].function, share)

        def admits(rider: ChannelJob) -> bool:
            # behind one that is not held, a better one may stand that is not, either
            if backlog.is_low(rider.uuid):
                return False
            if not budget.admits(rows[rider.uuid].function):
                return False
            backlog.choose(rider.uuid)
            return True

        return admits

    def hand_out(
        self, database: Database, runs: Sequence[Sequence[str]], ticks: float
    ) -> list[Sequence[Handout]]:
        """Mark the jobs of runs enqueued.

        :param runs: uuids of the jobs of each run, in order
        :return: what is to be sent to Odoo of each run, if anything
        """
        rows = self._backlog.rows
        ids = [rows[uuid].id for run in runs for uuid in run if uuid in rows]
        marked = database.enqueue(ids) if ids else []
        by_uuid = {handout.uuid: handout for handout in marked}
        missing = {uuid for run in runs for uuid in run} - by_uuid.keys()
        if missing:
            self._look_again(missing, ticks)
            self._pass_by(database, missing, by_uuid, ticks)
        if self._backlog.wants_refill:
            self._looks.soon(ticks)
        found = ([by_uuid[uuid] for uuid in run if uuid in by_uuid] for run in runs)
        return [handouts for handouts in found if handouts]

    def _pass_by(
        self,
        database: Database,
        missing: Collection[str],
        marked: Container[str],
        ticks: float,
    ) -> None:
        """These were not to be had: not pending any more, which the rows know better;
        or somebody is changing them, and perhaps those behind them, too.

        :param marked: those that were
        """
        backlog = self._backlog
        channels = {backlog.rows[u].channel for u in missing if u in backlog.rows}
        others = {
            row.uuid: row.id
            for row in backlog.waiting_in(channels)
            if row.uuid not in marked
        }
        free = database.free(others.values())
        behind = [uuid for uuid, row_id in others.items() if row_id not in free]
        for uuid in {*missing, *behind}:
            backlog.put_off(uuid, ticks, is_free=False)
            backlog.forget(uuid)

    def request(
        self, handouts: Sequence[Handout], secret: str, ticks: float
    ) -> Request:
        """What is to be sent to Odoo; it counts as sent."""
        stops = self._has_sequential(h.uuid for h in handouts)
        channel = self._backlog.rows[handouts[0].uuid].channel
        self._backlog.handed_out(handouts)
        request = Request(self._backlog.db_name, handouts, secret, stops)
        self._flights[request] = Flight(ticks, handouts, channel)
        return request

    def settle(self, database: Database | None, answer: Answer, ticks: float) -> bool:
        """Take notice of an answer.

        :param database: where what nobody took is put back; ``None``: it is lost
        :return: whether jobs may have died
        """
        handouts = answer.request.handouts
        flight = self._flights.pop(answer.request)
        self._busy.ended(flight)
        self._learn(answer)
        unknown = []
        for handout in handouts:
            if state := _SETTLED.get(answer.outcomes.get(handout.uuid, "")):
                if state == State.PENDING:
                    self._look_again([handout.uuid], ticks)
                self._backlog.settle(handout, state)
            else:
                unknown.append(handout)
        if not unknown:
            return False
        # Nobody took it, or its worker died: then it is found by its free lock.
        self._look_again([handout.uuid for handout in unknown], ticks)
        is_refused = answer.reached and len(unknown) == len(handouts)
        for handout in self._hand_back(database, flight, unknown, ticks):
            if is_refused:
                self._backlog.put_off(handout.uuid, ticks)
        if answer.reached and answer.problem is not None:
            self._busy.cut(flight)
        return True

    def _look_again(self, uuids: Collection[str], ticks: float) -> None:
        """These are about to leave the channels, though they are not over. In a
        sequential channel they may have to come first again: it is looked at before
        anything else is handed out."""
        if self._has_sequential(uuids):
            self._looks.by(ticks)
        else:
            self._looks.soon(ticks)

    def _has_sequential(self, uuids: Iterable[str]) -> bool:
        rows = self._backlog.rows
        return any(rows[u].channel in self._sequential for u in uuids if u in rows)

    def _learn(self, answer: Answer) -> None:
        rows = self._backlog.rows
        for uuid, seconds in answer.seconds.items():
            if seconds and uuid in rows:
                self._pace.note(rows[uuid].function, seconds)

    def opened(self, database: Database) -> None:
        """The database was opened (again)."""
        self._busy.find(database, self.under_way)

    def looked(self, database: Database, ticks: float) -> None:
        """The backlog is as the rows say: requests may have outlived their jobs."""
        self._busy.follow(database, self._flights.values())
        for flight in self._flights.values():
            if flight.is_busy or not flight.handouts:
                flight.settled(ticks)

    def check_busy(self, database: Database) -> None:
        """Find out which workers are not busy with the ends of jobs any more."""
        self._busy.check(database)

    def overdue(self, ticks: float) -> list[Request]:
        """Requests still open though their jobs settled long ago; each once."""
        late = [r for r, flight in self._flights.items() if flight.is_overdue(ticks)]
        for request in late:
            self._flights[request].is_given_up = True
        return late

    # -- taking back -------------------------------------------------------------

    def trim(self, database: Database, ticks: float) -> None:
        """Take back what was not begun of runs that drag, for others to run."""
        for request, flight in self._flights.items():
            if flight.drags(ticks):
                flight.is_trimmed = True
                if self._hand_back(database, flight, request.handouts[1:], ticks):
                    self._busy.review(flight)

    def stop_paused(self, database: Database, ticks: float) -> None:
        """Take back what no worker has begun in a channel that is paused. A request
        that was just sent is left alone for a moment: its worker would come in vain."""
        backlog = self._backlog
        for request, flight in self._flights.items():
            waiting = [h for h in request.handouts if backlog.awaits_worker(h)]
            paused = [handout for handout in waiting if backlog.is_paused(handout)]
            is_taken = len(waiting) < len(request.handouts)
            if paused and not is_taken and ticks < flight.drags_at:
                self._looks.by(flight.drags_at)
            elif paused:
                self._hand_back(database, flight, paused, ticks)

    def hand_back_all(self, database: Database | None) -> None:
        """The runner stops: what no worker began is pending again, untried."""
        for request, flight in self._flights.items():
            self._hand_back(database, flight, request.handouts, 0.0)

    def _hand_back(
        self,
        database: Database | None,
        flight: Flight,
        handouts: Sequence[Handout],
        ticks: float,
    ) -> list[Handout]:
        """Put back what no worker has begun, and look at the rows soon.

        :return: what was put back
        """
        moved = set(database.hand_back(handouts)) if database else ()
        returned = [handout for handout in handouts if handout.id in moved]
        if returned:
            self._look_again([handout.uuid for handout in returned], ticks)
        for handout in returned:
            self._backlog.settle(handout, State.PENDING)
        flight.forget(moved)
        return returned
