# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What keeps a job that is due from passing through the channels.

Nothing is decided here: the channels are asked in the words in which they decide. What
lasts until a user acts is named before what passes by itself; and of that, what is
nearest to the root, for a channel may be full of jobs that wait further down.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from .claims import KEY
from .occupied import Shut
from .rate import UNTIL_BEGUN
from .tree import Channel, ChannelJob


class Obstacle(Enum):
    """What may keep a job in its channel, or in one above."""

    PAUSED_ON_SERVER = "paused by the operator"
    PAUSED_HERE = "paused by a manager of the database"
    HALTED = "a job of a sequential channel has failed"
    SLEEPER = "a job of a sequential channel waits for its time"
    KEY = "as many jobs of its lock key run as may"
    PER = "as many jobs of its company, say, run as its channel allows"
    RESTS = "the time between jobs of a channel with a throttle or a rate"
    AT_LIMIT = "the database has as many jobs running as its managers allow"
    TURN = "the channel is full, and then it is the turn of others, or of the job"
    FULL = "the channel has as many jobs running as the operator allows"


class Found(NamedTuple):
    """An obstacle, and what it names.

    :param channel: full name
    :param jobs: uuids of the jobs of this database because of which it is one, best
        first
    :param until: when it is over by itself; seconds since the epoch; infinite: when
        one of the jobs has begun
    :param limit: how many jobs may run at a time, where that is it
    """

    obstacle: Obstacle
    channel: str
    jobs: tuple[str, ...] = ()
    until: float | None = None
    limit: int | None = None
    #: Kind and value of that of which so many may run.
    of: tuple[str, Any] | None = None


def obstacle_of(job: ChannelJob, now: float) -> Found | None:
    """Return what keeps back a due job that waits in some queue."""
    return next(_obstacles(job, now), None)


def _obstacles(job: ChannelJob, now: float) -> Iterator[Found]:
    lineage = job.channel.lineage
    for channel in lineage:
        yield from _closed_by_people(channel, job)
    for channel in lineage:
        if channel.shut_by is Shut.HALTED:
            failed = _uuids(channel.failed_jobs, job.db_name)
            yield Found(Obstacle.HALTED, channel.fullname, failed)
    yield from _claimed(job)
    for channel in reversed(lineage):
        yield from _passing(channel, job, now)


def _claimed(job: ChannelJob) -> Iterator[Found]:
    for claim in reversed(job.claims):
        if claim.tally.is_full(claim):
            _db_name, kind, value = claim.value
            channel = job.channel.lineage[-1 - claim.depth].fullname
            yield Found(
                Obstacle.KEY if kind == KEY else Obstacle.PER,
                channel,
                _uuids(claim.tally.holders(claim.value), job.db_name),
                limit=claim.tally.limit(claim),
                of=(kind, value),
            )


def _closed_by_people(channel: Channel, job: ChannelJob) -> Iterator[Found]:
    if channel.shut_by is Shut.PAUSED:
        yield Found(Obstacle.PAUSED_ON_SERVER, channel.fullname)
    if channel.own_limit(job.db_name) == 0:
        yield Found(Obstacle.PAUSED_HERE, channel.fullname)


def _passing(channel: Channel, job: ChannelJob, now: float) -> Iterator[Found]:
    first, rests_until = channel.first_in_line, channel.rests_until
    is_asleep = first is not None and not first.is_due and (first.eta or 0) > now
    if first is not None and is_asleep and first.rank < job.rank:
        slept = _uuids([first], job.db_name)
        yield Found(Obstacle.SLEEPER, channel.fullname, slept, first.eta)
    before = _uuids(channel.jobs_on_their_way, job.db_name)
    if rests_until == UNTIL_BEGUN:
        awaited = (j for j in channel.jobs_on_their_way if not j.has_begun)
        before = _uuids(awaited, job.db_name)
    if rests_until is not None and rests_until > now:
        yield Found(Obstacle.RESTS, channel.fullname, before, rests_until)
    own_rest = channel.own_rest(job.db_name)
    if own_rest is not None and own_rest[1] > now:
        yield _own_rest(channel, job, *own_rest)
    elif channel.has_aside(job.db_name):
        name, limit = _limiting(channel, job.db_name)
        yield Found(Obstacle.AT_LIMIT, name, before, limit=limit)
    if channel.shut_by is Shut.FULL:
        below = _lineage_below(channel, job)
        kinds = (level.fair_for(job.db_name) for level in below)
        kind = next((kind for kind in kinds if kind), None)
        yield Found(
            Obstacle.TURN if kind else Obstacle.FULL,
            channel.fullname,
            before,
            limit=channel.capacity,
            of=(kind, "") if kind else None,
        )


def _lineage_below(channel: Channel, job: ChannelJob) -> list[Channel]:
    """Return the channels through which a job comes to pass one, that one included."""
    return [level for level in job.channel.lineage if level.depth >= channel.depth]


def _own_rest(channel: Channel, job: ChannelJob, name: str, until: float) -> Found:
    awaited = (j for j in channel.jobs_on_their_way if not j.has_begun)
    before = awaited if until == UNTIL_BEGUN else channel.jobs_on_their_way
    return Found(Obstacle.RESTS, name, _uuids(before, job.db_name), until)


def _limiting(channel: Channel, db_name: str) -> tuple[str, int | None]:
    """Return the channel, this one or one above, whose limit counts in it."""
    limits = [
        (limit, -level.depth, level.fullname)
        for level in channel.lineage
        if (limit := level.own_limit(db_name)) is not None
    ]
    limit, _depth, name = min(limits)
    return name, limit


def _uuids(jobs: Iterable[ChannelJob], db_name: str) -> tuple[str, ...]:
    own = [job for job in jobs if job.db_name == db_name]
    return tuple(job.uuid for job in sorted(own, key=lambda job: job.rank))
