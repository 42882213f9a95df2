# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is next in a channel."""

from collections.abc import Callable, Hashable, Mapping
from typing import Generic

from .by_database import Job, JobsByDatabase, Queued, Rank, TurnQueue
from .claims import Alike
from .own_rules import aging_in_force


class ChannelQueue(Generic[Job]):
    """The jobs waiting in a channel, by rank; those with a future ETA aside. Databases
    take turns.

    In a sequential queue no job stands aside for its time, and jobs of all databases
    stand in one line: a job whose time has not come holds back those behind it, and so
    does one whose claims cannot be met.

    :param may_go: whether a job's claims can be met; who gets no for an answer is woken
    """

    def __init__(
        self,
        sequential: bool = False,
        may_go: Callable[[Job], bool] = lambda job: True,
    ) -> None:
        self._may_go = may_go
        self._line: JobsByDatabase[Job] = JobsByDatabase()
        self._turns: TurnQueue[Job] = TurnQueue(may_go, self.rank_of)
        self._future: JobsByDatabase[Job] = JobsByDatabase()
        self._queues = (self._line, self._turns, self._future)
        self._aside: set[str] = set()
        self._sequential = sequential
        self._aging = 0
        self._own_aging: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues)

    def __bool__(self) -> bool:
        return any(self._queues)

    def __contains__(self, job: Job) -> bool:
        return any(job in queue for queue in self._queues)

    @property
    def sequential(self) -> bool:
        return self._sequential

    @sequential.setter
    def sequential(self, sequential: bool) -> None:
        self._order_anew(sequential, self._aging)

    @property
    def aging(self) -> int:
        """Seconds of waiting by which a job rises by one priority; 0 = it does not. In
        a sequential queue none does."""
        return self._aging

    @aging.setter
    def aging(self, seconds: int) -> None:
        if seconds != self._aging:
            self._order_anew(self._sequential, seconds)

    def set_own_aging(self, own: Mapping[str, int]) -> None:
        """Let jobs of these databases rise in another way."""
        if own != self._own_aging:
            self._own_aging = dict(own)
            self._order_anew(self._sequential, self._aging)

    def aging_for(self, db_name: str) -> int:
        """Return the seconds by which jobs of a database rise."""
        return aging_in_force(self._aging, self._own_aging.get(db_name))

    def _order_anew(self, sequential: bool, aging: int) -> None:
        jobs = [job for queue in self._queues for job in queue]
        for job in jobs:
            self.remove(job)
        self._sequential, self._aging = sequential, aging
        for job in jobs:
            self.add(job)

    def rank_of(self, job: Job) -> Rank:
        """Return what the job is ordered by here."""
        if not (self._aging or self._own_aging):
            return job.rank
        aging = self.aging_for(job.db_name)
        return job.aged_rank(aging) if aging else job.rank

    def of(self, db_name: str) -> list[Job]:
        """Return all jobs of a database, in no order."""
        return [job for queue in self._queues for job in queue.of(db_name)]

    def add(self, job: Job) -> None:
        if self._sequential:
            self._line.add(job, job.rank)
        elif job.is_due:
            self._turns.add(job, self.rank_of(job))
        else:
            self._future.add(job, (job.eta, job.rank))

    def be_fair(
        self, value_of: Callable[[Job], Hashable], is_fair: Callable[[str], bool]
    ) -> None:
        """Let the jobs of each value take turns, in some databases.

        :param is_fair: tells whether in a database; asked when its first job comes
        """
        self._turns.be_fair(value_of, is_fair)

    def wake(self, alike: Alike) -> None:
        """Let jobs be seen again: they may go."""
        self._turns.wake(alike)

    def first_like(self, like: Job, now: float) -> Job | None:
        """Return the best of those that are like a job and due, though they may stand
        aside for their claims."""
        if self._sequential:
            job = self._line.first()
            is_like = job is not None and job.claims == like.claims
            return job if is_like and job is not None and _is_due(job, now) else None
        self._admit_due(now, like.db_name)
        return self._turns.first_like(like)

    def has_like(self, like: Job) -> bool:
        """Tell whether any may wait for the same claims as a job, which has left."""
        if self._sequential:  # there only the head is asked whether it may go
            head = self._line.first(like.db_name)
            return head is not None and head.claims == like.claims
        return self._turns.has_like(like)

    def take(self, job: Job) -> None:
        """Take a job out of its turn, which counts as one."""
        self._turns.take(job)
        self.remove(job)

    def remove(self, job: Job) -> None:
        for queue in self._queues:
            queue.remove(job)

    def set_aside(self, db_name: str, is_aside: bool) -> bool:
        """Let a database stand aside, or come back: while it does, the others go on
        as if it had no job here.

        :return: whether that is news
        """
        if (db_name in self._aside) is is_aside:
            return False
        (self._aside.add if is_aside else self._aside.discard)(db_name)
        for queue in self._queues:
            queue.set_aside(db_name, is_aside)
        return True

    def first_due(self, now: float, db_name: str | None = None) -> Job | None:
        """Return the best job, if its time has come; it stays.

        :param db_name: the best of this database, whichever has its turn, and though it
            may stand aside
        """
        self._admit_due(now)
        if db_name is not None:
            self._admit_due(now, db_name)
        if not self._sequential:
            return self._turns.first(db_name)
        job, head = self._line.first(db_name), self._line.first()
        if job is None or not _is_due(job, now):
            return None
        if job.claims and not self._may_go(job):
            job.is_due = True
            return None
        return job if head is None or job.rank <= head.rank else None

    @property
    def first_in_line(self) -> Job | None:
        """The best job of a sequential queue, whatever its time."""
        return self._line.first()

    def pop(self, now: float) -> Job | None:
        """Take the best job whose time has come."""
        job = self.first_due(now)
        if job is None:
            return None
        job.is_due = True
        return self._line.pop() if self._sequential else self._turns.pop()

    def get_wakeup_time(self) -> float | None:
        """Tell when the next job becomes due, if one is waiting for that."""
        if self._sequential:
            job = self._line.first()
            return None if job is None or job.is_due else job.eta
        key = self._future.first_key()
        return None if key is None else float(key[0])

    def _admit_due(self, now: float, db_name: str | None = None) -> None:
        while (job := self._future.first(db_name)) is not None and _is_due(job, now):
            self._future.remove(job)
            job.is_due = True
            self._turns.add(job, self.rank_of(job))


def _is_due(job: Queued, now: float) -> bool:
    return job.is_due or job.eta is None or job.eta <= now
