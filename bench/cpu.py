"""CPU time and memory of processes."""

from collections.abc import Iterable

import psutil


def seconds(pid: int) -> float:
    """CPU time that a process has used; 0 when it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def memory(pid: int) -> int:
    """Resident bytes of a process; 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


class Meter:
    """Adds up the CPU time of processes from now on, also of those that end.

    What a process used between the last :meth:`look` and its end is missed.
    """

    def __init__(self, pids: Iterable[int] = ()) -> None:
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        for pid in pids:
            self._first[pid] = self._last[pid] = seconds(pid)

    def look(self, pids: Iterable[int]) -> None:
        """Count what these have used by now; new ones from their beginning."""
        for pid in {*pids, *self._first}:
            self._first.setdefault(pid, 0.0)
            self._last[pid] = max(self._last.get(pid, 0.0), seconds(pid))

    @property
    def used(self) -> float:
        """Seconds of CPU time."""
        return sum(self._last.values()) - sum(self._first.values())
