# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is dispatched of one database, until it is over or returned."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence

from ..core.runner.batch_policy import BatchBudget, DurationStatistics
from ..core.runner.poll_schedule import PollSchedule
from ..core.states import State
from ..store.dispatch import DispatchedJob
from .busy_workers import BusyWorkers
from .channels import ChannelJob
from .database import Database
from .job_window import JobWindow
from .open_request import OpenRequest
from .request import Answer, Request
from .statistics import JobStatistics


class InFlight:
    """The requests that are under way for the jobs of a database. Times are monotonic
    seconds.

    :param job_window: the jobs
    :param poll_schedule: when their rows are polled
    :param slots: how many jobs may run at a time
    :param sequential: the sequential channels, as rows spell them
    :param statistics: told how jobs ended
    """

    def __init__(
        self,
        job_window: JobWindow,
        poll_schedule: PollSchedule,
        slots: int,
        sequential: Container[str],
        statistics: JobStatistics,
    ) -> None:
        self._job_window = job_window
        self._poll_schedule = poll_schedule
        self._slots = slots
        self._sequential = sequential
        self._statistics = statistics
        self._durations = DurationStatistics()
        self._open_requests: dict[Request, OpenRequest] = {}
        self._busy = BusyWorkers(job_window)
        self._polled_at = 0.0
        self._longest_wait = 0.0

    def __contains__(self, request: Request) -> bool:
        return request in self._open_requests

    @property
    def under_way(self) -> list[DispatchedJob]:
        """All dispatches that a request is open for."""
        return [h for request in self._open_requests for h in request.dispatched_jobs]

    @property
    def unbegun(self) -> list[DispatchedJob]:
        """Jobs of requests of which, the rows said when last polled, no worker has
        begun anything."""
        return [
            dispatched_job
            for open_request in self._unbegun_requests
            for dispatched_job in open_request.dispatched_jobs
        ]

    @property
    def _unbegun_requests(self) -> Iterable[OpenRequest]:
        awaits_worker = self._job_window.awaits_worker
        return (
            open_request
            for open_request in self._open_requests.values()
            if open_request.dispatched_jobs
            and all(map(awaits_worker, open_request.dispatched_jobs))
        )

    @property
    def protected(self) -> list[DispatchedJob]:
        """Those under way that must not be taken for forgotten: not the rest
        of a batch that was returned, of which a moment's lock may have left some."""
        return [
            dispatched_job
            for request, open_request in self._open_requests.items()
            for dispatched_job in request.dispatched_jobs[
                : 1 if open_request.is_trimmed else None
            ]
        ]

    @property
    def has_any(self) -> bool:
        """Whether any job is out, or a worker busy with its end."""
        return self._job_window.has_dispatched or bool(self._busy)

    @property
    def deadlines(self) -> Iterable[float]:
        """When to look at the requests again."""
        return (open_request.deadline for open_request in self._open_requests.values())

    def admission(self, job: ChannelJob) -> Callable[[ChannelJob], bool]:
        """Tell which jobs may run after this one in its slot: short ones, as many as
        bring the backlog evenly to the slots there are.

        :return: asked for one job after the other, whether it is to come along
        """
        rows, job_window = self._job_window.rows, self._job_window
        job_window.choose(job.uuid)
        share = job_window.waiting // job_window.slots(self._slots)
        budget = BatchBudget(self._durations, rows[job.uuid].function, share)

        def admits(member: ChannelJob) -> bool:
            # behind one that is not known, a better one may stand that is not, either
            if job_window.is_low(member.uuid):
                return False
            if not budget.admits(rows[member.uuid].function):
                return False
            job_window.choose(member.uuid)
            return True

        return admits

    def dispatch(
        self, database: Database, runs: Sequence[Sequence[str]], monotonic: float
    ) -> list[Sequence[DispatchedJob]]:
        """Mark the jobs of batches enqueued.

        :param runs: uuids of the jobs of each batch, in order
        :return: what is to be sent to Odoo of each batch, if anything
        """
        rows = self._job_window.rows
        ids = [rows[uuid].id for run in runs for uuid in run if uuid in rows]
        marked = database.enqueue(ids) if ids else []
        by_uuid = {dispatched_job.uuid: dispatched_job for dispatched_job in marked}
        missing = {uuid for run in runs for uuid in run} - by_uuid.keys()
        if missing:
            self._poll_again(missing, monotonic)
            self._pass_by(database, missing, by_uuid, monotonic)
        if self._job_window.wants_refill:
            self._poll_schedule.soon(monotonic)
        found = ([by_uuid[uuid] for uuid in run if uuid in by_uuid] for run in runs)
        return [dispatched_jobs for dispatched_jobs in found if dispatched_jobs]

    def _pass_by(
        self,
        database: Database,
        missing: Collection[str],
        marked: Container[str],
        monotonic: float,
    ) -> None:
        """Pass by jobs that were not to be had: not pending any more, which the rows
        know better; or another transaction is changing them, and perhaps those behind
        them, too.

        :param marked: those that were
        """
        job_window = self._job_window
        channels = {job_window.rows[u].channel for u in missing if u in job_window.rows}
        others = {
            row.uuid: row.id
            for row in job_window.waiting_in(channels)
            if row.uuid not in marked
        }
        free = database.free(others.values())
        behind = [uuid for uuid, row_id in others.items() if row_id not in free]
        for uuid in {*missing, *behind}:
            job_window.back_off(uuid, monotonic, is_free=False)
            job_window.note_not_begun(uuid)
            job_window.forget(uuid)

    def request(
        self, dispatched_jobs: Sequence[DispatchedJob], secret: str, monotonic: float
    ) -> Request:
        """Return what is to be sent to Odoo; it counts as sent."""
        stops = self._has_sequential(h.uuid for h in dispatched_jobs)
        self._job_window.dispatched(dispatched_jobs)
        rows = [self._job_window.rows[job.uuid] for job in dispatched_jobs]
        tells = self._job_window.is_paced(rows[0].channel)
        request = Request(
            self._job_window.db_name, dispatched_jobs, secret, stops, tells
        )
        self._open_requests[request] = OpenRequest(monotonic, dispatched_jobs, rows)
        return request

    def take_answer(
        self, database: Database | None, answer: Answer, monotonic: float
    ) -> bool:
        """Take notice of an answer.

        :param database: where what no worker took is returned; ``None``: it is lost
        :return: whether jobs may have died
        """
        dispatched_jobs = answer.request.dispatched_jobs
        open_request = self._open_requests.pop(answer.request)
        self._busy.ended(open_request)
        self._learn(answer)
        self._note_wait(open_request, answer, monotonic)
        self._statistics.answered(open_request.rows, answer.ends)
        unknown = []
        for dispatched_job in dispatched_jobs:
            if state := answer.ends.state_of(dispatched_job.uuid):
                if state == State.PENDING:
                    self._poll_again([dispatched_job.uuid], monotonic)
                self._job_window.note_state(dispatched_job, state)
            else:
                unknown.append(dispatched_job)
        if not unknown:
            return False
        # No worker took it, or its worker died: then it is found by its free lock.
        self._poll_again([dispatched_job.uuid for dispatched_job in unknown], monotonic)
        is_refused = answer.reached and len(unknown) == len(dispatched_jobs)
        for dispatched_job in self._return_pending(
            database, open_request, unknown, monotonic
        ):
            if is_refused:
                self._job_window.back_off(dispatched_job.uuid, monotonic)
        if answer.reached and answer.problem is not None:
            self._busy.cut(open_request)
        return True

    def _note_wait(
        self, open_request: OpenRequest, answer: Answer, monotonic: float
    ) -> None:
        """Note how long a worker was waited for: as long as it was not at the jobs. Of
        one that does not say of each how long it took, that is not known."""
        seconds = answer.ends.seconds
        if all(job.uuid in seconds for job in answer.request.dispatched_jobs):
            waited = monotonic - open_request.sent - sum(seconds.values())
            self._longest_wait = max(self._longest_wait, waited)

    def _poll_again(self, uuids: Collection[str], monotonic: float) -> None:
        """Poll again jobs that are about to leave the channels, though they are not
        over. In a sequential channel they may have to come first again: it is looked at
        before anything else is dispatched."""
        if self._has_sequential(uuids):
            self._poll_schedule.by(monotonic)
        else:
            self._poll_schedule.soon(monotonic)

    def _has_sequential(self, uuids: Iterable[str]) -> bool:
        rows = self._job_window.rows
        return any(rows[u].channel in self._sequential for u in uuids if u in rows)

    def _learn(self, answer: Answer) -> None:
        rows = self._job_window.rows
        for uuid, seconds in answer.ends.seconds.items():
            if seconds and uuid in rows:
                self._durations.note(rows[uuid].function, seconds)

    def opened(self, database: Database) -> None:
        """Note that the database was opened (again)."""
        self._busy.find(database, self.under_way)

    def polled(self, database: Database, monotonic: float) -> None:
        """Take over the backlog as the rows say: requests may have outlived their
        jobs."""
        self._polled_at = monotonic
        self._busy.follow(database, self._open_requests.values())
        # what other runners dispatched, and what no answer will tell of
        heard_of = {job.uuid for job in self.under_way}
        self._statistics.watch(self._job_window.dispatched_but(heard_of))
        for open_request in self._open_requests.values():
            if open_request.is_busy or not open_request.dispatched_jobs:
                open_request.answered(monotonic)

    def take_longest_wait(self) -> float:
        """Return the seconds that a request waited for a worker, the longest since the
        last question: till it was begun, or till the rows were last polled."""
        waits = [self._polled_at - request.sent for request in self._unbegun_requests]
        longest, self._longest_wait = max([self._longest_wait, *waits]), 0.0
        return longest

    def check_busy(self, database: Database) -> None:
        """Find out which workers are not busy with the ends of jobs any more."""
        self._busy.check(database)

    def overdue(self, monotonic: float) -> list[Request]:
        """Requests still open though their jobs ended long ago; each once."""
        late = [
            r
            for r, open_request in self._open_requests.items()
            if open_request.is_overdue(monotonic)
        ]
        for request in late:
            self._open_requests[request].is_given_up = True
        return late

    # -- taking back -------------------------------------------------------------

    def trim(self, database: Database, monotonic: float) -> None:
        """Return what was not begun of batches that drag, for others to run."""
        for request, open_request in self._open_requests.items():
            if open_request.drags(monotonic):
                open_request.is_trimmed = True
                if self._return_pending(
                    database, open_request, request.dispatched_jobs[1:], monotonic
                ):
                    self._busy.review(open_request)

    def stop_paused(self, database: Database, monotonic: float) -> None:
        """Return what no worker has begun in a channel that is paused. A request
        that was just sent is left alone for a moment: its worker would come in vain."""
        job_window = self._job_window
        for request, open_request in self._open_requests.items():
            waiting = [
                h for h in request.dispatched_jobs if job_window.awaits_worker(h)
            ]
            paused = [
                dispatched_job
                for dispatched_job in waiting
                if job_window.is_paused(dispatched_job)
            ]
            is_taken = len(waiting) < len(request.dispatched_jobs)
            if paused and not is_taken and monotonic < open_request.drags_at:
                self._poll_schedule.by(open_request.drags_at)
            elif paused:
                self._return_pending(database, open_request, paused, monotonic)

    def return_all(self, database: Database | None) -> None:
        """Return to pending what no worker began, as the runner stops."""
        for request, open_request in self._open_requests.items():
            self._return_pending(database, open_request, request.dispatched_jobs, 0.0)

    def _return_pending(
        self,
        database: Database | None,
        open_request: OpenRequest,
        dispatched_jobs: Sequence[DispatchedJob],
        monotonic: float,
    ) -> list[DispatchedJob]:
        """Return to pending what no worker has begun, and poll soon.

        :return: what was returned
        """
        moved = set(database.return_pending(dispatched_jobs)) if database else ()
        returned = [
            dispatched_job
            for dispatched_job in dispatched_jobs
            if dispatched_job.id in moved
        ]
        if returned:
            self._poll_again(
                [dispatched_job.uuid for dispatched_job in returned], monotonic
            )
        for dispatched_job in returned:
            self._job_window.note_not_begun(dispatched_job.uuid)
            self._job_window.note_state(dispatched_job, State.PENDING)
        open_request.forget(moved)
        return returned
