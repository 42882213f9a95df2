"""How far each channel is: live bars on a terminal, a line now and then elsewhere."""

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from ..bootstrap.console import Pulse, say
from .jobs import Channel

WIDTH = 30


class Bars:
    """Shows the channels again and again, in place where that is possible.

    :param console: a terminal, or anything else
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._live: Live | None = None
        self._last: Sequence[Channel] = ()
        self._pulse = Pulse(2.0)

    def show(self, channels: Sequence[Channel], at_once: bool = False) -> None:
        """Draw what changed."""
        if channels == self._last and not at_once:
            return
        if self._console.is_terminal:
            self._draw(channels)
        elif at_once or self._pulse.due():
            say("  " + "  ".join(f"{c.name} {c.ended}/{c.total}" for c in channels))
        else:
            return
        self._last = list(channels)

    def _draw(self, channels: Sequence[Channel]) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(table(channels), refresh=True)

    def close(self) -> None:
        """What follows is not drawn over."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def table(channels: Sequence[Channel]) -> Table:
    """A bar for each channel: what has ended, what is running, in words as well."""
    grid = Table.grid(padding=(0, 1))
    for channel in channels:
        bar = ProgressBar(max(channel.total, 1), channel.ended, width=WIDTH)
        grid.add_row(f"  {channel.name}", bar, _words(channel))
    return grid


def _words(channel: Channel) -> str:
    words = f"{channel.ended:4}/{channel.total}"
    if channel.running:
        words += f"  {channel.running} running"
    if channel.failed:
        words += f"  {channel.failed} failed"
    return words
