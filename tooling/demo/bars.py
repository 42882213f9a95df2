"""How far each channel is: live bars on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Sequence

from ..console import Pulse, say
from .jobs import Channel

WIDTH = 30


class Bars:
    """Shows the channels again and again, in place where that is possible."""

    def __init__(self, live: bool | None = None) -> None:
        self.live = sys.stdout.isatty() if live is None else live
        self.drawn = 0
        self.last: Sequence[Channel] = ()
        self.pulse = Pulse(2.0)

    def show(self, channels: Sequence[Channel], at_once: bool = False) -> None:
        """Draw what changed."""
        if channels == self.last and not at_once:
            return
        if self.live:
            self._draw(channels)
        elif at_once or self.pulse.due():
            say("  " + "  ".join(f"{c.name} {c.settled}/{c.total}" for c in channels))
        else:
            return
        self.last = list(channels)

    def _draw(self, channels: Sequence[Channel]) -> None:
        up = f"\x1b[{self.drawn}A" if self.drawn else ""
        lines = "".join(f"\x1b[2K{line(channel)}\n" for channel in channels)
        sys.stdout.write(up + lines)
        sys.stdout.flush()
        self.drawn = len(channels)

    def close(self) -> None:
        """What follows is not drawn over."""
        self.drawn = 0


def line(channel: Channel) -> str:
    """One bar: what is settled, what is running, in words as well."""
    whole = max(channel.total, 1)
    full = channel.settled * WIDTH // whole
    busy = min(WIDTH - full, -(-channel.running * WIDTH // whole))
    bar = "█" * full + "▒" * busy + "·" * (WIDTH - full - busy)
    words = f"{channel.settled:4}/{channel.total}"
    if channel.running:
        words += f"  {channel.running} running"
    if channel.failed:
        words += f"  {channel.failed} failed"
    return f"  {channel.name:<14} {bar} {words}"
