# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a session is at it, where modules are to be installed, upgraded or removed.

While one is, jobs wait: they would run with the old code on the new tables, or the
other way round. But the mark outlives him: who was killed, or chose modules and never
went on, leaves it for ever. What tells them apart: a living one makes progress, so that
other modules are marked than before, or works in a transaction that is still there at
the next check.

Not in any transaction: an import that takes all night changes no module. One of those
who do writes into the tables of modules and models, or locks tables to alter them; or
it began just when the marks changed, as Odoo commits each module and goes on with the
next at once. A transaction of who was recognized so counts for as long as it lasts: he
may work for hours in a script that shows nothing of it. But sessions of daily work do
such things now and then, too, and Odoo's live for hours: one that shows nothing any
more is forgotten.
"""

from collections.abc import Collection, Set
from enum import Enum
from typing import NamedTuple

#: Seconds without a sign of life after which the mark is not heeded any more. More than
#: any upgrade spends between two transactions.
MARKS_COUNT_FOR = 600.0
#: ... and after which the marks seem to be left over.
DOUBT = 30.0
#: Seconds between two checks above which it is unknown what happened in between.
LONGEST_GAP = 60.0
_NEVER = float("inf")


class Verdict(Enum):
    """What is to be thought of the modules that are marked."""

    NONE = "no module is marked"
    AT_IT = "a session is at it"
    LEFT_OVER = "no session seems to be at it"
    GIVEN_UP = "no session was at it for so long that jobs go on"


class Writer(NamedTuple):
    """A transaction that writes just now.

    :param transaction: what identifies it
    :param session: what identifies its session
    :param age: seconds since it began
    :param alters: whether it holds a lock that those take who change modules
    :param told_as: what the log says of the session
    """

    transaction: str
    session: str
    age: float
    alters: bool
    told_as: str = ""


class UpgradeWatch:
    """What was seen of one database."""

    def __init__(self) -> None:
        self._marked: Set[str] = frozenset()
        self._transactions: Set[str] = frozenset()
        #: When sessions did what those do who change modules.
        self._shown: dict[str, float] = {}
        #: When a transaction has to begin to be the next one of who made progress.
        self._progress: tuple[float, float] | None = None
        self._last_look: float | None = None
        #: Those that were at it at the last check, as the log is told.
        self.at_it: list[str] = []
        self._alive_at = 0.0
        self._has_given_up = False

    def look(
        self, marked: Set[str], writers: Collection[Writer], monotonic: float
    ) -> Verdict:
        """Judge what is there now.

        :param marked: the modules that are to be changed, each with what is to be done
        :param writers: the transactions that write in the database at this moment
        """
        is_progress = marked != self._marked
        self._recognize(marked, writers, is_progress, monotonic)
        lasting = [
            writer
            for writer in writers
            if self._is_known(writer, monotonic)
            and writer.transaction in self._transactions
        ]
        self.at_it = [writer.told_as for writer in lasting]
        last_look = monotonic if self._last_look is None else self._last_look
        if is_progress or lasting or monotonic - last_look > LONGEST_GAP:
            self._alive_at = monotonic
        if is_progress:
            self._has_given_up = False
        elif monotonic - self._alive_at >= MARKS_COUNT_FOR:
            self._has_given_up = True
        self._marked = marked
        self._transactions = {writer.transaction for writer in writers}
        self._last_look = monotonic
        return self._verdict(monotonic)

    def _recognize(
        self,
        marked: Set[str],
        writers: Collection[Writer],
        is_progress: bool,
        monotonic: float,
    ) -> None:
        """Learn which sessions change modules."""
        if not marked:
            self._shown.clear()
            self._progress = None
        elif is_progress and self._last_look is not None:
            self._progress = self._last_look, monotonic + DOUBT
        first, last = self._progress or (_NEVER, _NEVER)
        for writer in writers:
            began = monotonic - writer.age
            if writer.alters:
                self._shown[writer.session] = monotonic
            elif first < began < last:
                self._shown[writer.session] = began

    def _is_known(self, writer: Writer, monotonic: float) -> bool:
        """Whether its session has shown, not long before it began, that it changes
        modules."""
        shown = self._shown.get(writer.session, -_NEVER)
        return monotonic - writer.age < shown + MARKS_COUNT_FOR

    def _verdict(self, monotonic: float) -> Verdict:
        if not self._marked:
            return Verdict.NONE
        if self._has_given_up:
            return Verdict.GIVEN_UP
        is_doubtful = monotonic - self._alive_at >= DOUBT
        return Verdict.LEFT_OVER if is_doubtful else Verdict.AT_IT
