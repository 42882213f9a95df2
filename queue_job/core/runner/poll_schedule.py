# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the runner polls the rows of a database; all times are monotonic seconds."""

from collections import deque

#: Seconds between two polls that nothing asked for: what a lost notification costs.
POLL_INTERVAL = 5.0
#: Under a stream of notifications, pauses so many times as long as a poll takes, up to
#: the interval: however much there is to read, polling has a share of the time.
PAUSE_PER_COST = 2.0
#: Seconds of pause that may be put off till later: a few jobs that happen to come one
#: just after the other wait for no poll.
PUT_OFF = 0.02
#: Of so many polls the quickest tells what one takes: the others may have been delayed.
_MEASURED = 3
#: Seconds before a poll that is only for what no worker would take.
_LEAST_PAUSE = 0.5


class PollSchedule:
    """The next poll, and the latest ones."""

    def __init__(self) -> None:
        self.next = 0.0
        #: When all pauses are over, also those that were put off.
        self._rested_at = float("-inf")
        self._costs: deque[float] = deque(maxlen=_MEASURED)
        #: Whether nothing has happened since the turn through all channels began,
        self._is_idle = False
        self._idle_turns = 0  # ... and for how many turns before

    def soon(self, monotonic: float) -> None:
        """Something happened. Many such hints make one poll."""
        self._is_idle, self._idle_turns = False, 0
        self.by(max(monotonic, self._rested_at - PUT_OFF))

    def by(self, monotonic: float) -> None:
        """Poll then, if not before."""
        self.next = min(self.next, monotonic)

    def polled(
        self,
        monotonic: float,
        cost: float,
        back_off: float | None,
        is_whole: bool = True,
        ends_turn: bool = False,
    ) -> None:
        """Note that there was a poll.

        :param monotonic: when it began
        :param cost: how long it took
        :param back_off: when jobs that no worker would take may be dispatched again
        :param is_whole: whether it was at all channels; otherwise the next one, at
            others, comes as soon as this one's cost allows; but less and less often
            while nothing happens for whole turns through all channels
        :param ends_turn: whether the next one begins another turn
        """
        if ends_turn:
            self._idle_turns = self._idle_turns + 1 if self._is_idle else 0
            self._is_idle = True
        self._costs.append(cost)
        usual = min(self._costs) if is_whole else cost
        ended = monotonic + cost
        pause = min(PAUSE_PER_COST * usual, POLL_INTERVAL)
        # a poll before its time that no hint asked for, of an ETA say, puts no more off
        left = min(max(self._rested_at - monotonic, 0.0), PUT_OFF)
        self._rested_at = ended + left + pause
        self.next = ended + POLL_INTERVAL
        if not is_whole:
            self.by(ended + PAUSE_PER_COST * usual * 2.0 ** min(self._idle_turns, 10))
        if back_off is not None:
            self.by(max(back_off, monotonic + _LEAST_PAUSE))
