# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the runner looks at the rows of a database; all times are in monotonic
seconds."""

from collections import deque

#: Seconds between two looks that nothing asked for: what a lost notification costs.
POLL_INTERVAL = 5.0
#: Under a stream of notifications, pauses so many times as long as a look takes, up to
#: the interval: however much there is to look at, looking has a share of the time.
PAUSE_PER_COST = 4.0
#: Of so many looks the quickest tells what one takes: the others may have been held up.
_MEASURED = 3
#: Seconds before a look that is only for what nobody would take.
_LEAST_PAUSE = 0.5


class PollSchedule:
    """The next look, and the latest ones."""

    def __init__(self) -> None:
        self.next = 0.0
        self._rested_at = float("-inf")
        self._costs: deque[float] = deque(maxlen=_MEASURED)

    def soon(self, monotonic: float) -> None:
        """Something happened. Many such hints make one look."""
        self.by(max(monotonic, self._rested_at))

    def by(self, monotonic: float) -> None:
        """Look then, if not before."""
        self.next = min(self.next, monotonic)

    def polled(
        self,
        monotonic: float,
        cost: float,
        back_off: float | None,
        is_whole: bool = True,
    ) -> None:
        """There was a look.

        :param monotonic: when it began
        :param cost: how long it took
        :param back_off: when jobs that nobody would take may be tried again
        :param is_whole: whether it was at all channels; otherwise the next one, at
            others, comes as soon as this one's cost allows
        """
        self._costs.append(cost)
        usual = min(self._costs) if is_whole else cost
        ended = monotonic + cost
        self._rested_at = ended + min(PAUSE_PER_COST * usual, POLL_INTERVAL)
        self.next = ended + POLL_INTERVAL if is_whole else self._rested_at
        if back_off is not None:
            self.by(max(back_off, monotonic + _LEAST_PAUSE))
