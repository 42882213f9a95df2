# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A request that is under way."""

from collections.abc import Sequence

from ..store.dispatch import DispatchedJob
from .busy_workers import Work
from .snapshot import Row

#: Seconds after which jobs of a batch that were not begun go to another worker.
DRAGS_AFTER = 0.5
#: Seconds after which a request whose jobs have ended is given up.
ENDED_REQUEST_LIFE = 15.0
_NEVER = float("inf")


class OpenRequest(Work):
    """What the runner remembers of a request until its answer comes; all in monotonic
    seconds.

    :param sent: when it was sent
    :param dispatched_jobs: the jobs it is for
    :param rows: these jobs, in the same order
    """

    def __init__(
        self,
        sent: float,
        dispatched_jobs: Sequence[DispatchedJob],
        rows: Sequence[Row],
    ) -> None:
        super().__init__(dispatched_jobs, rows[0].channel)
        #: Kept for who has to know the jobs once their rows say that they are over.
        self.rows = rows
        self.is_trimmed = len(dispatched_jobs) == 1  # a single job is never returned
        self.is_given_up = False
        self.sent = sent
        #: From then on its worker is slow, whether it has begun or not.
        self.drags_at = sent + DRAGS_AFTER
        self._ends_at = _NEVER

    def answered(self, monotonic: float) -> None:
        """Note that, as the rows say, none of its jobs is out any more."""
        if self._ends_at == _NEVER:
            self._ends_at = monotonic + ENDED_REQUEST_LIFE

    def drags(self, monotonic: float) -> bool:
        """Tell whether it is time to return what was not begun."""
        return not self.is_trimmed and monotonic >= self.drags_at

    def is_overdue(self, monotonic: float) -> bool:
        """Tell whether its answer is not to be waited for any longer."""
        return monotonic >= self._life

    @property
    def deadline(self) -> float:
        """When to check it again."""
        return self._life if self.is_trimmed else min(self._life, self.drags_at)

    @property
    def _life(self) -> float:
        return _NEVER if self.is_given_up or self.is_busy else self._ends_at
