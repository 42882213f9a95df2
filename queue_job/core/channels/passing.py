# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happens to the jobs of a channel, and which of them pass on to the root."""

from collections.abc import Iterator
from typing import TypeVar

from .by_database import Rank
from .occupied import OccupiedChannel, Occupying
from .own_paces import OwnPaces
from .priority_queue import PriorityQueue
from .rate import UNTIL_BEGUN
from .timers import Timers

Job = TypeVar("Job", bound=Occupying)


class PassingChannel(OccupiedChannel[Job]):
    """Hands its best jobs, up to its capacity, to the channel above.

    There they compete again; what the root dispatches is executed. Waiting in a queue
    further down to the root counts as running. Jobs that are run one after the other
    share a slot, and count once.
    """

    parent: "PassingChannel[Job] | None"
    lineage: tuple["PassingChannel[Job]", ...]

    def __init__(
        self, parent: "PassingChannel[Job] | None", capacity: int | None
    ) -> None:
        super().__init__(parent, capacity)
        self._timers: Timers = parent._timers if parent else Timers()
        self._wakeup_by_child: PriorityQueue[PassingChannel[Job]] = PriorityQueue()

    def _mark_dirty(self) -> None:
        self._timers.mark_dirty(self)

    # where its own jobs stand

    def set_pending(self, job: Job) -> None:
        """Let the job wait; where it waits already it keeps its place."""
        if job.queued_in is None:
            self.remove(job)
            self._receive(job)

    def set_running(self, job: Job, has_begun: bool = False) -> None:
        """Note that the job was dispatched to a worker: it counts, beyond capacity
        too.

        :param has_begun: whether one has begun it
        """
        if has_begun:
            self._begin(job)
        if job.queued_in is None and job in self._running:
            return
        self._leave_queue(job)
        self._failed.discard(job)
        for channel in self.lineage:
            channel._occupy(job)
            channel._mark_dirty()
            if channel._capacity and len(channel._slots) > channel._capacity:
                channel._take_back()
            if channel._limits.is_exceeded(job.db_name):
                channel._take_back(job.db_name)
            channel._take_back_claimed(job)

    def set_batched(self, job: Job, head: Job) -> None:
        """Note that the job, which waits in some queue, is dispatched to run after
        another, in its slot: together they count once."""
        if job.queued_in is not None:
            job.queued_in._queue.take(job)
        self._leave_queue(job)
        for channel in self.lineage:
            channel._vacate(job)
        job.is_due, job.slot = True, head.slot
        for channel in self.lineage:
            channel._occupy(job)
            channel._mark_dirty()

    def set_failed(self, job: Job) -> None:
        """Take no capacity for the job; it halts its channel when that is
        sequential."""
        self.remove(job)
        self._failed.add(job)
        if self._queue.sequential:
            self._take_back()

    def remove(self, job: Job) -> None:
        """Forget a job that is over, or gone. If it was dispatched it may have begun,
        unless :meth:`set_not_begun` was called."""
        self._begin(job)
        self._leave_queue(job)
        self._failed.discard(job)
        for channel in self.lineage:
            channel._vacate(job)
            channel._mark_dirty()
        job.slot, job.has_begun = job, False

    def set_not_begun(self, job: Job) -> None:
        """Note that the job, which was dispatched, will not begin: no worker took
        it."""
        for channel in self.lineage:
            if channel._is_spaced:
                for pace in channel._paces_of(job.db_name):
                    pace.release(job)
                    channel._mark_dirty()

    def _begin(self, job: Job) -> None:
        if job.queued_in is not None:
            self.set_not_begun(job)  # not of this runner's doing
        elif not job.has_begun:
            for channel in self.lineage:
                if channel._is_spaced:
                    for pace in channel._paces_of(job.db_name):
                        pace.begin(job)
                        channel._mark_dirty()
        job.has_begun = True

    # the way down to the root

    def get_jobs_to_run(self, now: float) -> Iterator[Job]:
        """Pass on the best jobs while the channel may; each is counted at once."""
        self._look_at_paces(now)
        while not self._is_shut and self._paces.rests_until is None:
            job = self._queue.pop(now)
            if job is None:
                return
            self._stands_no_more(job)
            self._occupy(job)
            self._look_at_paces(now)
            self._timers.tell(self)
            yield job

    def _look_at_paces(self, now: float) -> None:
        """Find out whether one more job may be on its way to begin."""
        if not self._is_spaced:
            return
        steady = now - self._timers.shift
        if self._own_paces is not None:
            self._look_at_own_paces(self._own_paces, steady)
        if self._paces.buckets and self._paces.look(steady):
            self._timers.tell(self)

    def _look_at_own_paces(self, own: OwnPaces, steady: float) -> None:
        before = own.next_time
        for db_name, is_aside in [*own.look(steady)]:
            self._limits.set_aside(db_name, is_aside)
            self._review(db_name)  # who stands aside from now on has left slots, too
            self._timers.let_go()
        if own.next_time != before:
            self._timers.tell(self)

    def first_waiting(self, now: float, db_name: str) -> Job | None:
        """Return the best job of a database in its queue, if its time has come; it
        stays."""
        return self._queue.first_due(now, db_name)

    def first_like(self, like: Job, now: float) -> Job | None:
        """Return the best job in its queue that claims the same as another, if its time
        has come; it stays."""
        return self._queue.first_like(like, now)

    def allows_batches(self, db_name: str) -> bool:
        """Tell whether jobs of a database may pass it in the place of one that did so
        just now."""
        is_shut = self._paused or self._is_halted or self.is_paused_for(db_name)
        # the order of those that follow is not the same on all levels
        above, aging = self.parent, self._queue.aging_for(db_name)
        is_mixed = above is not None and aging != above._queue.aging_for(db_name)
        return not (is_shut or self._paces_of(db_name) or is_mixed)

    def rank_of(self, job: Job) -> Rank:
        """Return what the job is ordered by in its queue."""
        return self._queue.rank_of(job)

    def pass_up(self, now: float) -> None:
        """Hand jobs to the channel above. The root's wait until they are asked for."""
        if self.parent is None:
            self._look_at_paces(now)
            return
        for job in self.get_jobs_to_run(now):
            self.parent._receive(job)

    def next_time(self) -> float | None:
        """Tell when this channel itself may pass jobs on again without any event."""
        if self._is_shut:
            return None
        if self._paces.rests_until is not None:
            return None if self._paces.rests_until == UNTIL_BEGUN else self.rests_until
        time = self._queue.get_wakeup_time()
        back = None if self._own_paces is None else self._own_paces.next_time
        if back is None:
            return time
        back += self._timers.shift
        return back if time is None else min(time, back)

    def get_wakeup_time(self) -> float | None:
        """Tell when a job of this channel, or of one below, may pass it.

        While it is shut no time is told, whatever waits below; while it rests, the
        end of its rest.
        """
        time = self.next_time()
        if self._is_shut or self._paces.rests_until is not None:
            return time
        times = (time, self._wakeup_by_child.first_key())
        return min((t for t in times if t is not None), default=None)

    def tell_parent(self) -> None:
        """Let the channel above know the wake-up time."""
        if self.parent is None:
            return
        time = self.get_wakeup_time()
        if time is None:
            self.parent._wakeup_by_child.remove(self)
        else:
            self.parent._wakeup_by_child.add(self, time)
        self._timers.tell(self.parent)

    def note_begin(self, time: float, db_name: str) -> None:
        """Note that a job of this channel, which is not known here, began then; to be
        told in their order, before any question."""
        for channel in self.lineage:
            for pace in channel._paces_of(db_name):
                pace.spend(time - self._timers.shift)
                channel._mark_dirty()

    @property
    def rests_until(self) -> float | None:
        """When its rest is over, as far as it was noticed that one is; infinite while
        it waits for a job to begin."""
        rests_until = self._paces.rests_until
        return None if rests_until is None else rests_until + self._timers.shift
