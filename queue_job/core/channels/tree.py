# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A tree of channels with capacities, through which jobs pass on their way to run."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from enum import Enum

from .claims import KEY, Claim, Tally, Traits
from .config import ChannelConfig, operator_rates
from .limits import DatabaseLimits
from .own_paces import OwnPaces
from .own_rules import NOTHING, OwnRules, fair_in_force, per_in_force
from .priority_queue import PriorityQueue
from .queue import ChannelQueue, Rank
from .rate import UNTIL_BEGUN, Pace, Rate
from .shares import Per
from .timers import Timers


class Shut(Enum):
    """Why a channel passes no job on, whichever comes."""

    PAUSED = "paused"
    HALTED = "halted by a failure"
    FULL = "full"


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


class Channel:
    """Hands its best jobs, up to its capacity, to the channel above.

    There they compete again; what the root dispatches is executed. A job counts as
    running in a channel from being passed on until it ends, waiting in a queue
    further down to the root included. Jobs that are run one after the other share a
    slot, and count once.

    :param name: its own part of the full name
    :param parent: the channel above, ``None`` for the root
    :param capacity: jobs at a time; ``None`` and 0 are unlimited, negative is none
    """

    def __init__(
        self, name: str, parent: "Channel | None" = None, capacity: int | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.children: dict[str, Channel] = {}
        self.throttle = 0
        self._timers: Timers = parent._timers if parent else Timers()
        #: This channel and those above it, the root last.
        self.lineage: tuple[Channel, ...] = (self, *(parent.lineage if parent else ()))
        above = parent._limits if parent else None
        self._limits: DatabaseLimits = DatabaseLimits(above)
        self._capacity = capacity
        self._paused = False
        #: Whether an operator has listed it.
        self._is_listed = False
        self._queue: ChannelQueue[ChannelJob] = ChannelQueue(may_go=self.may_go)
        #: Of the root, where lock keys are counted, or of a channel that counts.
        self._tally: Tally | None = None if parent else Tally()
        self._per: Per | None = None
        self._fair: str | None = None
        self._queue.be_fair(self.fair_value, lambda db: self.fair_for(db) is not None)
        self._running: set[ChannelJob] = set()
        self._slots: Counter[ChannelJob] = Counter()
        self._failed: set[ChannelJob] = set()
        self._paces: tuple[Pace, ...] = ()
        #: Of a clock that never jumps.
        self._rests_until: float | None = None
        self._wakeup_by_child: PriorityQueue[Channel] = PriorityQueue()
        self._own_aging: int | None = None
        #: What the managers of databases say.
        self._own: dict[str, OwnRules] = {}
        self._own_paces: OwnPaces | None = None
        #: Whether it counts here when a job begins.
        self._is_spaced = False
        if parent:
            parent.children[name] = self
            self._follow_aging()

    @property
    def fullname(self) -> str:
        return ".".join(channel.name for channel in reversed(self.lineage))

    @property
    def depth(self) -> int:
        """Levels between this channel and the root."""
        return len(self.lineage) - 1

    def __str__(self) -> str:
        counts = f"Q:{len(self._queue)},R:{len(self._running)},F:{len(self._failed)}"
        paused = ",paused" if self.paused else ""
        return f"{self.fullname}(C:{self.capacity or '∞'},{counts}{paused})"

    def __repr__(self) -> str:
        return f"<Channel {self}>"

    # what an operator or a manager sets, before the first job or later

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
        if [pace.rate for pace in self._paces] == list(rates):
            return
        was_paced = bool(self._paces)
        self._paces = tuple(Pace(rate) for rate in rates)
        for pace in self._paces:
            if was_paced:
                pace.empty()
            for job in self._running:
                if not job.has_begun:
                    pace.reserve(job)
        self._is_spaced = bool(rates) or self._own_paces is not None
        self._rests_until = None
        self._mark_dirty()

    def set_own(
        self,
        db_name: str,
        own: OwnRules,
        jobs: Sequence[ChannelJob] = (),
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

    def _claim_anew(self, jobs: Sequence[ChannelJob]) -> None:
        """Let those that run, and stand in no queue, hold what is asked for now."""
        if self._tally is None:
            self._tally = Tally()
        for job in jobs:
            for channel in job.channel.lineage:
                if job in channel._running:
                    channel._claim_no_more(job)
        for job in jobs:
            if job.traits is not None:
                job.claims = job.channel.claims_of(job.db_name, job.traits)
            for channel in job.channel.lineage:
                if job in channel._running:
                    channel._claim(job)

    def _paces_of(self, db_name: str) -> Sequence[Pace]:
        """Return the buckets from which jobs of a database take tokens here."""
        own = None if self._own_paces is None else self._own_paces.of(db_name)
        return (*self._paces, own) if own else self._paces

    def own_rest(self, db_name: str) -> tuple[str, float] | None:
        """Return the channel, this or one above, where a database stands aside for its
        own rate, and until when."""
        for channel in self.lineage:
            own = channel._own_paces
            if own is not None and db_name in own.held:
                return channel.fullname, own.held[db_name] + self._timers.shift
        return None

    def forget_begins(self) -> None:
        """Begin with empty buckets, here and below: another runner may have led."""
        if self._own_paces is not None:
            self._own_paces.empty()
            self._mark_dirty()
        for pace in self._paces:
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

    def is_paused_for(self, db_name: str) -> bool:
        """Tell whether a database has paused this channel, or one above."""
        return self._limits.of(db_name) == 0

    @property
    def is_needed(self) -> bool:
        """Whether an operator, a manager or a job names it, or one below."""
        if self.parent is None or self._is_listed or self.children:
            return True
        has_jobs = self._running or self._failed or len(self._queue)
        return bool(has_jobs or self._limits.is_set or self._own)

    def detach(self) -> None:
        """Leave the tree: nothing names it any more."""
        if self.parent is not None:
            del self.parent.children[self.name]
            self.parent._wakeup_by_child.remove(self)
        self._timers.forget(self)

    # where its own jobs stand

    def set_pending(self, job: ChannelJob) -> None:
        """Let the job wait; where it waits already it keeps its place."""
        if job.queued_in is None:
            self.remove(job)
            self._receive(job)

    def set_running(self, job: ChannelJob, has_begun: bool = False) -> None:
        """Note that the job was dispatched to a worker: it counts, beyond capacity
        too.

        :param has_begun: whether one has begun it
        """
        if has_begun:
            self._begin(job)
        if job.queued_in is None and job in self._running:
            return
        self._leave_queue(job)
        self._failed.discard(job)
        for channel in self.lineage:
            channel._occupy(job)
            channel._mark_dirty()
            if channel.capacity and len(channel._slots) > channel.capacity:
                channel._take_back()
            if channel._limits.is_exceeded(job.db_name):
                channel._take_back(job.db_name)
            channel._take_back_claimed(job)

    def set_batched(self, job: ChannelJob, head: ChannelJob) -> None:
        """Note that the job, which waits in some queue, is dispatched to run after
        another, in its slot: together they count once."""
        if job.queued_in is not None:
            job.queued_in._queue.take(job)
        self._leave_queue(job)
        for channel in self.lineage:
            channel._vacate(job)
        job.is_due, job.slot = True, head.slot
        for channel in self.lineage:
            channel._occupy(job)
            channel._mark_dirty()

    def set_failed(self, job: ChannelJob) -> None:
        """Take no capacity for the job; it halts its channel when that is
        sequential."""
        self.remove(job)
        self._failed.add(job)
        if self.sequential:
            self._take_back()

    def remove(self, job: ChannelJob) -> None:
        """Forget a job that is over, or gone. If it was dispatched it may have begun,
        unless :meth:`set_not_begun` was called."""
        self._begin(job)
        self._leave_queue(job)
        self._failed.discard(job)
        for channel in self.lineage:
            channel._vacate(job)
            channel._mark_dirty()
        job.slot, job.has_begun = job, False

    def set_not_begun(self, job: ChannelJob) -> None:
        """Note that the job, which was dispatched, will not begin: no worker took
        it."""
        for channel in self.lineage:
            if channel._is_spaced:
                for pace in channel._paces_of(job.db_name):
                    pace.release(job)
                    channel._mark_dirty()

    def _begin(self, job: ChannelJob) -> None:
        if job.queued_in is not None:
            self.set_not_begun(job)  # not of this runner's doing
        elif not job.has_begun:
            for channel in self.lineage:
                if channel._is_spaced:
                    for pace in channel._paces_of(job.db_name):
                        pace.begin(job)
                        channel._mark_dirty()
        job.has_begun = True

    # the way down to the root

    def get_jobs_to_run(self, now: float) -> Iterator[ChannelJob]:
        """Pass on the best jobs while the channel may; each is counted at once."""
        self._look_at_paces(now)
        while not self._is_shut and self._rests_until is None:
            job = self._queue.pop(now)
            if job is None:
                return
            self._stands_no_more(job)
            self._occupy(job)
            self._look_at_paces(now)
            self._timers.tell(self)
            yield job

    def _look_at_paces(self, now: float) -> None:
        """Find out whether one more job may be on its way to begin."""
        if not self._is_spaced:
            return
        steady = now - self._timers.shift
        if self._own_paces is not None:
            self._look_at_own_paces(self._own_paces, steady)
        for pace in self._paces:
            pace.settle(steady)
        ready = max((pace.ready_at for pace in self._paces), default=steady)
        rests_until = ready if ready > steady else None
        if rests_until != self._rests_until:
            self._rests_until = rests_until
            self._timers.tell(self)

    def _look_at_own_paces(self, own: OwnPaces, steady: float) -> None:
        before = own.next_time
        for db_name, is_held in [*own.look(steady)]:
            self._limits.hold(db_name, is_held)
            self._review(db_name)
            if not is_held:
                self._timers.let_go()
        if own.next_time != before:
            self._timers.tell(self)

    def note_begin(self, time: float, db_name: str) -> None:
        """Note that a job of this channel, which is not known here, began then; to be
        told in their order, before any question."""
        for channel in self.lineage:
            for pace in channel._paces_of(db_name):
                pace.spend(time - self._timers.shift)
                channel._mark_dirty()

    def first_waiting(self, now: float, db_name: str) -> ChannelJob | None:
        """Return the best job of a database in its queue, if its time has come; it
        stays."""
        return self._queue.first_due(now, db_name)

    def first_like(self, like: ChannelJob, now: float) -> ChannelJob | None:
        """Return the best job in its queue that claims the same as another, if its time
        has come; it stays."""
        return self._queue.first_like(like, now)

    def allows_batches(self, db_name: str) -> bool:
        """Tell whether jobs of a database may pass it in the place of one that did so
        just now."""
        is_shut = self.paused or self._is_halted or self.is_paused_for(db_name)
        # the order of those that follow is not the same on all levels
        above, aging = self.parent, self._queue.aging_for(db_name)
        is_mixed = above is not None and aging != above._queue.aging_for(db_name)
        return not (is_shut or self._paces_of(db_name) or is_mixed)

    def rank_of(self, job: ChannelJob) -> Rank:
        """Return what the job is ordered by in its queue."""
        return self._queue.rank_of(job)

    def has_aside(self, db_name: str) -> bool:
        """Tell whether a database is at its limit: its jobs wait in their own
        channels."""
        return self._limits.is_reached(db_name)

    def pass_up(self, now: float) -> None:
        """Hand jobs to the channel above. The root's wait until they are asked for."""
        if self.parent is None:
            self._look_at_paces(now)
            return
        for job in self.get_jobs_to_run(now):
            self.parent._receive(job)

    def next_time(self) -> float | None:
        """Tell when this channel itself may pass jobs on again without any event."""
        if self._is_shut:
            return None
        if self._rests_until is not None:
            return self.rests_until if self._rests_until < UNTIL_BEGUN else None
        time = self._queue.get_wakeup_time()
        back = None if self._own_paces is None else self._own_paces.next_time
        if back is None:
            return time
        back += self._timers.shift
        return back if time is None else min(time, back)

    def get_wakeup_time(self) -> float | None:
        """Tell when a job of this channel, or of one below, may pass it.

        While it is shut no time is told, whatever waits below; while it rests, the
        end of its rest.
        """
        time = self.next_time()
        if self._is_shut or self._rests_until is not None:
            return time
        times = (time, self._wakeup_by_child.first_key())
        return min((t for t in times if t is not None), default=None)

    def tell_parent(self) -> None:
        """Let the channel above know the wake-up time."""
        if self.parent is None:
            return
        time = self.get_wakeup_time()
        if time is None:
            self.parent._wakeup_by_child.remove(self)
        else:
            self.parent._wakeup_by_child.add(self, time)
        self._timers.tell(self.parent)

    # what keeps jobs here

    @property
    def shut_by(self) -> Shut | None:
        """Why it passes no job on, whichever comes; ``None`` while it may."""
        if self._paused or (self._capacity or 0) < 0:
            return Shut.PAUSED
        if self._is_halted:
            return Shut.HALTED
        is_full = bool(self._capacity) and len(self._slots) >= (self._capacity or 0)
        return Shut.FULL if is_full else None

    @property
    def rests_until(self) -> float | None:
        """When its rest is over, as far as it was noticed that one is; infinite while
        it waits for a job to begin."""
        if self._rests_until is None:
            return None
        return self._rests_until + self._timers.shift

    @property
    def failed_jobs(self) -> frozenset[ChannelJob]:
        return frozenset(self._failed)

    @property
    def jobs_on_their_way(self) -> frozenset[ChannelJob]:
        """Those that were passed on, and are not over: each takes a slot."""
        return frozenset(self._running)

    @property
    def first_in_line(self) -> ChannelJob | None:
        """The job that those behind it wait for though its time has not come: in a
        sequential channel only."""
        return self._queue.first_in_line

    def own_limit(self, db_name: str) -> int | None:
        """Return what the managers of a database allow this channel."""
        return self._limits.own(db_name)

    # what jobs need a slot of besides

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

    def may_go(self, job: ChannelJob, slot: ChannelJob | None = None) -> bool:
        """Tell whether the claims of a job can be met that stands here; if not, the
        channel is told when that may have changed.

        :param slot: one in which the job would run after others
        """
        for claim in job.claims:
            if claim.depth <= self.depth and claim.tally.is_full(claim, slot):
                claim.tally.wait(claim, self, job)
                return False
        return True

    def fair_value(self, job: ChannelJob) -> Hashable:
        """Return with which others the job takes turns here."""
        kind = self.fair_for(job.db_name)
        if kind is None or job.traits is None:
            return job.db_name, None
        return job.db_name, job.traits.value(kind)

    def wake(self, like: ChannelJob) -> None:
        """Look again at a job, and those that claim the same: they may go."""
        self._queue.wake(like)
        self._mark_dirty()

    def fair_for(self, db_name: str) -> str | None:
        """Return of what kind the values are whose jobs, of a database, take turns in
        it."""
        if not self._own:
            return self._fair
        own = self._own.get(db_name, NOTHING).fair
        return fair_in_force(self._fair, own, self.sequential)

    def _per_of(self, db_name: str) -> tuple[Per, ...]:
        return per_in_force(self._per, self._own.get(db_name, NOTHING).per)

    @property
    def tells_apart(self) -> bool:
        """Whether it has to know whose a job is."""
        return bool(self._per or self._fair)

    def _claim(self, job: ChannelJob) -> None:
        tally = self._tally
        for claim in job.claims:
            if tally is not None and claim.tally is tally:
                tally.add(claim, job)
                for other in tally.stopped(claim.value):
                    other.channel._send_home(other)

    def _claim_no_more(self, job: ChannelJob) -> None:
        for claim in job.claims:
            if claim.tally is self._tally:
                claim.tally.remove(claim, job)

    def _send_home(self, job: ChannelJob) -> None:
        """Let a job wait here, where it belongs, and take no slots of others."""
        self._withdraw(job)
        self._receive(job)
        self.may_go(job)  # not now: it is to be known at once for what it waits

    def _take_back_claimed(self, job: ChannelJob) -> None:
        for claim in job.claims:
            if claim.tally is self._tally and claim.tally.is_exceeded(claim):
                for other in [j for j in self._running if j.queued_in is not None]:
                    if any(c[:3] == claim[:3] for c in other.claims):
                        self._withdraw(other)
                        self._receive(other)

    def _set_passing(self, job: ChannelJob) -> None:
        for claim in job.claims:
            if claim.depth <= self.depth:
                claim.tally.set_passing(claim, job)

    def _stands_no_more(self, job: ChannelJob) -> None:
        for claim in job.claims:
            claim.tally.unset_passing(claim, job)
        job.queued_in = None

    @property
    def _is_shut(self) -> bool:
        return self.shut_by is not None

    @property
    def _is_halted(self) -> bool:
        return self.sequential and bool(self._failed)

    def _occupy(self, job: ChannelJob) -> None:
        if job in self._running:
            return
        self._running.add(job)
        if self._is_spaced and not job.has_begun:
            for pace in self._paces_of(job.db_name):
                pace.reserve(job)
        self._slots[job.slot] += 1
        if self._slots[job.slot] == 1:
            self._limits.add(job.db_name)
            self._review_limited(job.db_name)
        if job.claims:
            self._claim(job)

    def _vacate(self, job: ChannelJob) -> None:
        if job not in self._running:
            return
        self._running.remove(job)
        if self._is_spaced:
            for pace in self._paces_of(job.db_name):
                pace.release(job)
        self._slots[job.slot] -= 1
        if not self._slots[job.slot]:
            del self._slots[job.slot]
            self._limits.remove(job.db_name)
            self._review_limited(job.db_name)
        if job.claims:
            self._claim_no_more(job)

    def _receive(self, job: ChannelJob) -> None:
        if job.claims and job.channel is not self:
            if not self.may_go(job):
                job.channel._send_home(job)
                return
            self._set_passing(job)
        self._queue.add(job)
        job.queued_in = self
        self._mark_dirty()

    def _leave_queue(self, job: ChannelJob) -> None:
        if job.queued_in is not None:
            job.queued_in._queue.remove(job)
            job.queued_in._mark_dirty()
            self._stands_no_more(job)

    def _take_back(self, db_name: str | None = None) -> None:
        """Withdraw what was passed on and is not dispatched by the root yet.

        Else a channel just paused, or narrowed, would go on starting those jobs.

        :param db_name: only what is of this database
        """
        for job in [job for job in self._running if job.queued_in is not None]:
            if db_name in (None, job.db_name):
                self._withdraw(job)
                self._receive(job)
        self._mark_dirty()

    def _withdraw(self, job: ChannelJob) -> None:
        """Take a waiting job out of the queue it stands in, on whatever level."""
        stands_in = job.queued_in
        self._leave_queue(job)
        for channel in self.lineage:
            if channel is stands_in:
                return
            channel._vacate(job)
            channel._mark_dirty()

    def _review_limited(self, db_name: str) -> None:
        if self._limits.of(db_name) is not None:
            self._review(db_name)

    def _review(self, db_name: str) -> None:
        """Let a database stand aside, here and below, or come back, as its limits
        say.

        What it had passed on here goes back to where it came from: it would only take
        the slots of others there.
        """
        is_aside = self.has_aside(db_name)
        if self._queue.set_aside(db_name, is_aside):
            self._mark_dirty()
        if is_aside:
            for job in self._queue.of(db_name):
                if job.channel is not self:
                    job.channel._withdraw(job)
                    job.channel._receive(job)
        for child in self.children.values():
            child._review(db_name)

    def _mark_dirty(self) -> None:
        self._timers.mark_dirty(self)
