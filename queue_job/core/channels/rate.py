# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs of a channel may begin in a time: a bucket of tokens.

A job takes a token when it really begins, not when it is dispatched: many that waited
for a worker would begin at once. Who is dispatched and not known to have begun has a
token reserved. So begins are never closer than the bucket allows, however long their
dispatches were under way.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

#: It is ready when a job that is on its way has begun.
UNTIL_BEGUN = float("inf")


@dataclass(frozen=True)
class Rate:
    """So many jobs may begin per so many seconds.

    :param jobs: how many
    :param seconds: in which time
    :param burst: how many may begin at once, when none began for long
    """

    jobs: int
    seconds: int
    burst: int = 1

    @classmethod
    def of_throttle(cls, seconds: int) -> "Rate":
        """Return the rate of a channel that rests for a time after each begin."""
        return cls(1, seconds)

    def __str__(self) -> str:
        """Return it as it is written in the configuration."""
        burst = f":burst={self.burst}" if self.burst != self.jobs else ""
        return f"{self.jobs}/{self.seconds}{burst}"

    @property
    def interval(self) -> float:
        """Seconds in which the bucket gets a token."""
        return self.seconds / self.jobs


class Pace:
    """The bucket of one channel; full at first.

    It knows no clock: a begin counts as one of the moment at which it is next asked
    (:meth:`take_tokens`), which is never earlier than the begin itself. All times are
    seconds of a clock that never jumps.
    """

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._full_at = float("-inf")
        self._reserved: set[Hashable] = set()
        self._begun = 0
        self._is_emptied = False

    def empty(self) -> None:
        """Begin with an empty bucket: what began before is not known."""
        self._is_emptied = True

    def reserve(self, job: Hashable) -> None:
        """Note that a job is on its way to begin."""
        self._reserved.add(job)

    def release(self, job: Hashable) -> None:
        """Note that it will not begin, if it has not."""
        self._reserved.discard(job)

    def begin(self, job: Hashable) -> None:
        """Note that it has begun, since the last question."""
        if job in self._reserved:
            self._reserved.remove(job)
            self._begun += 1

    def take_tokens(self, now: float) -> None:
        """Let those that have begun take their tokens now."""
        if self._is_emptied:
            self._full_at = now + self.rate.burst * self.rate.interval
            self._is_emptied = False
        for _job in range(self._begun):
            self.spend(now)
        self._begun = 0

    def spend(self, time: float) -> None:
        """Let one more take a token then; to be told in the order of time."""
        self._full_at = max(self._full_at, time) + self.rate.interval

    @property
    def ready_at(self) -> float:
        """When one more job may be on its way, for all we know; the past means now."""
        left = self.rate.burst - 1 - len(self._reserved) - self._begun
        return self._full_at - left * self.rate.interval if left >= 0 else UNTIL_BEGUN


class Paces:
    """The buckets of one channel, most have none; and its rest until one more of its
    jobs may be on its way. Times as in :class:`Pace`."""

    def __init__(self) -> None:
        self.buckets: tuple[Pace, ...] = ()
        #: As far as was noticed that it rests; infinite until a job has begun.
        self.rests_until: float | None = None

    def set_rates(
        self, rates: Sequence[Rate], on_their_way: Iterable[Hashable]
    ) -> bool:
        """Let jobs begin at these rates at the most, from now on.

        :param on_their_way: the jobs that are dispatched and have not begun
        :return: whether that is news
        """
        if [pace.rate for pace in self.buckets] == list(rates):
            return False
        was_paced, jobs = bool(self.buckets), list(on_their_way)
        self.buckets = tuple(Pace(rate) for rate in rates)
        for pace in self.buckets:
            if was_paced:
                pace.empty()
            for job in jobs:
                pace.reserve(job)
        self.rests_until = None
        return True

    def look(self, now: float) -> bool:
        """Find out whether one more job may be on its way to begin.

        :return: whether the answer is another one than before
        """
        for pace in self.buckets:
            pace.take_tokens(now)
        ready = max(pace.ready_at for pace in self.buckets)
        before, self.rests_until = self.rests_until, ready if ready > now else None
        return self.rests_until != before
