# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What keeps a job in its channel: the channels as the runner has them are asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..channels.config import ChannelConfig
from ..channels.name import ROOT, served_name
from ..channels.obstacle import Found, Obstacle
from ..channels.rate import UNTIL_BEGUN
from ..channels.scheduler import ChannelManager
from ..channels.tree import Channel
from ..states import DISPATCHED
from .facts import ChannelFacts, Facts, Known
from .reason import Kind, Reason

#: The name of the one database in a model of the runner.
_HERE = "here"


def channel_reason(facts: Facts) -> Reason | None:
    """Tell what keeps the job back in its channel, or in one above."""
    model = ChannelModel(facts)
    found = model.obstacle()
    if found is None:
        return None
    known = facts.channels
    ids = tuple(model.ids[uuid] for uuid in found.jobs)
    running = tuple(i for i in ids if model.states[i] in DISPATCHED)
    first = tuple(i for i in ids if i not in running)
    reason = _found(found, running if found.obstacle in _PASSING else ids)
    is_root_full = found.obstacle is Obstacle.FULL and found.channel == ROOT
    if is_root_full and found.limit == known.ceiling:
        words = tuple(cause.name.lower() for cause in known.causes)
        return replace(reason, kind=Kind.LOWERED, words=words)
    if found.obstacle is Obstacle.RESTS and reason.jobs:  # awaits a beginning
        return replace(reason, first=first)
    before = max(known.before, len(first))
    if found.obstacle not in _PASSING or not before:
        return reason
    return _placed(replace(reason, first=first), before + 1, known)


def _found(found: Found, culprits: tuple[int, ...]) -> Reason:
    until = found.until if found.until != UNTIL_BEGUN else None
    is_rest = found.obstacle is Obstacle.RESTS and until
    return Reason(
        Kind[found.obstacle.name],
        () if is_rest else culprits,
        channel=found.channel,
        limit=found.limit,
        until=until,
        words=tuple(map(str, found.of or ())),
    )


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


class ChannelModel:
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
