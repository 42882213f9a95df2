# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users first: the runner lowers itself while workers, machine or PostgreSQL are
overloaded. Only where the operator gave a threshold."""

import logging
import os
from collections.abc import Callable

from ..core.runner.load_control import Cause, Load, LoadControl
from .channels import ChannelManager
from .databases import Databases

_logger = logging.getLogger(f"{__package__}.runner")
#: Seconds between two readings.
INTERVAL = 2.0
_WORDS = {
    Cause.WORKERS: "requests wait for HTTP workers",
    Cause.MACHINE: "the load of this machine",
    Cause.POSTGRESQL: "the active sessions of PostgreSQL",
}


def machine_load() -> float | None:
    """Return the load average of this host, per processor; ``None`` where the system
    does not tell."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except OSError:
        return None


class LoadWatch:
    """Reads how much there is to bear, and lowers the capacity of root.

    :param thresholds: what may be borne
    :param slots: how many jobs may run at a time where root has no capacity
    :param machine: reads the load of the machine
    """

    def __init__(
        self,
        thresholds: Load,
        manager: ChannelManager,
        databases: Databases,
        slots: int,
        machine: Callable[[], float | None] = machine_load,
    ) -> None:
        self._thresholds = thresholds
        self._manager = manager
        self._databases = databases
        self._slots = slots
        self._machine = machine
        self._control = LoadControl(thresholds)
        #: When to look again, in monotonic seconds.
        self.deadline = 0.0 if thresholds else float("inf")

    def check(self, monotonic: float) -> None:
        """To be called in each round."""
        if monotonic < self.deadline:
            return
        self.deadline = monotonic + INTERVAL
        control, capacity = self._control, self._manager.full_capacity or self._slots
        was_lowered = control.ceiling is not None
        if control.observe(self._read(monotonic), capacity, monotonic):
            self._manager.set_ceiling(control.ceiling)
            if was_lowered is not (control.ceiling is not None):
                self._tell(capacity)
        code = sum(cause.value for cause in control.causes)
        for queue in self._databases:
            self._databases.attempt(
                queue, lambda s: s.tell_ceiling(control.ceiling, code), monotonic
            )

    def _read(self, monotonic: float) -> Load:
        backends: list[int] = []
        if self._thresholds.backends is not None:
            for queue in self._databases:
                if not backends:
                    self._databases.attempt(
                        queue, lambda s: backends.append(s.active_backends()), monotonic
                    )
        waits = [queue.dispatched_jobs.take_longest_wait() for queue in self._databases]
        machine = None if self._thresholds.machine is None else self._machine()
        return Load(max(waits, default=None), machine, next(iter(backends), None))

    def _tell(self, capacity: int) -> None:
        if self._control.ceiling is None:
            _logger.info("as many jobs as before may run at a time: it is calm again")
            return
        _logger.warning(
            "fewer jobs run at a time, at first %d of %d, because of: %s",
            self._control.ceiling,
            capacity,
            "; ".join(_WORDS[cause] for cause in self._control.causes),
        )
