# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a job is not running: what is known of it and around it, and what follows.

Nothing is decided anew here. The channels are asked as the runner asks them
(:mod:`.channels`), jobs of one identity key as at a dispatch (:mod:`.deduplication`).
What is known is gathered by the store, and said by the models.

A further reason is a member of :class:`Kind`, a rule in :data:`RULES`, and a sentence
of the model.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from .channels.claims import Traits
from .channels.config import ChannelConfig
from .channels.name import ROOT, served_name
from .channels.obstacle import Found, Obstacle
from .channels.own_rules import OwnRules
from .channels.rate import UNTIL_BEGUN
from .channels.scheduler import ChannelManager
from .channels.tree import Channel
from .deduplication import LONGEST_WAIT, Keyed, decide
from .runner.load_control import Cause
from .states import DISPATCHED, FINAL, State, StrEnum

#: The name of the one database in a model of the runner.
_HERE = "here"


class Kind(StrEnum):
    """Why a job is not running."""

    # it does, or did
    OVER = "over"
    RUNS = "runs"
    STOPPING = "stopping"
    # nothing runs at all
    COPY = "copy"
    NO_RUNNER = "no_runner"
    UPGRADE = "upgrade"
    # other jobs, or transactions
    PARENTS = "parents"
    RELEASED_SOON = "released_soon"
    SAME_KEY = "same_key"
    DUPLICATE = "duplicate"
    TIED = "tied"
    # its time, its channel
    TIME = "time"
    PAUSED_ON_SERVER = "paused_on_server"
    PAUSED_HERE = "paused_here"
    HALTED = "halted"
    SLEEPER = "sleeper"
    KEY = "key"
    PER = "per"
    TURN = "turn"
    RESTS = "rests"
    AT_LIMIT = "at_limit"
    FULL = "full"
    LOWERED = "lowered"
    PLACE = "place"
    # the workers
    WORKERS_BUSY = "workers_busy"
    WORKER_GONE = "worker_gone"
    # it would run, and fail
    FLAW = "flaw"
    NEXT = "next"


class Flaw(Enum):
    """What makes a job fail whenever it is run."""

    NO_USER = "it has no user"
    USER_GONE = "its user was deleted"
    USER_ARCHIVED = "its user is archived"
    MODEL_GONE = "its model does not exist"
    METHOD_GONE = "its model has no such method"
    UNREADABLE = "its arguments cannot be read"
    SIGNATURE = "its method does not take its arguments"
    RECORDS_GONE = "its records were deleted"


class Known(NamedTuple):
    """A job as the runner knows it; times are seconds since 1970 UTC."""

    id: int
    uuid: str
    channel: str
    priority: int
    date_created: float
    eta: float | None
    state: str
    attempt: int = 0
    function: str | None = None
    traits: Traits | None = None


@dataclass(frozen=True)
class DatabaseFacts:
    """What concerns all jobs of the database.

    :param copied: by what it is seen to be a copy, whose jobs are held; else empty
    :param has_runner: whether a runner leads it
    :param marked: modules that are to be installed, upgraded or removed
    """

    copied: str = ""
    has_runner: bool = True
    marked: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChannelFacts:
    """What the channels depend on.

    :param configs: what the operator says of them
    :param limits: what the managers of the database allow them; 0 = paused
    :param rows: what runs, and what competes with the job
    :param begun_at: by channel, when the latest of its jobs began
    :param before: how many jobs of its channel come before it, as far as counted
    :param is_more: whether there are more than were counted
    :param per_second: how many jobs of its channel ended lately; ``None``: not known
    :param ceiling: how many jobs the runner lets run at a time, if it has lowered
        itself
    :param causes: ... and why
    :param own_rules: what else the managers of the database say of them
    """

    configs: tuple[ChannelConfig, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[Known, ...] = ()
    begun_at: Mapping[str, Sequence[float]] = field(default_factory=dict)
    before: int = 0
    is_more: bool = False
    per_second: float | None = None
    ceiling: int | None = None
    causes: tuple[Cause, ...] = ()
    own_rules: Mapping[str, OwnRules] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of a job and around it.

    :param now: seconds since 1970 UTC
    :param parents: (id, state) of jobs that keep it back, failed ones first
    :param same_key: it and the others of its identity key, as they stand
    :param is_locked: whether a worker has locked it, or a transaction whose call it
        stands for
    :param is_stopping: whether it runs, and is to be stopped
    """

    job: Known
    now: float
    database: DatabaseFacts = DatabaseFacts()
    channels: ChannelFacts = ChannelFacts()
    parents: tuple[tuple[int, str], ...] = ()
    same_key: tuple[Keyed, ...] = ()
    is_locked: bool = False
    is_stopping: bool = False
    flaw: Flaw | None = None


@dataclass(frozen=True)
class Reason:
    """Why a job is not running, and what that names.

    :param jobs: row ids of the culprits; of :attr:`Kind.PLACE` those that run
    :param first: ... of those that wait, too, and take the slots before it
    :param failed: ... of those that failed, or were cancelled
    :param channel: full name of the channel
    :param limit: how many jobs may run in it at a time
    :param until: when it is over by itself, seconds since 1970 UTC
    :param place: its place among the jobs of its channel; 1 is next
    :param is_further: whether its place may be a later one
    :param seconds: how long it may take, if that can be told
    :param words: what else there is to say, as it stands somewhere
    """

    kind: Kind
    jobs: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    channel: str = ""
    limit: int | None = None
    until: float | None = None
    place: int | None = None
    is_further: bool = False
    seconds: float | None = None
    words: tuple[str, ...] = ()
    flaw: Flaw | None = None


Rule = Callable[[Facts], Reason | None]


def explain(facts: Facts) -> Reason:
    """Tell why a job is not running: the first rule of its state that finds something
    says so."""
    rules = RULES[State(facts.job.state)]
    return next(reason for rule in rules if (reason := rule(facts)) is not None)


# what concerns all jobs


def _copy(facts: Facts) -> Reason | None:
    copied = facts.database.copied
    return Reason(Kind.COPY, words=(copied,)) if copied else None


def _no_runner(facts: Facts) -> Reason | None:
    return None if facts.database.has_runner else Reason(Kind.NO_RUNNER)


def _upgrade(facts: Facts) -> Reason | None:
    marked = facts.database.marked
    return Reason(Kind.UPGRADE, words=marked) if marked else None


# other jobs


def _parents(facts: Facts) -> Reason | None:
    if not facts.parents:
        return None
    failed = [i for i, state in facts.parents if state in FINAL]
    ids = tuple(job_id for job_id, _state in facts.parents)
    return Reason(Kind.PARENTS, jobs=ids, failed=tuple(failed))


def _same_key(facts: Facts) -> Reason | None:
    """Ask what would become of the job if it was dispatched now."""
    chosen = next((job for job in facts.same_key if job.id == facts.job.id), None)
    if chosen is None:
        return None
    others = [job for job in facts.same_key if job is not chosen]
    chosen = chosen._replace(state=State.ENQUEUED, attempt=chosen.attempt + 1)
    decision = decide([*others, chosen], [chosen.id])
    if (standing := decision.same.get(chosen)) is not None:
        return Reason(Kind.DUPLICATE, jobs=(standing.id,))
    if chosen not in decision.waits:
        return None
    before = [j for j in others if j.state in DISPATCHED] or [
        j for j in others if j.state == State.DONE
    ]
    return Reason(Kind.SAME_KEY, jobs=tuple(job.id for job in before))


def _tied(facts: Facts) -> Reason | None:
    return Reason(Kind.TIED) if facts.is_locked else None


# its time


def _time(facts: Facts) -> Reason | None:
    eta = facts.job.eta
    if eta is None or eta <= facts.now:
        return None
    if eta <= facts.now + LONGEST_WAIT:  # perhaps it was put off for another one
        reason = _same_key(facts)
        if reason is not None and reason.kind is Kind.SAME_KEY:
            return reason
    return Reason(Kind.TIME, until=eta)


# its channel


def _channel(facts: Facts) -> Reason | None:
    model = _Model(facts)
    found = model.obstacle()
    if found is None:
        return None
    ids = tuple(model.ids[uuid] for uuid in found.jobs)
    until = found.until if found.until != UNTIL_BEGUN else None
    running = tuple(i for i in ids if model.states[i] in DISPATCHED)
    culprits = () if found.obstacle is Obstacle.RESTS and until else running
    reason = Reason(
        Kind[found.obstacle.name],
        culprits if found.obstacle in _PASSING else ids,
        channel=found.channel,
        limit=found.limit,
        until=until,
        words=tuple(map(str, found.of or ())),
    )
    known = facts.channels
    is_root_full = found.obstacle is Obstacle.FULL and found.channel == ROOT
    if is_root_full and found.limit == known.ceiling:
        words = tuple(cause.name.lower() for cause in known.causes)
        return replace(reason, kind=Kind.LOWERED, words=words)
    first = tuple(i for i in ids if i not in running)
    if found.obstacle is Obstacle.RESTS and culprits:  # awaits a beginning
        return replace(reason, first=first)
    if found.obstacle not in _PASSING:
        return reason
    before = max(facts.channels.before, len(first))
    if not before:
        return reason
    return _placed(replace(reason, first=first), before + 1, facts.channels)


def _placed(reason: Reason, place: int, known: ChannelFacts) -> Reason:
    is_told = known.per_second and not known.is_more
    return replace(
        reason,
        kind=Kind.PLACE,
        place=place,
        is_further=known.is_more,
        seconds=place / known.per_second if is_told and known.per_second else None,
    )


#: What passes by itself, when those that come before are over.
_PASSING = frozenset({Obstacle.RESTS, Obstacle.AT_LIMIT, Obstacle.FULL})


class _Silent(ChannelManager):
    """Channels of which the log is not told: they are made for one question."""

    def configure(self, configs: Iterable[ChannelConfig]) -> None:
        for config in configs:
            self._configure(config)

    def _tell_of_configuration(self, channel: Channel, config: ChannelConfig) -> None:
        pass

    def _tell_of_fallback(self, name: str) -> None:
        pass


class _Model:
    """The channels as the runner has them, as far as the facts go."""

    def __init__(self, facts: Facts) -> None:
        self._job, self._now = facts.job, facts.now
        self._manager = _Silent()
        known = facts.channels
        self._manager.configure(known.configs)
        self._manager.set_limits(_HERE, known.limits)
        self._manager.set_ceiling(known.ceiling)
        self._manager.set_own_rules(_HERE, known.own_rules, is_full=True)
        self._begin(known.begun_at)
        rows = {row.uuid: row for row in (*known.rows, facts.job)}
        self.ids = {row.uuid: row.id for row in rows.values()}
        self.states = {row.id: row.state for row in rows.values()}
        self._tell(rows.values())

    def obstacle(self) -> Found | None:
        """What keeps the job back once all were started that are."""
        for _job in self._manager.get_jobs_to_run(self._now):
            pass
        return self._manager.obstacle_of(_HERE, self._job.uuid, self._now)

    def _tell(self, rows: Iterable[Known]) -> None:
        for row in rows:
            self._manager.notify(
                _HERE,
                row.channel,
                row.uuid,
                row.id,
                row.date_created,
                row.priority,
                row.eta,
                row.state,
                row.traits,
            )

    def _begin(self, begun_at: Mapping[str, Sequence[float]]) -> None:
        begins = ((time, name) for name, times in begun_at.items() for time in times)
        for time, name in sorted(begins):
            served = self._manager.get_channel_by_name(served_name(name), True)
            served.note_begin(time, _HERE)


# the workers


def _workers(facts: Facts) -> Reason | None:
    return Reason(Kind.WORKERS_BUSY)


def _stopping(facts: Facts) -> Reason | None:
    return Reason(Kind.STOPPING) if facts.is_stopping else None


def _worker_gone(facts: Facts) -> Reason | None:
    return None if facts.is_locked else Reason(Kind.WORKER_GONE)


# nothing


def _flaw(facts: Facts) -> Reason | None:
    return Reason(Kind.FLAW, flaw=facts.flaw) if facts.flaw else None


def _is(kind: Kind) -> Rule:
    return lambda facts: Reason(kind)


_OVER: tuple[Rule, ...] = (_is(Kind.OVER),)

#: What to look at, in this order; the last rule of each always finds something.
RULES: Mapping[State, tuple[Rule, ...]] = {
    State.WAIT_DEPENDENCIES: (_copy, _parents, _no_runner, _is(Kind.RELEASED_SOON)),
    State.PENDING: (
        _copy, _no_runner, _time, _channel, _same_key, _tied, _flaw, _upgrade,
        _is(Kind.NEXT),
    ),
    State.ENQUEUED: (_copy, _no_runner, _workers),
    State.STARTED: (_stopping, _worker_gone, _is(Kind.RUNS)),
    **dict.fromkeys(FINAL, _OVER),
}  # fmt: skip
