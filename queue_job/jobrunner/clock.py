"""Time, handed to the runner so that tests can hold it."""

import time
from collections.abc import Callable


class Clock:
    """The two times a runner needs."""

    def __init__(self) -> None:
        self._offset = time.time() - self.ticks()  # until a database says better

    def follow(self, read: Callable[[], float]) -> None:
        """Go by PostgreSQL's clock.

        :param read: asks it, seconds since 1970 UTC
        """
        asked = self.ticks()
        wall = read()
        self._offset = wall - (asked + self.ticks()) / 2

    def wall(self) -> float:
        """Seconds since 1970 UTC: what an ETA is compared with."""
        return self.ticks() + self._offset

    def ticks(self) -> float:
        """Seconds that never jump: what intervals are measured with."""
        return time.monotonic()
