# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is known of a job and around it, for :mod:`..core.explanation`.

Needs nothing but a cursor, as the store does. However many jobs there are, few rows are
read: what the runner would poll, of fewer channels, and counts up to a bound.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.channels.claims import Traits
from ..core.channels.config import ChannelConfig, aging_in
from ..core.channels.name import Sequential
from ..core.channels.own_rules import OwnRules, aging_in_force
from ..core.deduplication import Keyed
from ..core.explanation.facts import ChannelFacts, DatabaseFacts, Facts, Flaw, Known
from ..core.forecast import MINUTE, just_now
from ..core.runner.aged_channels import MOST_PRIORITIES
from ..core.runner.load_control import Cause
from ..core.runner.runner_watch import LEADER_KEY
from ..core.states import State
from . import (
    ceiling,
    copy_guard,
    deduplication,
    dependencies,
    dispatch,
    own_rules,
    stopping,
)
from .sql import load
from .transitions import Cursor

#: Jobs before another one in its channel that are counted.
MOST_BEFORE = 10_000
#: Parents that are named.
_MOST_PARENTS = 20
#: Channels, and jobs of each of them and of the one in question, that compete.
_CHANNELS, _WINDOW, _WIDE = 50, 20, 100
#: The youngest jobs done from which is told how fast a channel is: those that ended
#: within so many seconds.
_MOST_LATELY, _LATELY = 500, 300.0

_SQL = load("explanation")
_CANDIDATES = load("candidates")


class _Asked(NamedTuple):
    """The job, and what else its row says."""

    job: Known
    key: str | None
    graph: str | None
    channel: str | None
    date_created: str | None  # as PostgreSQL has it, which has more years
    now: float


def gather(
    cr: Cursor,
    job_id: int,
    configs: tuple[ChannelConfig, ...] = (),
    flaw: Flaw | None = None,
) -> Facts | None:
    """Return what is known of a job; ``None`` when it does not exist.

    :param configs: what the operator says of the channels
    :param flaw: what will make it fail
    """
    cr.execute(_SQL.job, {"id": job_id})
    row = next(iter(cr.fetchall()), None)
    if row is None:
        return None
    company, user, key, limit = row[14:]
    traits = Traits(key, limit, company, user, row[8])
    known = Known(*row[:9])._replace(traits=traits)
    asked = _Asked(known, *row[9:14])
    job, state = asked.job, State(asked.job.state)
    is_pending = state is State.PENDING
    is_asleep = job.eta is not None and job.eta > asked.now
    is_channel_asked = is_pending and not is_asleep
    is_waiting = state is State.WAIT_DEPENDENCIES
    has_runner, sees_locks = _runner(cr)
    is_locked = job_id in dispatch.locked(cr, [job_id])
    parents, has_more_parents = _parents(cr, asked) if is_waiting else ((), False)
    return Facts(
        job,
        asked.now,
        database=_database(cr, has_runner or not sees_locks),
        channels=_channels(cr, asked, configs) if is_channel_asked else ChannelFacts(),
        parents=parents,
        has_more_parents=has_more_parents,
        same_key=_same_key(cr, asked) if is_pending else (),
        is_locked=is_locked or (state is State.STARTED and not sees_locks),
        is_stopping=state is State.STARTED and bool(stopping.stopping(cr, [job_id])),
        flaw=flaw,
    )


def _runner(cr: Cursor) -> tuple[bool, bool]:
    cr.execute(load("leader").has_leader, {"key": LEADER_KEY})
    [(has_runner,)] = cr.fetchall()
    cr.execute(_SQL.sees_locks, {})
    [(sees_locks,)] = cr.fetchall()
    return has_runner, sees_locks


def _database(cr: Cursor, has_runner: bool) -> DatabaseFacts:
    cr.execute(_CANDIDATES.marked_modules, {})
    marked = tuple(sorted(name for (name,) in cr.fetchall()))
    return DatabaseFacts(copy_guard.look(cr).difference, has_runner, marked)


def _parents(cr: Cursor, asked: _Asked) -> tuple[tuple[tuple[int, str], ...], bool]:
    """(id, state) of those that keep the job back; whether there are more."""
    most = _MOST_PARENTS + 1
    found, _may_be_more = dependencies.nearest(
        cr, asked.job.id, asked.graph, "parents", most
    )
    kept = tuple(dependencies.keeping_back(cr, asked.job.id, found, most))
    return kept[:_MOST_PARENTS], len(kept) > _MOST_PARENTS


def _same_key(cr: Cursor, asked: _Asked) -> tuple[Keyed, ...]:
    if not asked.key:
        return ()
    jobs = deduplication.under_way(cr, [asked.key])
    own = next((job for job in jobs if job.id == asked.job.id), None)
    if own is not None and own.period:
        jobs += deduplication.done_lately(cr, [asked.key], own.period)
    return tuple(jobs)


# channels


def _channels(
    cr: Cursor, asked: _Asked, configs: tuple[ChannelConfig, ...]
) -> ChannelFacts:
    sequential = Sequential(c.name for c in configs if c.sequential)
    cr.execute(_CANDIDATES.limits, {})
    limits: Mapping[str, int] = dict(cr.fetchall())
    is_line = asked.job.channel in sequential
    said = own_rules.read(cr)
    aging = 0 if is_line else _aging(asked.job.channel, configs, said)
    rows = tuple(_rows(cr, asked, sequential, aging))
    before, is_more = _before(cr, asked, is_line) if not aging else _read(asked, rows)
    per_second, begun_at = _lately(cr, asked.job.channel)
    return ChannelFacts(
        configs,
        limits,
        rows,
        begun_at,
        before,
        is_more,
        per_second,
        *_ceiling(cr),
        said,
    )


def _aging(
    name: str, configs: tuple[ChannelConfig, ...], said: Mapping[str, OwnRules]
) -> int:
    """Return how a job of a channel rises, as the nearest channel says."""
    own, level = None, name
    while level and own is None:
        own = said[level].aging if level in said else None
        level = level.rpartition(".")[0]
    return aging_in_force(aging_in(configs, name), own)


def _ceiling(cr: Cursor) -> tuple[int | None, tuple[Cause, ...]]:
    most, causes = ceiling.read(cr)
    return most, tuple(causes)


def _read(asked: _Asked, rows: Sequence[Known]) -> tuple[int, bool]:
    """Where jobs rise by waiting no index counts those that come before: as far as they
    were read, they are found by their order."""
    return 0, sum(row.channel == asked.job.channel for row in rows) >= _WIDE


def _rows(
    cr: Cursor, asked: _Asked, sequential: Sequential, aging: int
) -> Iterator[Known]:
    """What the runner would find, of some channels: that of the job among them."""
    params = {
        "window": _WINDOW,
        "wide": _WIDE,
        "in_demand": [asked.channel] if asked.channel else [],
        "sequential": sorted(sequential.spellings),
        "begin": "",
        "channels": _CHANNELS,
        "aging": [asked.channel] if aging and asked.channel else [],
        "aging_seconds": [aging] if aging and asked.channel else [],
        "priorities": MOST_PRIORITIES,
    }
    cr.execute(_CANDIDATES.snapshot, params)
    found = [row for row in cr.fetchall() if row[0] is not None]
    yield from map(_known, found)
    later = {**params, "rest": None, "now": asked.now}
    for statement, laned in (
        (_CANDIDATES.laned, 1),
        (_CANDIDATES.due_with_eta, 0),
        (_CANDIDATES.due_with_eta, 1),
    ):
        cr.execute(statement, {**later, "laned": laned})
        yield from (_known(row) for row in cr.fetchall() if row[0] is not None)


def _known(row: tuple[Any, ...]) -> Known:
    function, company, _is_of_graph, _lane, key, limit, user = row[8:]
    traits = Traits(key, limit, company, user, function)
    return Known(*row[:9])._replace(traits=traits)


def _before(cr: Cursor, asked: _Asked, is_line: bool) -> tuple[int, bool]:
    """How many jobs of its channel come before it; whether there may be more."""
    params = {
        "id": asked.job.id,
        "channel": asked.channel,
        "priority": asked.job.priority,
        "date_created": asked.date_created,
        "is_line": is_line,
        "most": MOST_BEFORE,
    }
    cr.execute(_SQL.before_without_eta, params)
    [(without_eta,)] = cr.fetchall()
    cr.execute(_SQL.before_with_eta, params)
    [(with_eta, looked_at)] = cr.fetchall()
    before = min(without_eta + with_eta, MOST_BEFORE)
    return before, MOST_BEFORE in (before, looked_at)


def _lately(cr: Cursor, channel: str) -> tuple[float | None, dict[str, list[float]]]:
    """How many jobs of a channel end per second of its work; by channel, when the
    latest began."""
    params = {"seconds": _LATELY, "most": _MOST_LATELY}
    cr.execute(_SQL.lately, params)
    done = cr.fetchall()
    cr.execute(_SQL.begun, {})
    begun_at: dict[str, list[float]] = {}
    for name, times in [*((d[0], d[3]) for d in done), *cr.fetchall()]:
        begun_at.setdefault(name, []).extend(times or ())
    ages = {name: found or () for name, found, *_rest in done}
    known = _LATELY
    if sum(map(len, ages.values())) >= _MOST_LATELY:
        known = max(1.0, *map(max, filter(None, ages.values())))
    lasting = next((lasts for name, _ages, lasts, _times in done if name == channel), 0)
    pace = just_now(ages.get(channel, ()), lasting, known)
    return (pace / MINUTE if pace else None), begun_at
