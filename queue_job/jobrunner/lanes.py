# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that wait in lanes, found however many there are of one lane."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..core.runner.fetch_window import MOST_IN_DEMAND, Window
from ..store.sql import load
from .snapshot import Row

_SQL = load("candidates")
LANED, LANES = _SQL.laned, _SQL.lanes
DUE_WITH_ETA, LANES_WITH_ETA = _SQL.due_with_eta, _SQL.lanes_with_eta

#: Lanes of a channel that are looked into with each poll, if those that come first are
#: not all; the next ones with the next poll.
MOST_LANES = 200


class LaneSearch:
    """What is asked of one database besides the snapshot, once it says that there are
    such jobs.

    :param laned: statement that finds the best-ranked ones of all lanes
    :param lanes: ... and some of each lane of a channel
    """

    def __init__(self, laned: str = LANED, lanes: str = LANES) -> None:
        self._laned, self._lanes = laned, lanes
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
        cr.execute(self._lanes, {**asked, "after": after, "lanes": MOST_LANES})
        rows = [Row.read(*values) for values in cr.fetchall()]
        lanes = list(dict.fromkeys(row.lane for row in rows if row.lane))
        if len(lanes) >= MOST_LANES:
            self._after[channel] = lanes[-1]
        return rows
