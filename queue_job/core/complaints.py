# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the log is told of a problem that may come again with every request."""

#: Seconds before the same problem is told again.
TOLD_AGAIN_AFTER = 600.0


class Complaints:
    """Each problem is told at once, and the same one again only now and then.

    Times are monotonic seconds.
    """

    def __init__(self) -> None:
        #: by problem, when it was told and how often it came since
        self._told: dict[str, tuple[float, int]] = {}

    def times(self, problem: str, now: float) -> int:
        """Take notice of a problem.

        :return: how often it came since it was told, this time included; 0 when it
            is not to be told now
        """
        told_at, untold = self._told.get(problem, (float("-inf"), 0))
        if now < told_at + TOLD_AGAIN_AFTER:
            self._told[problem] = (told_at, untold + 1)
            return 0
        self._forget_old(now)
        self._told[problem] = (now, 0)
        return untold + 1

    def _forget_old(self, now: float) -> None:
        """Forget old problems: one may contain a number, and so be another one each
        time."""
        self._told = {
            problem: told
            for problem, told in self._told.items()
            if now < told[0] + TOLD_AGAIN_AFTER
        }
