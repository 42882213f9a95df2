# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of several databases, of which one is next."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from .claims import Alike
from .groups import FairGroups, Groups, Turns
from .priority_queue import PriorityQueue

#: What jobs of a channel are ordered by, best first.
Rank = tuple[float, float, int, str, str]


class Queued(Hashable, Protocol):
    """What a queue has to know of a job."""

    db_name: str
    rank: Rank
    eta: float | None
    #: Once its time has come it competes like the others, for good.
    is_due: bool
    #: Of what it needs a slot besides; most need none.
    claims: tuple[Any, ...]

    def aged_rank(self, seconds: int) -> Rank:
        """Return its rank where who has waited for so long rises by one priority."""


Job = TypeVar("Job", bound=Queued)
#: Jobs of one database: those that claim nothing need no more than to be sorted.
_Waiting = PriorityQueue[Job] | Groups[Job] | FairGroups[Job]


class JobsByDatabase(Generic[Job]):
    """Jobs of several databases, the one with the smallest key first.

    A database that stands aside keeps its jobs here, but they are not found unless one
    asks for that database.
    """

    def __init__(self) -> None:
        self._by_db: dict[str, _Waiting[Job]] = {}
        self._keys: dict[str, Any] = {}
        self._heads: PriorityQueue[str] = PriorityQueue()
        self._aside: set[str] = set()

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._by_db.values())

    def __bool__(self) -> bool:
        return bool(self._by_db)

    def __contains__(self, job: Job) -> bool:
        return job in self._by_db.get(job.db_name, ())

    def __iter__(self) -> Iterator[Job]:
        """Return all jobs, in no order."""
        for jobs in self._by_db.values():
            yield from jobs

    def of(self, db_name: str) -> Iterator[Job]:
        """Return the jobs of one database, in no order."""
        yield from self._by_db.get(db_name, ())

    def add(self, job: Job, key: Any) -> None:
        self._by_db.setdefault(job.db_name, PriorityQueue()).add(job, key)
        self._order(job.db_name)

    def remove(self, job: Job) -> None:
        jobs = self._by_db.get(job.db_name)
        if jobs is None or isinstance(jobs, PriorityQueue) and job not in jobs:
            return  # mostly it stands in another queue
        jobs.remove(job)
        self._order(job.db_name)

    def set_aside(self, db_name: str, is_aside: bool) -> None:
        """Let a database stand aside, or come back."""
        (self._aside.add if is_aside else self._aside.discard)(db_name)
        self._order(db_name)

    def first(self, db_name: str | None = None) -> Job | None:
        """Return the first job of the database that is next, or of another; it
        stays."""
        if db_name is None:
            db_name = self._next_db()
        jobs = None if db_name is None else self._by_db.get(db_name)
        return None if jobs is None else jobs.first()

    def first_key(self) -> Any:
        """Return what the database that is next is ordered by, ``None`` when there is
        none."""
        return self._heads.first_key()

    def pop(self) -> Job | None:
        """Take the first job of the database that is next."""
        db_name = self._next_db()
        if db_name is None:
            return None
        job = self._by_db[db_name].pop()
        self._order(db_name)
        return job

    def _next_db(self) -> str | None:
        return self._heads.first()

    def _key_of(self, db_name: str, first_key: Any) -> Any:
        """Return what a database is ordered by, given the key of its first job."""
        return first_key

    def _order(self, db_name: str) -> None:
        jobs = self._by_db.get(db_name)
        if not jobs:
            self._by_db.pop(db_name, None)
        first_key = jobs.first_key() if jobs else None
        if first_key is None or db_name in self._aside:
            self._keys.pop(db_name, None)
            self._heads.remove(db_name)
            return
        key = self._key_of(db_name, first_key)
        if self._keys.get(db_name) != key:
            self._keys[db_name] = key
            self._heads.add(db_name, key)


class TurnQueue(JobsByDatabase[Job]):
    """Jobs of several databases: by rank within each; the databases take turns, so
    that the many or urgent jobs of one do not keep those of another waiting.

    Jobs that claim slots which are taken stand aside, each with those like it.

    :param may_go: whether a job's claims can be met; asked before it is taken
    :param rank_of: what a job is ordered by
    """

    def __init__(
        self, may_go: Callable[[Job], bool], rank_of: Callable[[Job], Rank]
    ) -> None:
        super().__init__()
        self._may_go, self._rank_of = may_go, rank_of
        self._value_of: Callable[[Job], Hashable] = _one_value
        self._is_fair: Callable[[str], bool] = _not_fair
        self._turns = Turns()
        self._last_turn: dict[str, int] = {}
        self._turn = 0

    def pop(self) -> Job | None:
        """Take the best job of the database whose turn it is: its next comes last."""
        db_name = self._next_db()
        if db_name is None:
            return None
        self._turn += 1
        self._last_turn[db_name] = self._turn
        job = self._by_db[db_name].pop()
        self._order(db_name)
        return job

    def be_fair(
        self, value_of: Callable[[Job], Hashable], is_fair: Callable[[str], bool]
    ) -> None:
        """Let the jobs of each value take turns, in some databases.

        :param is_fair: tells whether in a database; asked when its first job comes
        """
        self._value_of, self._is_fair = value_of, is_fair

    def add(self, job: Job, key: Any) -> None:
        jobs = self._by_db.get(job.db_name)
        if jobs is None and self._is_fair(job.db_name):
            self._by_db[job.db_name] = FairGroups(
                self._value_of, self._turns, self._may_go
            )
        elif job.claims and (jobs is None or isinstance(jobs, PriorityQueue)):
            self._by_db[job.db_name] = groups = Groups(self._may_go)
            for other in jobs or ():
                groups.add(other, self._rank_of(other))
        super().add(job, key)

    def wake(self, alike: Alike) -> None:
        """Let jobs be seen again: they may go."""
        jobs = self._by_db.get(alike.db_name)
        if jobs is not None and not isinstance(jobs, PriorityQueue):
            jobs.wake(alike)
            self._order(alike.db_name)

    def first_like(self, like: Job) -> Job | None:
        """Return the best of those that are like a job, though they may stand aside."""
        jobs = self._by_db.get(like.db_name)
        if jobs is None or isinstance(jobs, PriorityQueue):
            return None
        return jobs.first_like(like)

    def has_like(self, like: Job) -> bool:
        """Tell whether any is like a job, whether it stands aside or not."""
        jobs = self._by_db.get(like.db_name)
        if jobs is None or isinstance(jobs, PriorityQueue):
            return False
        return jobs.has_like(like)

    def take(self, job: Job) -> None:
        """Take a job that is the best of its database."""
        jobs = self._by_db.get(job.db_name)
        if isinstance(jobs, FairGroups) and job in jobs:
            jobs.take(job)
        self.remove(job)

    def _next_db(self) -> str | None:
        while (db_name := self._heads.first()) is not None:
            if isinstance(self._by_db[db_name], PriorityQueue):
                return db_name
            key = self._keys[db_name]
            self._order(db_name)  # those that may not go any more have to stand aside
            if self._keys.get(db_name) == key:
                return db_name
        return None

    def _key_of(self, db_name: str, first_key: Any) -> Any:
        return (self._last_turn.get(db_name, 0), first_key)


def _one_value(job: Queued) -> Hashable:
    return None


def _not_fair(db_name: str) -> bool:
    return False
