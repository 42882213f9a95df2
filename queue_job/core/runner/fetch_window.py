# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many of the due jobs of a database the runner keeps in memory."""

from collections.abc import Collection, Mapping
from itertools import product, starmap
from typing import NamedTuple

from .channel_part import MOST_CHANNELS, ChannelPart

#: Jobs of a database to keep, if they stand in many channels.
TOTAL = 5_000
#: Channels at a time of which more is kept, because it is in demand.
MOST_IN_DEMAND = 10
#: Jobs of a channel that no worker can take just now, to keep besides.
MOST_BLOCKED = 20_000


class Line(NamedTuple):
    """Jobs of a channel that are asked for together, best first: those with an ETA, or
    those without, in a lane or in none. Each may run low while there are enough of the
    others."""

    channel: str
    has_eta: bool
    is_laned: bool = False


class Window:
    """The first so many due jobs of each channel; more of those that run low.

    However many channels and jobs there are, the number of jobs kept is bounded, and
    who runs next is the same as if all were; where there are very many channels, the
    same as if there were no others than those of one part, which changes.

    :param least: jobs of each channel at any rate: what may begin at the same time, and
        as many to compete with them
    :param wide: jobs of a channel that is in demand, or where there are few channels
    :param channels: how many of them to poll at a time
    """

    def __init__(self, least: int, wide: int, channels: int = MOST_CHANNELS) -> None:
        self.part = ChannelPart(channels)
        self.wide = max(least, wide)
        self.in_demand: Collection[str] = ()
        self._room = 0
        #: Jobs to ask for of each channel that is not in demand.
        self.narrow = self._least = least
        #: Lines that have more jobs than were asked for, and how many that was.
        self._cut: dict[Line, int] = {}

    def follow(self, due: Mapping[Line, int], rest: str | None = None) -> None:
        """Take notice of what was found.

        :param due: number of due jobs found of each line that has any
        :param rest: the first channel behind those that were polled, if any
        """
        self.part.follow(rest)
        asked = {line: self.asked(line.channel) for line in due}
        self._cut = {line: asked[line] for line, n in due.items() if n >= asked[line]}
        share = TOTAL // max(1, len(due))
        self.narrow = max(self._least, min(self.wide, share))
        self.in_demand, self._room = (), 0

    @property
    def least(self) -> int:
        """Jobs of each channel that are asked for at any rate."""
        return self._least

    def asked(self, channel: str) -> int:
        """Return how many jobs of each line of a channel are asked for."""
        return self.widest if channel in self.in_demand else self.narrow

    @property
    def widest(self) -> int:
        """Jobs to ask for of each channel that is in demand."""
        return self.wide + self._room

    def see_past(self, blocked: Mapping[str, int]) -> None:
        """See to it that as much is found behind jobs that no worker can take just now.

        :param blocked: number of such jobs of each channel that has any
        """
        most = sorted(blocked, key=blocked.__getitem__, reverse=True)[:MOST_IN_DEMAND]
        others = [channel for channel in self.in_demand if channel not in most]
        self.in_demand = (*most, *others[: MOST_IN_DEMAND - len(most)])
        self._room = min(blocked[most[0]], MOST_BLOCKED)

    def is_low(self, channel: str, waiting: Mapping[Line, int]) -> bool:
        """Tell whether others that are not kept might soon be next in the channel.

        :param waiting: how many jobs of each line still wait
        """
        if not self._cut:
            return False
        lines = starmap(Line, product((channel,), (False, True), (False, True)))
        return any(self._is_low(line, waiting) for line in lines)

    def _is_low(self, line: Line, waiting: Mapping[Line, int]) -> bool:
        asked = self._cut.get(line)
        return asked is not None and waiting.get(line, 0) <= asked // 2

    def demand(self, waiting: Mapping[Line, int]) -> bool:
        """See to it that more is asked for where jobs run low.

        :param waiting: how many jobs of each line still wait
        :return: whether there is reason to ask at once
        """
        lines = (line for line in self._cut if self._is_low(line, waiting))
        low = list(dict.fromkeys(line.channel for line in lines))
        self.in_demand = tuple(low[:MOST_IN_DEMAND])
        was_too_narrow = any(asked < self.narrow for asked in self._cut.values())
        return bool(low) or was_too_narrow
