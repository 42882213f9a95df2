# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of one database that wait in a channel, some of which have to wait for others
while those behind them go on."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from .claims import Alike
from .priority_queue import PriorityQueue

#: Groups that wait no more of which is remembered when their last turn was.
MOST_REMEMBERED = 1_000


class Claiming(Hashable, Protocol):
    """What is to be known of a job."""

    @property
    def claims(self) -> tuple[Any, ...]:
        """Of what it needs a slot: those that need the same are alike."""


Job = TypeVar("Job", bound=Claiming)


class Groups(Generic[Job]):
    """The best job is that of the smallest key whose like may go.

    Those that may not stand aside, unseen, until :meth:`wake`.

    :param may_go: asked of the best of those that are alike; who gets no for an answer
        is woken when that may have changed
    """

    def __init__(self, may_go: Callable[[Job], bool]) -> None:
        self._may_go = may_go
        self._groups: dict[Hashable, PriorityQueue[Job]] = {}
        self._heads: PriorityQueue[Hashable] = PriorityQueue()
        self._keys: dict[Hashable, Any] = {}
        self._aside: set[Hashable] = set()

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._groups.values())

    def __bool__(self) -> bool:
        """Whether there are any: asked with each step, so nothing is counted for it."""
        return bool(self._groups)

    def __contains__(self, job: Job) -> bool:
        return job in self._groups.get(job.claims, ())

    def __iter__(self) -> Iterator[Job]:
        for jobs in self._groups.values():
            yield from jobs

    def add(self, job: Job, key: Any) -> None:
        self._groups.setdefault(job.claims, PriorityQueue()).add(job, key)
        self._order(job.claims)

    def remove(self, job: Job) -> None:
        if job.claims in self._groups:
            self._groups[job.claims].remove(job)
            self._order(job.claims)

    def wake(self, alike: Alike) -> None:
        """Let those that are alike be seen again."""
        self._aside.discard(alike.claims)
        self._order(alike.claims)

    def has_like(self, like: Job) -> bool:
        """Tell whether any is like a job, whether it stands aside or not."""
        return like.claims in self._groups

    def first_like(self, like: Job) -> Job | None:
        """Return the best of those that are like a job, though they may stand aside."""
        jobs = self._groups.get(like.claims)
        return jobs.first() if jobs else None

    def first(self) -> Job | None:
        """Return the best job that may go; it stays."""
        while (claims := self._heads.first()) is not None:
            job = self._groups[claims].first()
            if job is not None and (not job.claims or self._may_go(job)):
                return job
            self._aside.add(claims)
            self._order(claims)
        return None

    def first_key(self) -> Any:
        """Return the key of that one, ``None`` when there is none."""
        return None if self.first() is None else self._heads.first_key()

    def pop(self) -> Job | None:
        """Take the best job that may go."""
        job = self.first()
        if job is not None:
            self.remove(job)
        return job

    def _order(self, claims: Hashable) -> None:
        jobs = self._groups.get(claims)
        if not jobs:
            self._groups.pop(claims, None)
            self._aside.discard(claims)
        if not jobs or claims in self._aside:
            self._keys.pop(claims, None)
            self._heads.remove(claims)
        elif self._keys.get(claims) != (key := jobs.first_key()):
            self._keys[claims] = key
            self._heads.add(claims, key)


class Turns:
    """When each of some values had its last turn; of those that wait no more, the
    latest are remembered."""

    def __init__(self) -> None:
        self._last: dict[Hashable, int] = {}
        self._turn = 0

    def last(self, value: Hashable) -> int:
        return self._last.get(value, 0)

    def note(self, value: Hashable) -> None:
        """Note that it is the turn of a value: its next comes last."""
        self._turn += 1
        self._last.pop(value, None)
        self._last[value] = self._turn
        if len(self._last) > MOST_REMEMBERED:
            del self._last[next(iter(self._last))]


class FairGroups(Generic[Job]):
    """Jobs of several values, which take turns: by rank within each.

    :param value_of: tells the value of a job
    :param turns: outlive the jobs
    """

    def __init__(
        self,
        value_of: Callable[[Job], Hashable],
        turns: Turns,
        may_go: Callable[[Job], bool],
    ) -> None:
        self._value_of, self._turns, self._may_go = value_of, turns, may_go
        self._by_value: dict[Hashable, Groups[Job]] = {}
        self._heads: PriorityQueue[Hashable] = PriorityQueue()
        self._keys: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._by_value.values())

    def __bool__(self) -> bool:
        return bool(self._by_value)

    def __contains__(self, job: Job) -> bool:
        return job in self._by_value.get(self._value_of(job), ())

    def __iter__(self) -> Iterator[Job]:
        for jobs in self._by_value.values():
            yield from jobs

    def add(self, job: Job, key: Any) -> None:
        value = self._value_of(job)
        self._by_value.setdefault(value, Groups(self._may_go)).add(job, key)
        self._order(value)

    def remove(self, job: Job) -> None:
        value = self._value_of(job)
        if value in self._by_value:
            self._by_value[value].remove(job)
            self._order(value)

    def wake(self, alike: Alike) -> None:
        """Let those that are alike be seen again."""
        value = alike.fair_value
        if value in self._by_value:
            self._by_value[value].wake(alike)
            self._order(value)

    def has_like(self, like: Job) -> bool:
        """Tell whether any of its value is like a job."""
        jobs = self._by_value.get(self._value_of(like))
        return jobs is not None and jobs.has_like(like)

    def first_like(self, like: Job) -> Job | None:
        """None goes before its turn."""
        return None

    def first(self) -> Job | None:
        """Return the best job of the value whose turn it is; it stays."""
        value = self._next()
        return None if value is None else self._by_value[value].first()

    def first_key(self) -> Any:
        """Return the key of that one, ``None`` when there is none."""
        return None if self._next() is None else self._heads.first_key()[1]

    def pop(self) -> Job | None:
        """Take the best job of the value whose turn it is: its next comes last."""
        job = self.first()
        if job is not None:
            self.take(job)
        return job

    def take(self, job: Job) -> None:
        """Take a job; its value has had its turn."""
        self._turns.note(self._value_of(job))
        self.remove(job)

    def _next(self) -> Hashable | None:
        while (value := self._heads.first()) is not None:
            key = self._keys[value]
            self._order(value)  # those that may not go any more have to stand aside
            if self._keys.get(value) == key:
                return value
        return None

    def _order(self, value: Hashable) -> None:
        jobs = self._by_value.get(value)
        if not jobs:
            self._by_value.pop(value, None)
        first_key = jobs.first_key() if jobs else None
        if first_key is None:
            self._keys.pop(value, None)
            self._heads.remove(value)
            return
        key = (self._turns.last(value), first_key)
        if self._keys.get(value) != key:
            self._keys[value] = key
            self._heads.add(value, key)
