"""Who is next in a channel."""

import heapq
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .channel import Channel

Item = TypeVar("Item", bound=Hashable)
#: What jobs of a channel are ordered by, best first.
Rank = tuple[int, float, int, str, str]


class PriorityQueue(Generic[Item]):
    """A set of items of which the one with the smallest key is at hand.

    Removing only forgets the item: its heap entry is skipped when it surfaces, so
    every operation takes logarithmic time. When forgotten entries outnumber the
    living, the heap is built anew.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[Any, int, Item]] = []
        self._ticket_by_item: dict[Item, int] = {}
        self._ticket = 0

    def __len__(self) -> int:
        return len(self._ticket_by_item)

    def __contains__(self, item: object) -> bool:
        return item in self._ticket_by_item

    def add(self, item: Item, key: Any = None) -> None:
        """Add an item, or give it another key.

        :param key: what it is ordered by; ``None`` = the item itself
        """
        self._ticket += 1
        self._ticket_by_item[item] = self._ticket
        entry = (item if key is None else key, self._ticket, item)
        heapq.heappush(self._heap, entry)
        self._compact()

    def remove(self, item: Item) -> None:
        """Forget an item, if it is there."""
        if self._ticket_by_item.pop(item, None) is not None:
            self._compact()

    def first(self) -> Item | None:
        """The item with the smallest key; it stays."""
        self._drop_forgotten()
        return self._heap[0][2] if self._heap else None

    def first_key(self) -> Any:
        """The smallest key, ``None`` when the queue is empty."""
        self._drop_forgotten()
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Item | None:
        """Take the item with the smallest key."""
        item = self.first()
        if item is not None:
            heapq.heappop(self._heap)
            del self._ticket_by_item[item]
        return item

    def _drop_forgotten(self) -> None:
        while self._heap and not self._is_alive(self._heap[0]):
            heapq.heappop(self._heap)

    def _compact(self) -> None:
        if len(self._heap) > 2 * len(self._ticket_by_item) + 64:
            self._heap = [entry for entry in self._heap if self._is_alive(entry)]
            heapq.heapify(self._heap)

    def _is_alive(self, entry: tuple[Any, int, Item]) -> bool:
        _key, ticket, item = entry
        return self._ticket_by_item.get(item) == ticket


class ChannelJob:
    """What the runner knows of a job that is not done.

    :param db_name: database of the job
    :param channel: the channel it belongs to
    :param seq: id of its row
    :param date_created: seconds since the epoch, UTC
    :param priority: smaller runs earlier
    :param eta: not before, in seconds since the epoch, UTC; falsy = at once
    """

    __slots__ = (
        "channel",
        "date_created",
        "db_name",
        "eta",
        "is_due",
        "place",
        "priority",
        "queued_in",
        "rank",
        "seq",
        "uuid",
    )

    def __init__(
        self,
        db_name: str,
        channel: "Channel",
        uuid: str,
        seq: int,
        date_created: float,
        priority: int,
        eta: float | None,
    ) -> None:
        self.db_name = db_name
        self.channel = channel
        self.uuid = uuid
        self.seq = seq
        self.date_created = date_created
        self.priority = priority
        self.eta = eta or None
        #: Once its time has come it competes like the others, for good.
        self.is_due = self.eta is None
        #: The channel in whose queue it stands: its own, or one further down to
        #: the root that it was handed to.
        self.queued_in: Channel | None = None
        #: The job that stands for the place it takes: itself, or the one after which
        #: it is run.
        self.place: ChannelJob = self
        # Who goes before whom. Between databases it only decides where the jobs of all
        # stand in one line, and who has the first turn; jobs of two databases may
        # agree in everything but the last two.
        self.rank: Rank = (priority or 0, date_created or 0, seq, db_name, uuid)

    def is_like(self, other: "ChannelJob") -> bool:
        """Whether nothing differs that decides where and when the job runs."""
        return (
            self.rank == other.rank
            and self.eta == other.eta
            and self.channel is other.channel
        )

    def __repr__(self) -> str:
        return f"<ChannelJob {self.uuid} of {self.db_name}, priority:{self.priority}>"


class TurnQueue:
    """Jobs of several databases: by rank within each; the databases take turns, so
    that the many or urgent jobs of one do not keep those of another waiting."""

    def __init__(self) -> None:
        self._by_db: dict[str, PriorityQueue[ChannelJob]] = {}
        self._keys: dict[str, tuple[int, Rank]] = {}
        self._turns: PriorityQueue[str] = PriorityQueue()
        self._last_turn: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._by_db.values())

    def __contains__(self, job: object) -> bool:
        return any(job in jobs for jobs in self._by_db.values())

    def add(self, job: ChannelJob) -> None:
        self._by_db.setdefault(job.db_name, PriorityQueue()).add(job, job.rank)
        self._order(job.db_name)

    def remove(self, job: ChannelJob) -> None:
        if job.db_name in self._by_db:
            self._by_db[job.db_name].remove(job)
            self._order(job.db_name)

    def first(self, db_name: str | None = None) -> ChannelJob | None:
        """The best job of the database whose turn it is, or of another; it stays."""
        if db_name is None:
            db_name = self._turns.first()
        jobs = None if db_name is None else self._by_db.get(db_name)
        return None if jobs is None else jobs.first()

    def pop(self) -> ChannelJob | None:
        """Take the best job of the database whose turn it is: its next comes last."""
        db_name = self._turns.first()
        if db_name is None:
            return None
        job = self._by_db[db_name].pop()
        self._turn += 1
        self._last_turn[db_name] = self._turn
        self._order(db_name)
        return job

    def _order(self, db_name: str) -> None:
        rank = self._by_db[db_name].first_key()
        if rank is None:
            del self._by_db[db_name]
            self._keys.pop(db_name, None)
            self._turns.remove(db_name)
            return
        key = (self._last_turn.get(db_name, 0), rank)
        if self._keys.get(db_name) != key:
            self._keys[db_name] = key
            self._turns.add(db_name, key)


class ChannelQueue:
    """The jobs waiting in a channel, by rank; those with a future ETA aside. Databases
    take turns.

    In a sequential queue nobody stands aside, and jobs of all databases stand in one
    line: a job whose time has not come holds back those behind it.
    """

    def __init__(self, sequential: bool = False) -> None:
        self._line: PriorityQueue[ChannelJob] = PriorityQueue()
        self._turns = TurnQueue()
        self._future: PriorityQueue[ChannelJob] = PriorityQueue()
        self._sequential = sequential

    def __len__(self) -> int:
        return len(self._line) + len(self._turns) + len(self._future)

    def __contains__(self, job: object) -> bool:
        return job in self._line or job in self._turns or job in self._future

    @property
    def sequential(self) -> bool:
        return self._sequential

    @sequential.setter
    def sequential(self, sequential: bool) -> None:
        queues = (self._line, self._turns, self._future)
        jobs = [job for q in queues for job in _drain(q)]
        self._sequential = sequential
        for job in jobs:
            self.add(job)

    def add(self, job: ChannelJob) -> None:
        if self._sequential:
            self._line.add(job, job.rank)
        elif job.is_due:
            self._turns.add(job)
        else:
            self._future.add(job, (job.eta, job.rank))

    def remove(self, job: ChannelJob) -> None:
        self._line.remove(job)
        self._turns.remove(job)
        self._future.remove(job)

    def first_due(self, now: float, db_name: str | None = None) -> ChannelJob | None:
        """The best job, if its time has come; it stays.

        :param db_name: the best of this database, whoever's turn it is
        """
        self._admit_due(now)
        if not self._sequential:
            return self._turns.first(db_name)
        job = self._line.first()
        if job is None or not _is_due(job, now):
            return None
        return job if db_name in (None, job.db_name) else None

    def pop(self, now: float) -> ChannelJob | None:
        """Take the best job whose time has come."""
        job = self.first_due(now)
        if job is None:
            return None
        job.is_due = True
        return self._line.pop() if self._sequential else self._turns.pop()

    def get_wakeup_time(self) -> float | None:
        """When the next job becomes due, if one is waiting for that."""
        if self._sequential:
            job = self._line.first()
            return None if job is None or job.is_due else job.eta
        key = self._future.first_key()
        return None if key is None else float(key[0])

    def _admit_due(self, now: float) -> None:
        while (job := self._future.first()) is not None and _is_due(job, now):
            self._future.pop()
            job.is_due = True
            self._turns.add(job)


def _is_due(job: ChannelJob, now: float) -> bool:
    return job.is_due or job.eta is None or job.eta <= now


def _drain(queue: PriorityQueue[ChannelJob] | TurnQueue) -> list[ChannelJob]:
    jobs = []
    while (job := queue.pop()) is not None:
        jobs.append(job)
    return jobs
