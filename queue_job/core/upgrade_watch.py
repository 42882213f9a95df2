"""Whether anybody is at it, where modules are to be installed, upgraded or removed.

While somebody is, jobs wait: they would run with the old code on the new tables, or the
other way round. But the mark outlives him: who was killed, or chose modules and never
went on, leaves it for ever. What tells them apart: a living one makes progress, so that
other modules are marked than before, or works in a transaction that is still there at
the next look.
"""

from collections.abc import Set
from enum import Enum

#: Seconds without a sign of life after which the mark is not heeded any more. More than
#: any upgrade spends between two transactions.
PATIENCE = 600.0
#: ... and after which it looks as if nobody were there.
DOUBT = 30.0
#: Seconds between two looks above which nobody knows what happened in between.
LONGEST_GAP = 60.0


class Verdict(Enum):
    """What is to be thought of the modules that are marked."""

    NONE = "no module is marked"
    AT_IT = "somebody is at it"
    NOBODY = "nobody seems to be at it"
    GIVEN_UP = "nobody was at it for so long that jobs go on"


class UpgradeWatch:
    """What was seen of one database."""

    def __init__(self) -> None:
        self._marked: Set[str] = frozenset()
        self._transactions: Set[str] = frozenset()
        self._last_look = 0.0
        self._alive_at = 0.0
        self._has_given_up = False

    def look(self, marked: Set[str], transactions: Set[str], ticks: float) -> Verdict:
        """Judge what is there now.

        :param marked: the modules that are to be changed, each with what is to be done
        :param transactions: those that write in the database at this moment
        """
        is_progress = marked != self._marked
        is_alive = is_progress or not transactions.isdisjoint(self._transactions)
        if is_alive or ticks - self._last_look > LONGEST_GAP:
            self._alive_at = ticks
        if is_progress:
            self._has_given_up = False
        elif ticks - self._alive_at >= PATIENCE:
            self._has_given_up = True
        self._marked, self._transactions = marked, transactions
        self._last_look = ticks
        return self._verdict(ticks)

    def _verdict(self, ticks: float) -> Verdict:
        if not self._marked:
            return Verdict.NONE
        if self._has_given_up:
            return Verdict.GIVEN_UP
        is_doubtful = ticks - self._alive_at >= DOUBT
        return Verdict.NOBODY if is_doubtful else Verdict.AT_IT
