# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an operator or a manager sets of a channel, before the first job or later."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from .claims import Tally
from .config import ChannelConfig, operator_rates
from .occupied import Occupying
from .own_paces import OwnPaces
from .own_rules import NOTHING, OwnRules
from .passing import PassingChannel
from .rate import Rate

Job = TypeVar("Job", bound=Occupying)


class ConfiguredChannel(PassingChannel[Job]):
    """Follows what is said of it at once, also with the jobs that it has.

    :param capacity: jobs at a time; ``None`` and 0 are unlimited, negative is none
    """

    parent: "ConfiguredChannel[Job] | None"
    lineage: tuple["ConfiguredChannel[Job]", ...]
    children: Mapping[str, "ConfiguredChannel[Job]"]

    def __init__(
        self, parent: "ConfiguredChannel[Job] | None", capacity: int | None
    ) -> None:
        super().__init__(parent, capacity)
        self.throttle = 0
        #: Whether an operator has listed it.
        self._is_listed = False
        self._own_aging: int | None = None
        if parent:
            self._queue.aging = 0 if self.sequential else parent._aging
            self._queue.set_own_aging(parent._agings_of)

    @property
    def capacity(self) -> int | None:
        return self._capacity

    @capacity.setter
    def capacity(self, capacity: int | None) -> None:
        self._capacity = capacity
        self._take_back()

    def set_capacity(self, capacity: int | None) -> None:
        """Let so many run from now on, if that is news."""
        if capacity != self._capacity:
            self.capacity = capacity

    @property
    def paused(self) -> bool:
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._take_back()

    @property
    def sequential(self) -> bool:
        return self._queue.sequential

    @sequential.setter
    def sequential(self, sequential: bool) -> None:
        self._queue.sequential = sequential
        self._follow_aging()
        self._take_back()

    @property
    def aging(self) -> int:
        """Seconds of waiting by which a job rises by one priority in it; 0 = it does
        not."""
        return self._queue.aging

    def aging_for(self, db_name: str) -> int:
        """... a job of a database."""
        return self._queue.aging_for(db_name)

    @property
    def _agings_of(self) -> dict[str, int]:
        """What databases say, here and above; the nearest counts."""
        above = self.parent._agings_of if self.parent else {}
        own = {db: said.aging for db, said in self._own.items()}
        return {**above, **{db: s for db, s in own.items() if s is not None}}

    @property
    def _aging(self) -> int:
        """What is said of it, or of the nearest channel above of which anything is."""
        if self._own_aging is not None:
            return self._own_aging
        return self.parent._aging if self.parent else 0

    def _follow_aging(self) -> None:
        self._queue.aging = 0 if self.sequential else self._aging
        self._queue.set_own_aging({} if self.sequential else self._agings_of)
        self._mark_dirty()
        for child in self.children.values():
            child._follow_aging()

    def configure(self, config: ChannelConfig) -> None:
        """Take over what the operator says, all of it; whose jobs take turns, and how
        many of whom may run, before the first job."""
        self._is_listed = True
        self.capacity = config.capacity
        self._own_aging = config.aging
        self.sequential = config.sequential
        self.throttle = max(0, config.throttle)
        self._set_rates(operator_rates(config))
        self.paused = config.paused
        self._per, self._fair = config.per, config.fair
        if self._per and self._tally is None:
            self._tally = Tally()

    def _set_rates(self, rates: Sequence[Rate]) -> None:
        """Let jobs begin at these rates at the most, from now on."""
        on_their_way = (job for job in self._running if not job.has_begun)
        if self._paces.set_rates(rates, on_their_way):
            self._is_spaced = bool(rates) or self._own_paces is not None
            self._mark_dirty()

    def set_own(
        self,
        db_name: str,
        own: OwnRules,
        jobs: Sequence[Job] = (),
        is_full: bool = False,
    ) -> None:
        """Let jobs of a database begin, rise and wait for each other as its managers
        say, besides what the operator says.

        :param jobs: those of the database that are known of it and of those below
        :param is_full: whether the bucket is full: what began will be told
        """
        known = self._own.get(db_name, NOTHING)
        if own.rate != known.rate:
            self._set_own_rate(db_name, own.rate, is_full)
        waiting = [job for job in jobs if job.queued_in is not None]
        if is_other := (own.per, own.fair) != (known.per, known.fair):
            for job in waiting:
                job.channel._withdraw(job)
        if own == NOTHING:
            self._own.pop(db_name, None)
        else:
            self._own[db_name] = own
        if own.aging != known.aging:
            self._follow_aging()
        if is_other:
            self._claim_anew(jobs)
            for job in waiting:
                job.channel._receive(job)

    def _set_own_rate(self, db_name: str, rate: Rate | None, is_full: bool) -> None:
        if self._own_paces is None:
            self._own_paces = OwnPaces()
        self._is_spaced = True
        pace = self._own_paces.set(db_name, rate, is_full)
        for job in self._running:
            if pace is not None and job.db_name == db_name and not job.has_begun:
                pace.reserve(job)
        self._mark_dirty()

    def forget_begins(self) -> None:
        """Begin with empty buckets, here and below: another runner may have led."""
        if self._own_paces is not None:
            self._own_paces.empty()
            self._mark_dirty()
        for pace in self._paces.buckets:
            pace.empty()
            self._mark_dirty()
        for child in self.children.values():
            child.forget_begins()

    def is_paced_for(self, db_name: str) -> bool:
        """Tell whether it counts when a job of it, and of a database, begins."""
        return any(channel._paces_of(db_name) for channel in self.lineage)

    def set_limit(self, db_name: str, limit: int | None) -> None:
        """Let a database have at most so many jobs running here and below.

        :param limit: 0 = the channel is paused for it, ``None`` = no limit of its own
        """
        self._limits.set(db_name, limit)
        self._take_back(db_name)
        self._review(db_name)
