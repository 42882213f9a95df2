# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is counted in a channel by value: jobs of a lock key, of a company, say."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any, Generic, Protocol, TypeVar

from .by_database import Queued
from .claims import KEY, Alike, Claim, Tally, Traits
from .own_rules import NOTHING, OwnRules, fair_in_force, per_in_force
from .queue import ChannelQueue
from .shares import Per


class Counted(Queued, Protocol):
    """What is to be known of a job that may claim slots."""

    claims: tuple[Claim, ...]
    #: The job that stands for the slot it takes: itself, or the one after which it
    #: is run.
    slot: Any
    traits: Traits | None
    #: The channel in whose queue it stands.
    queued_in: Any


Job = TypeVar("Job", bound=Counted)


class CountingChannel(ABC, Generic[Job]):
    """A place in the tree, with a queue whose jobs wait until their claims are met.

    Lock keys are counted in the root; companies and the like in each channel of which
    the operator says so.
    """

    def __init__(self, parent: "CountingChannel[Job] | None") -> None:
        self.parent = parent
        #: This channel and those above it, the root last.
        self.lineage: tuple[CountingChannel[Job], ...] = (self,)
        if parent:
            self.lineage += parent.lineage
        #: Levels between this channel and the root.
        self.depth = len(self.lineage) - 1
        self._queue: ChannelQueue[Job] = ChannelQueue(may_go=self.may_go)
        #: Of the root, where lock keys are counted, or of a channel that counts.
        self._tally: Tally | None = None if parent else Tally()
        self._per: Per | None = None
        self._fair: str | None = None
        #: What the managers of databases say.
        self._own: dict[str, OwnRules] = {}
        self._queue.be_fair(self.fair_value, lambda db: self.fair_for(db) is not None)

    @abstractmethod
    def _mark_dirty(self) -> None:
        """Have the channel looked at again: something changed."""

    def claims_of(self, db_name: str, traits: Traits) -> tuple[Claim, ...]:
        """Return the claims of a job of this channel."""
        claims = []
        for channel in self.lineage:
            if channel._tally is None:
                continue
            for per in channel._per_of(db_name):
                value = (db_name, per.kind, traits.value(per.kind))
                claims.append(Claim(channel._tally, channel.depth, value, per.limit))
            if channel.parent is None and traits.lock_key:
                value = (db_name, KEY, traits.lock_key)
                limit = max(1, traits.lock_limit or 1)
                claims.append(Claim(channel._tally, channel.depth, value, limit))
        return tuple(claims)

    def may_go(self, job: Job, slot: Job | None = None) -> bool:
        """Tell whether the claims of a job can be met that stands here; if not, the
        channel is told when that may have changed.

        :param slot: one in which the job would run after others
        """
        claim = self._unmet(job, slot)
        if claim is not None:
            claim.tally.wait(claim, self, job)
        return claim is None

    def _unmet(self, job: Job, slot: Job | None = None) -> Claim | None:
        """Return a claim because of which a job may not pass here."""
        for claim in job.claims:
            if claim.depth <= self.depth and claim.tally.is_full(claim, slot):
                return claim
        return None

    def fair_value(self, job: Job) -> Hashable:
        """Return with which others the job takes turns here."""
        kind = self.fair_for(job.db_name)
        if kind is None or job.traits is None:
            return job.db_name, None
        return job.db_name, job.traits.value(kind)

    def wake(self, alike: Alike) -> None:
        """Look again at those that claimed the same: they may go."""
        self._queue.wake(alike)
        self._mark_dirty()

    def fair_for(self, db_name: str) -> str | None:
        """Return of what kind the values are whose jobs, of a database, take turns in
        it."""
        if not self._own:
            return self._fair
        own = self._own.get(db_name, NOTHING).fair
        return fair_in_force(self._fair, own, self._queue.sequential)

    def _per_of(self, db_name: str) -> tuple[Per, ...]:
        return per_in_force(self._per, self._own.get(db_name, NOTHING).per)

    @property
    def tells_apart(self) -> bool:
        """Whether it has to know whose a job is."""
        return bool(self._per or self._fair)

    def _set_passing(self, job: Job) -> None:
        for claim in job.claims:
            if claim.depth <= self.depth:
                claim.tally.set_passing(claim, job)

    def _stands_no_more(self, job: Job) -> None:
        if job.claims:
            for claim in job.claims:
                claim.tally.unset_passing(claim, job)
            job.queued_in._wait_no_more(job)
        job.queued_in = None

    def _wait_no_more(self, job: Job) -> None:
        """Be told no longer when jobs like one may go, if that was the last of them."""
        if self._queue.has_like(job):
            return
        alike = Alike(job.db_name, job.claims, self.fair_value(job))
        for claim in job.claims:
            claim.tally.wait_no_more(claim, self, alike)
