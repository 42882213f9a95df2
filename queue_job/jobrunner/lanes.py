# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that wait in lanes, found however many there are of one lane; and jobs that
belong into one, and stand in none."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..core.channels.lanes import NO_KINDS, Kinds, Lanes, own_kinds
from ..core.channels.own_rules import OwnRules
from ..core.runner.fetch_window import MOST_IN_DEMAND, TOTAL, Window
from ..core.states import State
from ..store.sql import load
from .snapshot import Row

_SQL = load("candidates")
LANED, LANE_NAMES, LANES, AGED_LANES = (
    _SQL.laned,
    _SQL.lane_names,
    _SQL.lanes,
    _SQL.aged_lanes,
)
DUE_WITH_ETA, LANE_NAMES_WITH_ETA, LANES_WITH_ETA = (
    _SQL.due_with_eta,
    _SQL.lane_names_with_eta,
    _SQL.lanes_with_eta,
)

#: Lanes of a channel that are looked into with each poll, if those that come first are
#: not all; the next ones with the next poll.
MOST_LANES = 200
#: Of each of these lanes, so many that come first because they have waited: there may
#: be a hundred priorities to look into.
MOST_RISEN = 8


class LaneStatements(NamedTuple):
    """How jobs in lanes are looked for.

    :param laned: finds the best-ranked ones of all lanes
    :param names: ... some lanes of a channel
    :param lanes: ... some jobs of each of these
    :param aged_lanes: ... and, where jobs rise by waiting, those that come first by it;
        nothing: the other one finds them
    """

    laned: str
    names: str
    lanes: str
    aged_lanes: str = ""


WITHOUT_ETA = LaneStatements(LANED, LANE_NAMES, LANES, AGED_LANES)
WITH_ETA = LaneStatements(DUE_WITH_ETA, LANE_NAMES_WITH_ETA, LANES_WITH_ETA)


class LaneSearch:
    """What is asked of one database besides the snapshot, once it says that there are
    such jobs."""

    def __init__(self, statements: LaneStatements) -> None:
        self._statements = statements
        #: By channel, the lane behind which to go on.
        self._after: dict[str, str] = {}
        #: By channel, so many jobs of each lane were asked for.
        self.depths: dict[str, int] = {}

    def look(self, cr: Any, asked: Mapping[str, Any], window: Window) -> list[Row]:
        """Return the best-ranked jobs of each channel; and of those that have more, the
        best-ranked of each of some lanes. A job may be there twice.

        :param asked: as of the snapshot; and ``rest``, what it found
        """
        cr.execute(self._statements.laned, asked)
        rows = [Row.read(*values) for values in cr.fetchall() if values[0] is not None]
        found = Counter(row.channel for row in rows)
        cut = [name for name, number in found.items() if number >= window.asked(name)]
        self._after = {c: lane for c, lane in self._after.items() if c in cut}
        self.depths = {}
        most = sorted(cut, key=lambda c: -found[c])[:MOST_IN_DEMAND]
        for channel in most:
            names = self._names(cr, {**asked, "channel": channel})
            # however many channels and lanes there are, the runner keeps so many jobs
            share = max(1, TOTAL // len(most) // max(1, len(names)))
            self.depths[channel] = min(window.least, share)
            more = {**asked, "channel": channel, "names": names}
            more |= {"depth": self.depths[channel], "aged": min(MOST_RISEN, share)}
            rows += self._look_into(cr, more, channel)
        return rows

    def _names(self, cr: Any, asked: Mapping[str, Any]) -> list[str]:
        """Return some lanes of a channel: those whose turn it is. Behind the last one
        the first one follows."""
        after = self._after.pop(asked["channel"], "")
        names = self._names_after(cr, asked, after)
        if after and len(names) < MOST_LANES:
            first = self._names_after(cr, asked, "")
            names = list(dict.fromkeys(names + first))[:MOST_LANES]
        if len(names) >= MOST_LANES:
            self._after[asked["channel"]] = names[-1]
        return names

    def _names_after(self, cr: Any, asked: Mapping[str, Any], after: str) -> list[str]:
        some = {**asked, "after": after, "lanes": MOST_LANES}
        cr.execute(self._statements.names, some)
        return [name for (name,) in cr.fetchall()]

    def _look_into(self, cr: Any, asked: Mapping[str, Any], channel: str) -> list[Row]:
        cr.execute(self._statements.lanes, asked)
        found = cr.fetchall()
        if self._statements.aged_lanes and channel in asked["aging"]:
            # those of the same lanes that come first because they have waited
            seconds = asked["aging_seconds"][asked["aging"].index(channel)]
            cr.execute(self._statements.aged_lanes, {**asked, "seconds": seconds})
            found += cr.fetchall()
        return [Row.read(*values) for values in found]


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
