# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many of the jobs of each lane the runner still has."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

NO_DEPTHS: Mapping[str, int] = MappingProxyType({})


class Lane(NamedTuple):
    """Jobs of a channel that wait for the same others."""

    channel: str
    name: str


class LaneWindow:
    """The jobs that wait, by lane. The few that are known of one may be gone while all
    others that the runner has must wait: then it has to look for more.

    :param depth: so many of each lane are asked for, unless fewer are
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._depths: Mapping[str, int] = {}
        self._lanes: Mapping[str, Lane] = {}
        self._waiting: Counter[Lane] = Counter()
        self._cut: frozenset[Lane] = frozenset()
        #: Whether there may be more of a lane of which few are left.
        self.is_low = False

    def follow(
        self, lanes: Iterable[tuple[str, Lane]], depths: Mapping[str, int] = NO_DEPTHS
    ) -> None:
        """Take notice of a poll.

        :param lanes: uuid and lane of the jobs that wait in one
        :param depths: by channel, how many of each lane were asked for
        """
        self._lanes, self._depths = dict(lanes), depths
        self._waiting = Counter(self._lanes.values())
        self._cut = frozenset(
            lane for lane, count in self._waiting.items() if count >= self._asked(lane)
        )
        self.is_low = False

    def choose(self, uuid: str) -> None:
        """Note that a job waits no longer."""
        lane = self._lanes.get(uuid)
        if lane is not None:
            self._waiting[lane] -= 1
            is_low = self._waiting[lane] <= self._asked(lane) // 2
            self.is_low |= is_low and lane in self._cut

    def _asked(self, lane: Lane) -> int:
        return self._depths.get(lane.channel, self._depth)
