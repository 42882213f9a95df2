# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which channels of a database to poll, where there are very many."""

#: Channels up to which each poll reads all of them.
MOST_CHANNELS = 5_000
#: ... and of more than those, at what part of that number: to exchange so many holds up
#: all databases.
_PARTS = 5


class ChannelPart:
    """A number of channels in the order of their names; with each poll the next ones.

    Where there are few, it is all of them each time.

    :param most: how many are few
    """

    def __init__(self, most: int = MOST_CHANNELS) -> None:
        self._most_at_once = most
        self._seen = 0
        #: How many to poll.
        self.most = most
        #: The name to begin with.
        self.begin = ""
        #: Whether the latest poll read all channels.
        self.is_whole = True

    @property
    def begins_turn(self) -> bool:
        """Whether the next look begins with the first channel."""
        return not self.begin

    def follow(self, rest: str | None) -> None:
        """Take notice of a poll.

        :param rest: the first channel behind the part; ``None``: there is no other
        """
        self.is_whole = not self.begin and rest is None
        self.begin = rest or ""
        self._seen += self.most
        are_many = rest is not None or self._seen > self._most_at_once
        if rest is None:
            self._seen = 0
        if self.is_whole or not are_many:
            self.most = self._most_at_once
        else:
            self.most = max(1, self._most_at_once // _PARTS)
