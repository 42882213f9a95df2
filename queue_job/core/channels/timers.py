# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which channels of a tree have to be looked at, so that the others need not be."""

from collections.abc import Hashable, Iterator
from typing import Protocol

from .priority_queue import PriorityQueue


class Timed(Hashable, Protocol):
    """What a channel is told, and asked, by its timers."""

    @property
    def depth(self) -> int:
        """Levels between it and the root."""

    def pass_up(self, now: float) -> None:
        """Pass the best jobs on to the channel above."""

    def next_time(self) -> float | None:
        """Tell when it may pass jobs on again without any event."""

    def tell_parent(self) -> None:
        """Let the channel above know the wake-up time."""


class DeepestFirst:
    """A set of channels, taken from the leaves of the tree towards its root."""

    def __init__(self) -> None:
        # a dictionary per level keeps the order in which channels were added
        self._levels: list[dict[Timed, None]] = []

    def add(self, channel: Timed) -> None:
        depth = channel.depth
        while len(self._levels) <= depth:
            self._levels.append({})
        self._levels[depth][channel] = None

    def discard(self, channel: Timed) -> None:
        for level in self._levels[channel.depth : channel.depth + 1]:
            level.pop(channel, None)

    def drain(self) -> Iterator[Timed]:
        """Take them all, and those added nearer to the root meanwhile."""
        for level in reversed(self._levels):
            while level:
                yield level.popitem()[0]


class Timers:
    """What is to be done in a tree of channels, and when.

    - *dirty* channels changed since jobs were last passed on in them;
    - *stale* channels may have another wake-up time than the one last told;
    - *wake-ups* come when a job becomes due in a channel or its rest is
      over, also where none was passed on because a channel above was full.
    """

    def __init__(self) -> None:
        self._dirty = DeepestFirst()
        self._stale = DeepestFirst()
        self._wakeups: PriorityQueue[Timed] = PriorityQueue()
        #: What time shows more than a clock that never jumps; seconds.
        self.shift = 0.0
        self._has_let_go = False

    def mark_dirty(self, channel: Timed) -> None:
        """Something changed that may let a job pass, or no longer."""
        self._dirty.add(channel)
        self._stale.add(channel)

    def tell(self, channel: Timed) -> None:
        """Only its wake-up time may have changed."""
        self._stale.add(channel)

    def forget(self, channel: Timed) -> None:
        """Forget a channel that has left the tree."""
        self._dirty.discard(channel)
        self._stale.discard(channel)
        self._wakeups.remove(channel)

    def catch_up(self, now: float) -> None:
        """Let every channel hand its best jobs towards the root."""
        while (time := self._wakeups.first_key()) is not None and time <= now:
            channel = self._wakeups.pop()
            if channel is not None:
                self.mark_dirty(channel)
        self._has_let_go = True
        while self._has_let_go:
            self._has_let_go = False
            for channel in self._dirty.drain():
                channel.pass_up(now)
                self._set_wakeup(channel)

    def let_go(self) -> None:
        """A channel lets jobs go on that waited for it further from the root."""
        self._has_let_go = True

    def refresh(self) -> None:
        """Bring the wake-up times up to date."""
        for channel in self._stale.drain():
            channel.tell_parent()

    def _set_wakeup(self, channel: Timed) -> None:
        time = channel.next_time()
        if time is None:
            self._wakeups.remove(channel)
        else:
            self._wakeups.add(channel, time)
