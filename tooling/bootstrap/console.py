"""What the user sees: plain lines on stdout, one line on stderr when it ends badly."""

import sys
import time


class Stop(Exception):
    """The command cannot go on; the text is the one line the user reads."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status


def say(message: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(message, flush=True)


def complain(message: str) -> None:
    """Print a line on stderr, after whatever stdout still holds."""
    sys.stdout.flush()
    print(message, file=sys.stderr, flush=True)


class Pulse:
    """Says how a long step is going, not more often than ``every`` seconds."""

    def __init__(self, every: float = 5.0) -> None:
        self.every = every
        self.last = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for another line."""
        if time.monotonic() - self.last < self.every:
            return False
        self.last = time.monotonic()
        return True


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
