# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a job has come, as its code tells it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from .text import clipped, storable

#: Seconds between two writings of a job's progress, at least.
INTERVAL = 0.5
#: Characters of its text.
MOST_TEXT = 200


@dataclass(frozen=True)
class Progress:
    """What a job has done of what it has to do.

    :param done: how much of ``total``; without ``total`` it is only counted
    :param total: ``None`` when that is not known
    :param text: what the job is at, for people
    """

    done: float
    total: float | None = None
    text: str | None = None

    @classmethod
    def told(
        cls, done: object, total: object = None, text: object = None
    ) -> "Progress":
        """Return what can be stored of what a job's code tells.

        :raise TypeError: when a number is none; the message names it
        """
        return cls(
            _number("done", done),
            None if total is None else _number("total", total),
            clipped(storable(text), MOST_TEXT) if text else None,
        )


def _number(name: str, value: object) -> float:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    if not is_number:
        raise TypeError(f"progress(): {name} must be a number, not {value!r:.80}")
    return float(value)  # type: ignore[arg-type]


def percentage(done: float, total: float | None) -> float:
    """Return a share in percent, from 0 to 100; 0 when the total is not known."""
    if not total or total < 0:
        return 0.0
    return min(max(100.0 * done / total, 0.0), 100.0)


class Throttle:
    """Lets one of what comes faster through in each interval.

    :param clock: seconds that never jump
    """

    def __init__(
        self, interval: float = INTERVAL, clock: Callable[[], float] = time.monotonic
    ):
        self._interval = interval
        self._clock = clock
        self._next: float | None = None

    def lets_through(self) -> bool:
        """Tell whether it is time; if so, the next interval begins."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return False
        self._next = now + self._interval
        return True
