# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of several jobs of the same identity key are dispatched, and what becomes of
the others.

A delaying call looks for a job that counts as the same, but transactions do not see
each other: two may delay the same key at the same time. And where a call postpones, or
adds its records, it must not wait for the row of the earlier job, or change it under
the hands of another transaction. So each such call stores a job of its own, and what
is to be one is made one when the first of them is dispatched.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from .states import UNDER_WAY, WAITING, State

#: Seconds between two checks whether a job is over that another one waits for.
LEAST_WAIT, LONGEST_WAIT = 1.0, 60.0


class Until(str, Enum):
    """How long a job counts as the same as a new one of its key."""

    STARTED = "started"
    DONE = "done"

    def __str__(self) -> str:
        return self.value

    @property
    def states(self) -> frozenset[State]:
        """Those in which a job counts."""
        return WAITING if self is Until.STARTED else UNDER_WAY


class OnDuplicate(str, Enum):
    """What becomes of a call when there is a job that counts as the same."""

    KEEP = "keep"
    POSTPONE = "postpone"
    MERGE = "merge"

    def __str__(self) -> str:
        return self.value


class Keyed(NamedTuple):
    """A job that has an identity key, as its row says.

    :param period: seconds that it still counts after it was done
    :param is_followed: others wait for it: it has a place in a graph, and keeps it
    :param call: equal for jobs that differ in their records only; ``None`` for those
        that share a run with no other
    :param seconds: since it began or ended, as its state says
    :param supersedes: whether earlier jobs of the key that failed are not needed any
        more once this one is there
    :param expires: when it is cancelled unless it has begun, seconds since 1970;
        ``None``: never
    """

    id: int
    uuid: str
    key: str
    state: str
    attempt: int
    until: str = Until.STARTED
    period: int = 0
    on_duplicate: str = OnDuplicate.KEEP
    is_followed: bool = False
    call: str | None = None
    seconds: float = 0.0
    supersedes: bool = False
    expires: float | None = None

    def outlasts(self, other: "Keyed") -> bool:
        """Tell whether it does not expire before another one."""
        if self.expires is None:
            return True
        return other.expires is not None and other.expires <= self.expires


@dataclass
class Decision:
    """What becomes of jobs that are not to run by themselves.

    :param same: jobs that end, each with the one that stands for it
    :param merged: jobs that end, each with the one that runs with its records, too
    :param waits: jobs that may not begin yet, with the seconds until the next check
    """

    same: dict[Keyed, Keyed] = field(default_factory=dict)
    merged: dict[Keyed, Keyed] = field(default_factory=dict)
    waits: dict[Keyed, float] = field(default_factory=dict)

    def has_ended(self, job: Keyed) -> bool:
        return job in self.same or job in self.merged

    def taken_up(self, dispatched: Iterable[Keyed]) -> set[Keyed]:
        """Calls whose work begins now or is seen to already: those of the jobs
        dispatched that run, and those that others stand for."""
        runs = {job for job in dispatched if job not in self.waits}
        return runs.union(self.same, self.merged)


def decide(jobs: Iterable[Keyed], chosen: Sequence[int]) -> Decision:
    """Decide about jobs that have just been dispatched, and about those that wait
    beside them.

    :param jobs: all jobs of some keys that are pending, enqueued or started; and the
        last ones done that still count
    :param chosen: ids of those that have just been dispatched, best first
    """
    rank = {job_id: place for place, job_id in enumerate(chosen)}
    by_key: dict[str, list[Keyed]] = defaultdict(list)
    for job in jobs:
        by_key[job.key].append(job)
    decision = Decision()
    for same_key in by_key.values():
        _Key(same_key, rank, decision).decide()
    return decision


class _Key:
    """The jobs of one key."""

    def __init__(
        self, jobs: list[Keyed], rank: Mapping[int, int], decision: Decision
    ) -> None:
        jobs = sorted(jobs, key=lambda job: job.id)
        enqueued = [job for job in jobs if job.state == State.ENQUEUED]
        chosen = [job for job in enqueued if job.id in rank]
        self.dispatched = sorted(chosen, key=lambda job: rank[job.id])
        #: Dispatched before, and not begun: they will see what the others stand for.
        self.out = [job for job in enqueued if job.id not in rank]
        self.pending = [job for job in jobs if job.state == State.PENDING]
        self.running = [job for job in jobs if job.state == State.STARTED]
        self.over = [job for job in jobs if job.state == State.DONE]
        self.decision = decision

    def decide(self) -> None:
        self._make_place_for_the_last()
        for job in self.dispatched:
            if not self.decision.has_ended(job):
                self._decide_on(job)
        self._end_superfluous()

    @property
    def _open(self) -> list[Keyed]:
        """Those about which nothing is decided."""
        waiting = [*self.dispatched, *self.pending]
        return [job for job in waiting if not self.decision.has_ended(job)]

    def _make_place_for_the_last(self) -> None:
        """Let the last one of calls that postpone win, due or not."""
        postponing = [j for j in self._open if j.on_duplicate == OnDuplicate.POSTPONE]
        if not postponing:
            return
        last = max(postponing, key=lambda job: job.id)
        for job in self._open:
            is_mergeable = job.on_duplicate == OnDuplicate.MERGE  # has its own records
            if job.id < last.id and not (is_mergeable or job.is_followed):
                self.decision.same[job] = last

    def _decide_on(self, job: Keyed) -> None:
        if (standing := self._standing_for(job)) is not None:
            self.decision.same[job] = standing
        elif (seconds := self._wait_of(job)) is not None:
            self.decision.waits[job] = seconds
        else:
            self.out.append(job)
            self._merge_into(job)

    def _standing_for(self, job: Keyed) -> Keyed | None:
        """Return the job because of which this one need not run."""
        if job.on_duplicate != OnDuplicate.KEEP or job.is_followed:
            return None
        counting = list(self.out)
        if job.attempt <= 1:  # else a user wanted it to run again
            if job.until == Until.DONE:
                counting += self.running
            counting += (other for other in self.over if other.seconds < job.period)
        return next(iter(counting), None)

    def _wait_of(self, job: Keyed) -> float | None:
        """Return the seconds until the next check, if the job may not begin now."""
        if job.until != Until.DONE:
            return None
        if self.running or self.out:
            elapsed = max((other.seconds for other in self.running), default=0.0)
            return min(max(elapsed, LEAST_WAIT), LONGEST_WAIT)
        if job.on_duplicate == OnDuplicate.KEEP:
            return None
        left = (job.period - other.seconds for other in self.over)
        return max((seconds for seconds in left if seconds > 0), default=None)

    def _merge_into(self, runs: Keyed) -> None:
        if runs.call is None:
            return
        for job in self._open:
            if job.call == runs.call and not job.is_followed and job is not runs:
                self.decision.merged[job] = runs

    def _end_superfluous(self) -> None:
        """End the jobs that wait beside one that is dispatched: they need not run."""
        for job in self._open if self.out else ():
            is_kept = job.on_duplicate == OnDuplicate.KEEP and not job.is_followed
            if job.state == State.PENDING and is_kept:
                self.decision.same[job] = self.out[0]
