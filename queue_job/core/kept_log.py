# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept of the lines that a job logs: the first and the last ones."""

from collections import deque

from .outcome import Lost as LostOutcome
from .outcome import Outcome, Postponed, Succeeded
from .states import StrEnum
from .text import clipped, storable

MOST_LINES = 200
MOST_CHARACTERS = 65_536
#: ... of one line.
MOST_LINE = 4_000
#: Where lines are left out.
GAP = "…"


class KeepLog(StrEnum):
    """Of which attempts of a function's jobs the log is kept."""

    OFF = "off"
    ON_FAILURE = "on_failure"
    ALWAYS = "always"


def is_kept(mode: str, outcome: Outcome) -> bool:
    """Tell whether the log of an attempt is kept that ended so. One that only asked to
    be retried later has not failed; of one that is lost, another worker tells."""
    if isinstance(outcome, LostOutcome):
        return False
    if mode == KeepLog.ALWAYS:
        return True
    is_poll = isinstance(outcome, Postponed) and not outcome.counts
    return not is_poll and not isinstance(outcome, Succeeded)


class KeptLines:
    """Keeps half of what it may from the beginning, and half from the end.

    :param most_lines: so many lines, and ``most_characters`` in all
    """

    def __init__(
        self, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS
    ) -> None:
        self._most_lines = most_lines // 2
        self._most_characters = most_characters // 2
        self._first: list[str] = []
        self._first_length = 0
        self._last: deque[str] = deque()
        self._last_length = 0
        self.lines_cut = 0  #: how many lines are left out

    def add(self, line: str) -> None:
        """Keep a line, as far as there is room."""
        line = clipped(storable(line), MOST_LINE)
        if not self._last and self._has_room(self._first, self._first_length, line):
            self._first.append(line)
            self._first_length += len(line) + 1
            return
        self._last.append(line)
        self._last_length += len(line) + 1
        while not self._fits(len(self._last), self._last_length):
            self._last_length -= len(self._last.popleft()) + 1
            self.lines_cut += 1

    def _has_room(self, lines: list[str], length: int, line: str) -> bool:
        return self._fits(len(lines) + 1, length + len(line) + 1)

    def _fits(self, lines: int, length: int) -> bool:
        return lines <= self._most_lines and length <= self._most_characters

    def text(self) -> str:
        """Return the lines kept, in order."""
        gap = [GAP] if self.lines_cut else []
        return "\n".join([*self._first, *gap, *self._last])
