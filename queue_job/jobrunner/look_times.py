"""When the runner looks at the rows of a database; all times are ticks."""

from collections import deque

#: Seconds between two looks that nothing asked for: what a lost notification costs.
POLL_INTERVAL = 5.0
#: Under a stream of notifications, so many looks within so many seconds ...
BURST, BURST_SECONDS = 4, 0.2
#: ... and after each a pause of so many seconds per job that it found.
PAUSE_PER_JOB = 30e-6
#: Seconds before a look that is only for what nobody would take.
_LEAST_PAUSE = 0.5


class LookTimes:
    """The next look, and the latest ones."""

    def __init__(self) -> None:
        self.next = 0.0
        self._rested_at = float("-inf")
        self._latest = deque([float("-inf")] * BURST, BURST)

    def soon(self, ticks: float) -> None:
        """Something happened. Many such hints make one look."""
        burst_is_over = self._latest[0] + BURST_SECONDS
        self.by(max(ticks, burst_is_over, self._rested_at))

    def by(self, ticks: float) -> None:
        """Look then, if not before."""
        self.next = min(self.next, ticks)

    def looked(self, ticks: float, found: int, put_off: float | None) -> None:
        """There was a look.

        :param found: how many jobs it found
        :param put_off: when jobs that nobody would take may be tried again
        """
        self._latest.append(ticks)
        self._rested_at = ticks + PAUSE_PER_JOB * found
        self.next = ticks + POLL_INTERVAL
        if put_off is not None:
            self.by(max(put_off, ticks + _LEAST_PAUSE))
