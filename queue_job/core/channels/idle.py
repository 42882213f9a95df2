# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Channels that nothing names any more, until they are forgotten."""

from collections.abc import Iterator

from .tree import Channel

#: So many are kept, because most will be named again soon.
MOST_IDLE = 200


class IdleChannels:
    """Remembers who was left by its last job, the longest ago first."""

    def __init__(self) -> None:
        self._channels: dict[Channel, None] = {}

    def note(self, channel: Channel) -> None:
        """Note that a job has left it."""
        if not channel.is_needed:
            self._channels.pop(channel, None)
            self._channels[channel] = None

    def surplus(self) -> Iterator[Channel]:
        """Return those to forget now; each has left the tree."""
        while len(self._channels) > MOST_IDLE:
            channel = next(iter(self._channels))
            del self._channels[channel]
            if not channel.is_needed:
                yield channel
                channel.detach()
                if channel.parent is not None:
                    self.note(channel.parent)
