# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs ended, how long they waited and how long they took, in few numbers.

Times are counted in buckets whose bounds are fixed, so that counts of different
minutes, channels and functions can be added up, and percentiles read from the sum.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

#: How many times lie in a bucket, by its number. Buckets without any are left out.
Histogram: TypeAlias = Mapping[int, int]

_PER_DECADE = 5
_DECADES = 8
#: Upper bounds of the buckets but the last, in seconds, each 1.6 times the one before:
#: from a millisecond to a day and some hours. A bound belongs to the bucket below it.
BOUNDS: tuple[float, ...] = tuple(
    10 ** (number / _PER_DECADE - 3) for number in range(_PER_DECADE * _DECADES + 1)
)
#: Seconds of a row of statistics, as they are noted.
MINUTE = 60
#: ... and once they are some days old.
HOUR = 3600
#: Keys that are told apart between two writings: functions, channels and companies are
#: what users can name without end.
MOST_KEYS = 2000
#: The function of those beyond.
OTHERS = "(others)"


def bucket_of(seconds: float) -> int:
    """Return the number of the bucket in which a time lies."""
    return bisect_left(BOUNDS, seconds)


def percentile(histogram: Histogram, share: float) -> float | None:
    """Return the time, in seconds, that a share of all times does not exceed.

    It lies in the bucket of the exact value, so it is off by a factor of 1.6 at most.

    :param share: from 0 to 1: 0.95 for the 95th percentile
    :return: ``None`` when nothing was counted; of times beyond all bounds the greatest
        bound
    """
    wanted = share * sum(histogram.values())
    counted = 0
    found: float | None = None
    for bucket, count in sorted(histogram.items()):
        if count <= 0:
            continue
        found = _within(bucket, (wanted - counted) / count)
        counted += count
        if counted >= wanted:
            break
    return found


def _within(bucket: int, share: float) -> float:
    """Return the time below which so much of a bucket lies."""
    if bucket >= len(BOUNDS):
        return BOUNDS[-1]
    share = min(max(share, 0.0), 1.0)
    if bucket == 0:
        return share * BOUNDS[0]
    low, high = BOUNDS[bucket - 1], BOUNDS[bucket]
    found: float = low * (high / low) ** share
    return min(high, max(low, found))  # lest rounding lead out of the bucket


class Key(NamedTuple):
    """What is counted together.

    :param period: when the minute began, seconds since 1970 UTC
    :param channel: as rows spell it
    :param function: ``<model>.method``
    :param company: id
    """

    period: int
    channel: str
    function: str | None
    company: int | None


@dataclass
class Counts:
    """What became of the jobs of one key; times are in seconds.

    :param waited: of those whose waiting time is known, all together
    :param took: of those whose duration is known, all together
    """

    done: int = 0
    failed: int = 0
    retried: int = 0
    waited: float = 0.0
    took: float = 0.0
    waiting: Counter[int] = field(default_factory=Counter)
    duration: Counter[int] = field(default_factory=Counter)


class Ended(NamedTuple):
    """One attempt that is over.

    :param kind: ``done``, ``failed`` or ``retried``
    :param at: when it ended, seconds since 1970 UTC
    :param waited: seconds from being due to its beginning, where that is known
    :param took: seconds that it took, where that is known
    """

    kind: str
    at: float
    channel: str
    function: str | None
    company: int | None
    waited: float | None = None
    took: float | None = None


class EndStatistics:
    """Counts ends until they are written down."""

    def __init__(self) -> None:
        self._counts: dict[Key, Counts] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def note(self, ended: Ended) -> None:
        """Count an attempt that is over."""
        counts = self._counts.setdefault(self._key(ended), Counts())
        setattr(counts, ended.kind, getattr(counts, ended.kind) + 1)
        if ended.waited is not None:
            waited = max(0.0, ended.waited)
            counts.waited += waited
            counts.waiting[bucket_of(waited)] += 1
        if ended.took is not None:
            took = max(0.0, ended.took)
            counts.took += took
            counts.duration[bucket_of(took)] += 1

    def counts(self) -> list[tuple[Key, Counts]]:
        """Return what was counted since the last :meth:`forget`."""
        return list(self._counts.items())

    def forget(self) -> None:
        """Begin anew: what was counted is written down."""
        self._counts = {}

    def _key(self, ended: Ended) -> Key:
        period = int(ended.at // MINUTE) * MINUTE
        key = Key(period, ended.channel, ended.function, ended.company)
        if len(self._counts) < MOST_KEYS or key in self._counts:
            return key
        # however many there are: a key for each minute and company
        return Key(period, "root", OTHERS, ended.company)
