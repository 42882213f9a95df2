# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that run one after the other, in one slot: under backlog, a request for each
would cost more than the jobs."""

import heapq
from collections.abc import Callable

from .by_database import Rank
from .claims import Claim
from .tree import Channel, ChannelJob


def take_batch_members(
    head: ChannelJob, now: float, suits: Callable[[ChannelJob], bool]
) -> list[ChannelJob]:
    """Take the jobs that would follow one if it, and then each of them, had ended.

    They are of the same database, and of any channel that the batch occupies already,
    or whose job is on its way through one of those. No job of the database is
    overtaken: what does not suit ends the search.

    :param head: was dispatched just now
    :param suits: asked for one job after the other
    """
    if not _allows_batches(head):
        return []
    batch = _Batch(head, now)
    members: list[ChannelJob] = []
    while (job := batch.next()) is not None:
        if not (_allows_batches(job) and suits(job)):
            break
        batch.take(job)
        members.append(job)
    return members


def _allows_batches(job: ChannelJob) -> bool:
    return all(c.allows_batches(job.db_name) for c in job.channel.lineage)


class _Batch:
    """The best waiting job of each channel that a batch occupies."""

    def __init__(self, head: ChannelJob, now: float) -> None:
        self._head = head
        self._now = now
        self._waiting: list[tuple[Rank, ChannelJob, Channel]] = []
        self._known: set[ChannelJob] = set()
        self._occupied: set[Channel] = set()
        #: What the slot claims, so that the members need no other.
        self._claims: set[Claim] = set()
        self._occupy(head.channel)
        self._claim(head)

    def next(self) -> ChannelJob | None:
        """Return the best of them, if it may join; it stays."""
        if not self._waiting:
            return None
        _rank, job, channel = self._waiting[0]
        return job if channel in self._occupied else None

    def take(self, job: ChannelJob) -> None:
        """Let the job join the batch."""
        _rank, _job, channel = heapq.heappop(self._waiting)
        job.channel.set_batched(job, self._head)
        self._look(channel)
        self._occupy(job.channel)
        self._claim(job)

    def _occupy(self, home: Channel) -> None:
        for channel in home.lineage:
            if channel not in self._occupied:
                self._occupied.add(channel)
                self._look(channel)
                if channel.has_aside(self._head.db_name):
                    self._look_below(channel)

    def _look_below(self, channel: Channel) -> None:
        """Return those that would stand in the channel, were their database not at its
        limit, wait in their own channels, and must not be overtaken either."""
        for child in channel.children.values():
            self._look(child)
            self._look_below(child)

    def _look(self, channel: Channel) -> None:
        self._consider(channel.first_waiting(self._now, self._head.db_name), channel)
        for claim in self._claims:
            self._look_for(claim, channel)

    def _claim(self, job: ChannelJob) -> None:
        """Those that only wait for what the slot has must not be overtaken, wherever
        they wait."""
        for claim in job.claims:
            if claim not in self._claims:
                self._claims.add(claim)
                self._look_for(claim)

    def _look_for(self, claim: Claim, channel: Channel | None = None) -> None:
        for waiting_in, like in claim.tally.waiting(claim):
            if channel in (None, waiting_in):
                job = waiting_in.first_like(like, self._now)
                if job is not None and waiting_in.may_go(job, self._head.slot):
                    self._consider(job, waiting_in)

    def _consider(self, job: ChannelJob | None, channel: Channel) -> None:
        if job is not None and job not in self._known:
            self._known.add(job)
            heapq.heappush(self._waiting, (channel.rank_of(job), job, channel))
