# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the jobs of a channel stand, and the slots that they take there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Protocol, TypeVar

from .claims import Tally
from .counting import Counted, CountingChannel
from .limits import DatabaseLimits
from .own_paces import OwnPaces
from .rate import Pace, Paces


class Shut(Enum):
    """Why a channel passes no job on, whichever comes."""

    PAUSED = "paused"
    HALTED = "halted by a failure"
    FULL = "full"


class Occupying(Counted, Protocol):
    """What is to be known of a job that takes slots."""

    #: Of one that is running: whether that is known.
    has_begun: bool

    @property
    def channel(self) -> "OccupiedChannel[Any]":
        """The channel it belongs to."""


Job = TypeVar("Job", bound=Occupying)


class OccupiedChannel(CountingChannel[Job]):
    """Counts a job as running from being passed on until it ends.

    What was passed on and is not dispatched yet stands in a queue further down to the
    root, and can be taken back.
    """

    parent: "OccupiedChannel[Job] | None"
    lineage: tuple["OccupiedChannel[Job]", ...]
    children: Mapping[str, "OccupiedChannel[Job]"]

    def __init__(
        self, parent: "OccupiedChannel[Job] | None", capacity: int | None
    ) -> None:
        super().__init__(parent)
        self._limits: DatabaseLimits = DatabaseLimits(
            parent._limits if parent else None
        )
        self._capacity = capacity
        self._paused = False
        self._paces = Paces()
        #: ... of single databases, where managers have set one.
        self._own_paces: OwnPaces | None = None
        #: Whether it counts here when a job begins.
        self._is_spaced = False
        self._running: set[Job] = set()
        self._slots: Counter[Job] = Counter()
        self._failed: set[Job] = set()

    # what keeps jobs here

    @property
    def shut_by(self) -> Shut | None:
        """Why it passes no job on, whichever comes; ``None`` while it may."""
        if self._paused or (self._capacity or 0) < 0:
            return Shut.PAUSED
        if self._is_halted:
            return Shut.HALTED
        is_full = bool(self._capacity) and len(self._slots) >= (self._capacity or 0)
        return Shut.FULL if is_full else None

    @property
    def _is_shut(self) -> bool:
        return self.shut_by is not None

    @property
    def _is_halted(self) -> bool:
        return self._queue.sequential and bool(self._failed)

    @property
    def failed_jobs(self) -> frozenset[Job]:
        """Those for whose sake a sequential channel halts."""
        return frozenset(self._failed)

    @property
    def jobs_on_their_way(self) -> frozenset[Job]:
        """Those that were passed on, and are not over: each takes a slot."""
        return frozenset(self._running)

    @property
    def first_in_line(self) -> Job | None:
        """The job that those behind it wait for though its time has not come: in a
        sequential channel only."""
        return self._queue.first_in_line

    def own_limit(self, db_name: str) -> int | None:
        """Return what the managers of a database allow this channel."""
        return self._limits.own(db_name)

    def is_paused_for(self, db_name: str) -> bool:
        """Tell whether a database has paused this channel, or one above."""
        return self._limits.of(db_name) == 0

    def has_aside(self, db_name: str) -> bool:
        """Tell whether a database is at its limit: its jobs wait in their own
        channels."""
        return self._limits.is_reached(db_name)

    def _paces_of(self, db_name: str) -> Sequence[Pace]:
        """Return the buckets from which jobs of a database take tokens here."""
        own = None if self._own_paces is None else self._own_paces.of(db_name)
        return (*self._paces.buckets, own) if own else self._paces.buckets

    # slots taken, and free again

    def _occupy(self, job: Job) -> None:
        if job in self._running:
            return
        self._running.add(job)
        if self._is_spaced and not job.has_begun:
            for pace in self._paces_of(job.db_name):
                pace.reserve(job)
        self._slots[job.slot] += 1
        if self._slots[job.slot] == 1:
            self._limits.add(job.db_name)
            self._review_limited(job.db_name)
        if job.claims:
            self._claim(job)

    def _vacate(self, job: Job) -> None:
        if job not in self._running:
            return
        self._running.remove(job)
        if self._is_spaced:
            for pace in self._paces_of(job.db_name):
                pace.release(job)
        self._slots[job.slot] -= 1
        if not self._slots[job.slot]:
            del self._slots[job.slot]
            self._limits.remove(job.db_name)
            self._review_limited(job.db_name)
        if job.claims:
            self._claim_no_more(job)

    def _claim(self, job: Job) -> None:
        tally = self._tally
        for claim in job.claims:
            if tally is not None and claim.tally is tally:
                tally.add(claim, job)
                for other in tally.stopped(claim.value):
                    other.channel._send_home(other)

    def _claim_no_more(self, job: Job) -> None:
        for claim in job.claims:
            if claim.tally is self._tally:
                claim.tally.remove(claim, job)

    def _claim_anew(self, jobs: Sequence[Job]) -> None:
        """Let those that run, and stand in no queue, hold what is asked for now."""
        if self._tally is None:
            self._tally = Tally()
        for job in jobs:
            for channel in job.channel.lineage:
                if job in channel._running:
                    channel._claim_no_more(job)
        for job in jobs:
            if job.traits is not None:
                job.claims = job.channel.claims_of(job.db_name, job.traits)
            for channel in job.channel.lineage:
                if job in channel._running:
                    channel._claim(job)

    # from queue to queue

    def _receive(self, job: Job) -> None:
        if job.claims and job.channel is not self:
            if self._unmet(job) is not None:  # it will wait at home, and not here
                job.channel._send_home(job)
                return
            self._set_passing(job)
        self._queue.add(job)
        job.queued_in = self
        self._mark_dirty()

    def _leave_queue(self, job: Job) -> None:
        if job.queued_in is not None:
            job.queued_in._queue.remove(job)
            job.queued_in._mark_dirty()
            self._stands_no_more(job)

    def _withdraw(self, job: Job) -> None:
        """Take a waiting job out of the queue it stands in, on whatever level."""
        stands_in = job.queued_in
        self._leave_queue(job)
        for channel in self.lineage:
            if channel is stands_in:
                return
            channel._vacate(job)
            channel._mark_dirty()

    def _send_home(self, job: Job) -> None:
        """Let a job wait here, where it belongs, and take no slots of others."""
        self._withdraw(job)
        self._receive(job)
        self.may_go(job)  # not now: it is to be known at once for what it waits

    def _take_back(self, db_name: str | None = None) -> None:
        """Withdraw what was passed on and is not dispatched by the root yet.

        Else a channel just paused, or narrowed, would go on starting those jobs.

        :param db_name: only what is of this database
        """
        for job in [job for job in self._running if job.queued_in is not None]:
            if db_name in (None, job.db_name):
                self._withdraw(job)
                self._receive(job)
        self._mark_dirty()

    def _take_back_claimed(self, job: Job) -> None:
        for claim in job.claims:
            if claim.tally is self._tally and claim.tally.is_exceeded(claim):
                for other in [j for j in self._running if j.queued_in is not None]:
                    if any(c[:3] == claim[:3] for c in other.claims):
                        self._withdraw(other)
                        self._receive(other)

    def _review_limited(self, db_name: str) -> None:
        if self._limits.of(db_name) is not None:
            self._review(db_name)

    def _review(self, db_name: str) -> None:
        """Let a database stand aside, here and below, or come back, as its limits
        say.

        What it had passed on here goes back to where it came from: it would only take
        the slots of others there.
        """
        is_aside = self.has_aside(db_name)
        if self._queue.set_aside(db_name, is_aside):
            self._mark_dirty()
        if is_aside:
            for job in self._queue.of(db_name):
                if job.channel is not self:
                    job.channel._withdraw(job)
                    job.channel._receive(job)
        for child in self.children.values():
            child._review(db_name)
