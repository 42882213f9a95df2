# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of the databases without the addon to look into once more, and when.

To look into a database costs a connection. Databases that do not have the addon hardly
ever get it, and who installs it says so; but what he says may be lost. So a few of them
get a turn at each check of the server: those whose tables have grown as they do when a
module is installed or a dump is restored, and those that had no turn for the longest.
"""

from collections.abc import Collection, Mapping

#: Databases that get a turn at a time: because they grew, and because it is their turn.
GROWN_AT_A_TIME, IN_TURN_AT_A_TIME = 5, 1
#: ... and in all, also where inserted rows are not counted.
AT_MOST = GROWN_AT_A_TIME + IN_TURN_AT_A_TIME
#: Rows inserted since the last look into a database that make another one worth while.
#: To install the addon takes several times as many.
GROWTH = 100


class Rotation:
    """Remembers when each database was last looked into, and how large it was then."""

    def __init__(self) -> None:
        self._turn = 0
        self._last_turn: dict[str, int] = {}
        self._inserts_then: dict[str, int] = {}

    def choose(self, names: Collection[str], inserts: Mapping[str, int]) -> list[str]:
        """Return the databases to look into now.

        :param names: those that were looked into, and have no jobs to serve
        :param inserts: rows that were ever inserted in a database, as far as known
        """
        self._turn += 1
        waiting = sorted(names, key=lambda name: (self._last_turn.get(name, 0), name))
        grown = [name for name in waiting if self._has_grown(name, inserts)]
        chosen = grown[:GROWN_AT_A_TIME]
        others = [name for name in waiting if name not in chosen]
        in_turn = IN_TURN_AT_A_TIME if any(inserts.values()) else AT_MOST
        return (chosen + others[:in_turn])[:AT_MOST]

    def looked_into(self, name: str, inserts: Mapping[str, int]) -> None:
        """Note that a database is being looked into: what is in it by now will be
        found."""
        self._last_turn[name] = self._turn
        self._inserts_then[name] = inserts.get(name, 0)

    def forget(self, name: str) -> None:
        """Forget a database that is gone."""
        self._last_turn.pop(name, None)
        self._inserts_then.pop(name, None)

    def _has_grown(self, name: str, inserts: Mapping[str, int]) -> bool:
        # fewer than before: the counters began anew
        grown = inserts.get(name, 0) - self._inserts_then.get(name, 0)
        return grown >= GROWTH or grown < 0
