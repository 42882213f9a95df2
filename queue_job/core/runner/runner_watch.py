# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When to tell a server that no runner serves the jobs it stores."""

#: Advisory lock of the one runner of a database: the number that the queue_job add-on
#: always used, so that runners of different versions keep out of each other's way, too.
LEADER_KEY = 2293787760715711918
#: Seconds between two looks for a runner: one that is restarted, or replaced by
#: another, is not missed twice.
SECOND_CHECK_AFTER = 60.0


class RunnerWatch:
    """Looks for a runner when jobs are stored, until one was found or missed twice.
    Times are monotonic seconds."""

    def __init__(self) -> None:
        self._is_over = False
        self._missed_at: float | None = None

    def is_due(self, monotonic: float) -> bool:
        """Tell whether to look for a runner now."""
        if self._is_over:
            return False
        return (
            self._missed_at is None or monotonic >= self._missed_at + SECOND_CHECK_AFTER
        )

    def end(self) -> None:
        """Look no more: there is one, or will be."""
        self._is_over = True

    def miss(self, monotonic: float) -> bool:
        """Note that there is none just now.

        :return: whether to tell of it
        """
        if not self.is_due(monotonic):
            return False  # two threads looked at the same time
        self._is_over = self._missed_at is not None
        self._missed_at = monotonic
        return self._is_over
