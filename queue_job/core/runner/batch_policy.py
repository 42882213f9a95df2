# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long jobs take, and so how many of them make one request."""

#: What a batch of jobs shall take. A better-ranked job waits for at most one batch.
RUN_SECONDS = 0.2
#: A function whose jobs take longer than this goes alone.
SHORT_SECONDS = 0.05
#: Who would wait no longer than this for the jobs before him joins them, be there a
#: backlog or not: a request of his own takes as long, and time from others.
REQUEST_SECONDS = 0.003
#: Jobs in a batch at the most; their uuids stand in one request line.
LONGEST_RUN = 80
#: How much the latest job says about the next.
_WEIGHT = 0.2


class DurationStatistics:
    """The measured durations of one database's job functions."""

    def __init__(self) -> None:
        self._seconds: dict[str | None, float] = {}

    def note(self, function: str | None, seconds: float) -> None:
        """Note how long a job of this function took. One slow job counts at once, a
        fast one only little by little: to send jobs alone costs less than to hold
        others up."""
        known = self._seconds.get(function, seconds)
        pulled = known + _WEIGHT * (seconds - known)
        self._seconds[function] = max(pulled, seconds) if _is_slow(seconds) else pulled

    def expected(self, function: str | None) -> float | None:
        """Return the seconds a job of this function will take; ``None`` when that is
        unknown."""
        return self._seconds.get(function)


class BatchBudget:
    """Which jobs may still join a batch; asked in the order in which they would run.

    :param head: function of the job that the batch begins with
    :param share: of the backlog; so many jobs may join it at least
    """

    def __init__(
        self, durations: DurationStatistics, head: str | None, share: int
    ) -> None:
        self._durations = durations
        self._share = share
        self._members = 0
        self._seconds = 0.0
        self._may_grow = self._takes(head)

    def admits(self, function: str | None) -> bool:
        """Tell whether a job of this function joins; it is then accounted for."""
        if not self._may_grow or not self._has_room:
            return False
        self._may_grow = self._takes(function)
        self._members += 1
        return self._may_grow

    @property
    def _has_room(self) -> bool:
        if self._members >= LONGEST_RUN - 1:
            return False
        return self._members < self._share or self._seconds <= REQUEST_SECONDS

    def _takes(self, function: str | None) -> bool:
        seconds = self._durations.expected(function)
        if seconds is None or _is_slow(seconds):
            return False
        self._seconds += seconds
        return self._seconds < RUN_SECONDS


def _is_slow(seconds: float) -> bool:
    return seconds > SHORT_SECONDS
