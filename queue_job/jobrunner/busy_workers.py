# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Workers that are busy though the rows of their jobs say that these are over: with the
messages and hooks of a failure, say. Each counts as a running job."""

from collections.abc import Iterable, Sequence

from ..store.dispatch import DispatchedJob
from .database import Database
from .job_window import JobWindow


class Work:
    """Jobs that one worker does in one slot, one after the other.

    :param dispatched_jobs: the jobs, in order
    :param channel: of the first of them
    """

    def __init__(self, dispatched_jobs: Sequence[DispatchedJob], channel: str) -> None:
        #: Those that the worker may still be at.
        self.dispatched_jobs = dispatched_jobs
        self.channel = channel
        #: Whether its slot is taken by nothing but the worker.
        self.is_busy = False
        first = dispatched_jobs[0]
        #: What stands for the worker where jobs are counted.
        self.stand_in = f"worker of {first.uuid}, attempt {first.attempt}"

    def forget(self, ids: Iterable[int]) -> None:
        """Forget these jobs, which the worker is not at."""
        others = set(ids)
        self.dispatched_jobs = [h for h in self.dispatched_jobs if h.id not in others]


class BusyWorkers:
    """Make them count until they answer, or unlock their
    jobs: a worker does so when nothing is left to do.

    :param job_window: the jobs
    """

    def __init__(self, job_window: JobWindow) -> None:
        self._job_window = job_window
        self._busy: set[Work] = set()
        #: Work that no request is open for: it was cut, or another runner's.
        self._unanswered: set[Work] = set()

    def __bool__(self) -> bool:
        return bool(self._busy)

    def find(self, database: Database, known: Iterable[DispatchedJob]) -> None:
        """See who is at work in a database that was just opened.

        :param known: jobs that a request is open for
        """
        for work in list(self._unanswered):
            self.ended(work)
        known_ids = {dispatched_job.id for dispatched_job in known}
        for dispatched_jobs, channel in database.locks_of_workers():
            if known_ids.isdisjoint(
                dispatched_job.id for dispatched_job in dispatched_jobs
            ):
                self._unanswered.add(Work(dispatched_jobs, channel))

    def cut(self, work: Work) -> None:
        """Note that its request ended without outcomes; whether its worker did is
        unknown."""
        if work.dispatched_jobs:
            self._unanswered.add(work)

    def ended(self, work: Work) -> None:
        """Note that its worker is free."""
        self._unanswered.discard(work)
        if work.is_busy:
            work.is_busy = False
            self._busy.discard(work)
            self._job_window.vacate(work.stand_in)

    def follow(self, database: Database, flights: Iterable[Work]) -> None:
        """Take over the backlog as the rows say.

        :param flights: what requests are open for
        """
        for work in flights:
            self.review(work)
        if self._unanswered:
            for work in list(self._unanswered):
                self.review(work)
            if self._busy & self._unanswered:
                self.check(database)  # nothing else tells when they end

    def review(self, work: Work) -> None:
        """Let its worker count, if none of its jobs does so."""
        job_window = self._job_window
        if any(
            job_window.is_out(dispatched_job) for dispatched_job in work.dispatched_jobs
        ):
            return
        work.dispatched_jobs = [
            h for h in work.dispatched_jobs if not job_window.is_back(h)
        ]
        if not work.dispatched_jobs:
            self.ended(work)
            return
        work.is_busy = True
        self._busy.add(work)
        job_window.occupy(work.stand_in, work.channel, work.dispatched_jobs[0].id)

    def check(self, database: Database) -> None:
        """Find out which have unlocked all their jobs."""
        ids = {
            dispatched_job.id
            for work in self._busy
            for dispatched_job in work.dispatched_jobs
        }
        free = ids.difference(database.locked(ids) if ids else ())
        for work in list(self._busy):
            work.forget(free)
            if not work.dispatched_jobs:
                self.ended(work)
