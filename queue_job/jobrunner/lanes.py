# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that wait in lanes, found however many there are of one lane; and jobs that
belong into one, and stand in none."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.channels.lanes import NO_KINDS, Kinds, Lanes, own_kinds
from ..core.channels.own_rules import OwnRules
from ..core.runner.fetch_window import MOST_IN_DEMAND, Window
from ..core.states import State
from ..store.sql import load
from .snapshot import Row

_SQL = load("candidates")
LANED, LANES, AGED_LANES = _SQL.laned, _SQL.lanes, _SQL.aged_lanes
DUE_WITH_ETA, LANES_WITH_ETA = _SQL.due_with_eta, _SQL.lanes_with_eta

#: Lanes of a channel that are looked into with each poll, if those that come first are
#: not all; the next ones with the next poll.
MOST_LANES = 200
#: Of each of these lanes, so many that come first because they have waited: there may
#: be a hundred priorities to look into.
MOST_RISEN = 8


class LaneSearch:
    """What is asked of one database besides the snapshot, once it says that there are
    such jobs.

    :param laned: statement that finds the best-ranked ones of all lanes
    :param lanes: ... and some of each lane of a channel
    :param aged_lanes: ... and, where jobs rise by waiting, those that come first by it;
        nothing: the other one finds them
    """

    def __init__(
        self, laned: str = LANED, lanes: str = LANES, aged_lanes: str = AGED_LANES
    ) -> None:
        self._laned, self._lanes, self._aged_lanes = laned, lanes, aged_lanes
        #: By channel, the lane behind which to go on.
        self._after: dict[str, str] = {}

    def look(self, cr: Any, asked: Mapping[str, Any], window: Window) -> list[Row]:
        """Return the best-ranked jobs of each channel; and of those that have more, the
        best-ranked of each of some lanes. A job may be there twice.

        :param asked: as of the snapshot; and ``rest``, what it found
        """
        cr.execute(self._laned, asked)
        rows = [Row.read(*values) for values in cr.fetchall() if values[0] is not None]
        found = Counter(row.channel for row in rows)
        cut = [name for name, number in found.items() if number >= window.asked(name)]
        self._after = {c: lane for c, lane in self._after.items() if c in cut}
        for channel in sorted(cut, key=lambda c: -found[c])[:MOST_IN_DEMAND]:
            more = {**asked, "channel": channel, "depth": window.least}
            rows += self._look_into(cr, more, channel)
        return rows

    def _look_into(self, cr: Any, asked: Mapping[str, Any], channel: str) -> list[Row]:
        after = self._after.pop(channel, "")
        some = {**asked, "after": after, "lanes": MOST_LANES}
        cr.execute(self._lanes, some)
        rows = [Row.read(*values) for values in cr.fetchall()]
        rows += self._risen(cr, some, channel)
        lanes = list(dict.fromkeys(row.lane for row in rows if row.lane))
        if len(lanes) >= MOST_LANES:
            self._after[channel] = lanes[-1]
        return [row for row in rows if row.id is not None]

    def _risen(self, cr: Any, asked: Mapping[str, Any], channel: str) -> list[Row]:
        """Return jobs of the same lanes that come first because they have waited."""
        if not self._aged_lanes or channel not in asked["aging"]:
            return []
        seconds = asked["aging_seconds"][asked["aging"].index(channel)]
        cr.execute(self._aged_lanes, {**asked, "seconds": seconds, "aged": MOST_RISEN})
        return [Row.read(*values) for values in cr.fetchall()]


class LateLanes:
    """Of which channels jobs were stored before they were told apart there: with
    ``per`` or ``fair`` that are new, by another server, or in SQL.

    :param lanes: what the operator says
    """

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.own: Kinds = NO_KINDS
        self._channels: dict[str, None] = {}

    def follow(self, rules: Mapping[str, OwnRules]) -> None:
        """Follow what the managers of the database say."""
        self.own = own_kinds(rules)

    def look(self, rows: Iterable[Row]) -> None:
        """Look for such channels among what a snapshot found: of those without a lane
        it has the best-ranked of each channel."""
        if not (self.lanes.has_any or self.own):
            return
        without = {
            row.channel
            for row in rows
            if row.lane is None and row.eta is None and row.state == State.PENDING
        }
        for channel in without:
            if self.lanes.kinds_of(channel, self.own):
                self._channels[channel] = None

    @property
    def next_channel(self) -> str | None:
        """The channel that is next to be cared for; the others follow in turn."""
        return next(iter(self._channels), None)

    def cared_for(self, channel: str, has_more: bool) -> None:
        """Note that some jobs of a channel got their lane."""
        self._channels.pop(channel, None)
        if has_more:
            self._channels[channel] = None
