# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The channels of a database in which jobs rise by waiting, and which have more of them
than are read: those that waited longest have to be asked for."""

from collections import Counter
from collections.abc import Callable, Iterable

#: So many of them at the most; of others those of the best priorities are read.
MOST_AGED = 100
#: ... and so many different priorities of each.
MOST_PRIORITIES = 100


class AgedChannels:
    """Which those are, learnt from what a poll finds.

    :param aging_of: tells the seconds by which a job of a channel rises
    """

    def __init__(self, aging_of: Callable[[str], int]) -> None:
        self._aging_of = aging_of
        #: By channel, as rows spell it.
        self.seconds: dict[str, int] = {}

    def learn(self, due: Iterable[str], asked: int) -> bool:
        """Take notice of what was found.

        :param due: channels of the due jobs without an ETA, one for each job
        :param asked: how many there may be of a channel of which not all were read
        :return: whether channels came to it: they are to be asked for anew
        """
        known, self.seconds = self.seconds, {}
        for channel, count in Counter(due).most_common(MOST_AGED):
            if count >= asked and (seconds := self._aging_of(channel)):
                self.seconds[channel] = seconds
        return bool(self.seconds.keys() - known.keys())
