# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A tree of channels with capacities, through which jobs pass on their way to run."""

from .by_database import Rank
from .claims import Traits
from .configured import ConfiguredChannel


class ChannelJob:
    """What the runner knows of a job that is not done.

    :param db_name: database of the job
    :param channel: the channel it belongs to
    :param seq: id of its row
    :param date_created: seconds since the epoch, UTC
    :param priority: smaller runs earlier
    :param eta: not before, in seconds since the epoch, UTC; falsy = at once
    :param traits: what it is told apart by, where that matters
    """

    __slots__ = (
        "channel",
        "claims",
        "date_created",
        "db_name",
        "eta",
        "has_begun",
        "is_due",
        "slot",
        "priority",
        "queued_in",
        "rank",
        "seq",
        "traits",
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
        traits: Traits | None = None,
    ) -> None:
        self.db_name = db_name
        self.channel = channel
        self.uuid = uuid
        self.seq = seq
        self.date_created = date_created
        self.priority = priority
        self.eta = eta or None
        self.is_due = self.eta is None
        self.traits = traits
        #: What it needs a slot of besides, its own channel's first.
        self.claims = () if traits is None else channel.claims_of(db_name, traits)
        #: Of one that is running: whether that is known.
        self.has_begun = False
        #: The channel in whose queue it stands: its own, or one further down to
        #: the root that it was passed to.
        self.queued_in: Channel | None = None
        #: The job that stands for the slot it takes: itself, or the one after which
        #: it is run.
        self.slot: ChannelJob = self
        # Who goes before whom. Between databases it only decides where the jobs of all
        # stand in one line, and who has the first turn; jobs of two databases may
        # agree in everything but the last two.
        self.rank: Rank = (priority or 0, date_created or 0, seq, db_name, uuid)

    def aged_rank(self, seconds: int) -> Rank:
        """Return its rank where who has waited for so long rises by one priority.

        At any time it is the order of ``priority - waited / seconds``: what all have in
        common of that, the time, is left out.
        """
        since = max(self.date_created or 0, self.eta or 0)
        return ((self.priority or 0) * seconds + since, since, *self.rank[2:])

    def is_like(self, other: "ChannelJob") -> bool:
        """Tell whether nothing differs that decides where and when the job runs."""
        return (
            self.rank == other.rank
            and self.eta == other.eta
            and self.traits == other.traits
            and self.channel is other.channel
        )

    def __repr__(self) -> str:
        return f"<ChannelJob {self.uuid} of {self.db_name}, priority:{self.priority}>"


class Channel(ConfiguredChannel[ChannelJob]):
    """A channel of the tree.

    :param name: its own part of the full name
    :param parent: the channel above, ``None`` for the root
    :param capacity: jobs at a time; ``None`` and 0 are unlimited, negative is none
    """

    parent: "Channel | None"
    lineage: tuple["Channel", ...]

    def __init__(
        self, name: str, parent: "Channel | None" = None, capacity: int | None = None
    ) -> None:
        super().__init__(parent, capacity)
        self.name = name
        self.children: dict[str, Channel] = {}
        if parent:
            parent.children[name] = self

    @property
    def fullname(self) -> str:
        return ".".join(channel.name for channel in reversed(self.lineage))

    def __str__(self) -> str:
        counts = f"Q:{len(self._queue)},R:{len(self._running)},F:{len(self._failed)}"
        paused = ",paused" if self.paused else ""
        return f"{self.fullname}(C:{self.capacity or '∞'},{counts}{paused})"

    def __repr__(self) -> str:
        return f"<Channel {self}>"

    def own_rest(self, db_name: str) -> tuple[str, float] | None:
        """Return the channel, this or one above, where a database stands aside for its
        own rate, and until when."""
        for channel in self.lineage:
            own = channel._own_paces
            if own is not None and db_name in own.aside:
                return channel.fullname, own.aside[db_name] + self._timers.shift
        return None

    @property
    def is_needed(self) -> bool:
        """Whether an operator, a manager or a job names it, or one below."""
        if self.parent is None or self._is_listed or self.children:
            return True
        has_jobs = self._running or self._failed or self._queue
        return bool(has_jobs or self._limits.is_set or self._own)

    def detach(self) -> None:
        """Leave the tree: nothing names it any more."""
        if self.parent is not None:
            del self.parent.children[self.name]
            self.parent._wakeup_by_child.remove(self)
        self._timers.forget(self)
