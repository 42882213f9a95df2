# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users first: fewer jobs run at a time while what they share with users is overloaded.

Decides only; readings and time are given. Times are monotonic seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

#: Seconds between two steps down, and of calm before each step up.
DOWN_INTERVAL, UP_INTERVAL = 5.0, 15.0
#: A step down takes one of so many slots, at least one slot; a step up gives one back.
DOWN_SHARE = 4
#: It is calm below this share of a threshold: what a slot less has brought is not to be
#: taken for calm.
CALM_SHARE = 0.8


class Cause(Enum):
    """What is overloaded; the value is its number in a set of causes."""

    WORKERS = 1
    MACHINE = 2
    POSTGRESQL = 4

    @classmethod
    def of(cls, code: int) -> "list[Cause]":
        """Return the causes of a set, given as the sum of their numbers."""
        return [cause for cause in cls if code & cause.value]


@dataclass(frozen=True)
class Load:
    """How much there is to bear; as a reading, and as what may be borne.

    :param wait: seconds that a request of the runner waits until a worker takes it
    :param machine: load average per processor of the runner's host
    :param backends: sessions of PostgreSQL that are at a statement

    ``None``: not known; as a threshold: whatever it is.
    """

    wait: float | None = None
    machine: float | None = None
    backends: float | None = None

    def __bool__(self) -> bool:
        return any(number is not None for number in self._numbers)

    @property
    def _numbers(self) -> tuple[float | None, ...]:
        return (self.wait, self.machine, self.backends)

    def above(self, thresholds: "Load", share: float = 1.0) -> Iterator[Cause]:
        """Return what is above that share of its threshold."""
        causes = zip(Cause, self._numbers, thresholds._numbers, strict=True)
        for cause, number, most in causes:
            if number is not None and most is not None and number > share * most:
                yield cause


class LoadControl:
    """How many jobs may run at a time.

    :param thresholds: what may be borne
    """

    def __init__(self, thresholds: Load) -> None:
        self._thresholds = thresholds
        self._not_before = float("-inf")
        self._calm_since: float | None = None
        #: At most so many jobs; ``None`` = as many as else.
        self.ceiling: int | None = None
        #: Because of that, when it was last lowered.
        self.causes: tuple[Cause, ...] = ()

    def observe(self, load: Load, capacity: int, now: float) -> bool:
        """Take notice of a reading.

        :param capacity: how many jobs may run without a ceiling; 1 or more
        :return: whether the ceiling has changed
        """
        before = self.ceiling
        causes = tuple(load.above(self._thresholds))
        if causes:
            self._calm_since = None
            self._lower(causes, capacity, now)
        elif any(load.above(self._thresholds, CALM_SHARE)):
            self._calm_since = None
        else:
            self._raise(capacity, now)
        return self.ceiling != before

    def _lower(self, causes: tuple[Cause, ...], capacity: int, now: float) -> None:
        present = min(self.ceiling or capacity, capacity)
        if now < self._not_before or present <= 1:
            return
        self.ceiling = max(1, present - max(1, present // DOWN_SHARE))
        self.causes, self._not_before = causes, now + DOWN_INTERVAL

    def _raise(self, capacity: int, now: float) -> None:
        if self._calm_since is None:
            self._calm_since = now
        is_long = now >= max(self._calm_since + UP_INTERVAL, self._not_before)
        if self.ceiling is None or not is_long:
            return
        self._calm_since, self._not_before = now, now + DOWN_INTERVAL
        self.ceiling += 1
        if self.ceiling >= capacity:
            self.ceiling, self.causes = None, ()
