# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Time, passed to the runner so that tests can stop it."""

import time
from collections.abc import Callable


class Clock:
    """The two times a runner needs."""

    def __init__(self) -> None:
        self._offset = time.time() - self.monotonic()  # until a database says better

    def follow(self, read: Callable[[], float]) -> None:
        """Go by PostgreSQL's clock.

        :param read: asks it, seconds since 1970 UTC
        """
        asked = self.monotonic()
        wall = read()
        self._offset = wall - (asked + self.monotonic()) / 2

    def wall(self) -> float:
        """Return the seconds since 1970 UTC: what an ETA is compared with."""
        return self.monotonic() + self._offset

    def monotonic(self) -> float:
        """Return the seconds that never jump: what intervals are measured with."""
        return time.monotonic()
