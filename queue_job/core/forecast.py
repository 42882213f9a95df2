# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How fast jobs of a channel end while the channel is at work.

Minutes in which it had nothing to do tell nothing of that, and neither does a minute of
which it was at work for a part only. So the busy minutes count: those in which at least
half as many jobs ended as in the busiest one; and the minutes before, in which the jobs
that ended in them were running already.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MINUTE = 60.0
#: Fewer jobs, and fewer seconds, are no measure of what ends just now.
_ENOUGH, _LEAST = 3, 10.0
#: So many within these seconds are one, whatever ended before.
_MANY = 20


class Minute(NamedTuple):
    """What ended within a minute.

    :param ended: how many jobs
    :param lasted: seconds that they took, all together
    """

    ended: int = 0
    lasted: float = 0.0


def per_minute(minutes: Sequence[Minute]) -> float | None:
    """Return how many jobs end in a minute of work; ``None`` where none has ended.

    It is no more than in the busiest minute; and no less than the mean of all these,
    unless jobs began before them.

    :param minutes: whole ones, one after the other
    """
    ended = [minute.ended for minute in minutes]
    busiest = max(ended, default=0)
    if not busiest:
        return None
    at_work: set[int] = set()
    earlier = 0  # minutes before these, in which jobs were running already
    for number, minute in enumerate(minutes):
        if 2 * minute.ended >= busiest:
            before = max(0, int(minute.lasted / minute.ended / MINUTE))
            at_work.update(range(max(0, number - before), number + 1))
            earlier = max(earlier, before - number)
    while_at_work = sum(ended[number] for number in at_work)
    if earlier:
        return while_at_work / (len(at_work) + earlier)
    return max(while_at_work / len(at_work), sum(ended) / len(ended))


def by_age(ages: Iterable[float], lasting: float, seconds: float) -> Sequence[Minute]:
    """Return the whole minutes up to now, the oldest one first.

    :param ages: seconds since jobs have ended
    :param lasting: seconds that one of them took, on average
    :param seconds: how far back to look; less than a minute counts as one
    """
    ended = [0] * max(1, int(seconds / MINUTE))
    for age in ages:
        number = int(max(0.0, age) / MINUTE)
        if number < len(ended):
            ended[number] += 1
    return [Minute(count, count * lasting) for count in reversed(ended)]


def just_now(ages: Sequence[float], lasting: float, known: float) -> float | None:
    """Return how many jobs end in a minute of work, as far as those tell that ended
    last; ``None`` where they are too few.

    :param ages: seconds since they ended
    :param lasting: seconds that one of them took, on average
    :param known: so many seconds back all of them are known
    """
    if len(ages) < _ENOUGH:
        return None
    since = min(known, max(_LEAST, lasting, *ages))
    pace = (per_minute(by_age(ages, lasting, since)) or 0.0) * MINUTE
    latest = sum(age < _LEAST for age in ages)
    if latest >= _MANY and lasting <= _LEAST:
        return max(pace / min(MINUTE, since), latest * MINUTE / min(_LEAST, known))
    return pace / min(MINUTE, since) or None
