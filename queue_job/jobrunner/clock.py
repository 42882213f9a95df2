"""Time, handed to the runner so that tests can hold it."""

import time


class Clock:
    """The two times a runner needs."""

    def wall(self) -> float:
        """Seconds since 1970 UTC: what an ETA is compared with."""
        return time.time()

    def ticks(self) -> float:
        """Seconds that never jump: what intervals are measured with."""
        return time.monotonic()
