# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a job is retried, and when it has had attempts enough."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from .limits import MOST_DAYS

#: Attempts of a job that names no limit of its own.
DEFAULT_MAX_RETRIES = 5
#: Seconds before the next attempt when neither the job nor its pattern says otherwise.
RETRY_INTERVAL = 600
#: Most seconds before each repetition in place of work that met a concurrent
#: transaction.
IN_PLACE = (0.05, 0.25, 1.0)
#: Nothing is postponed further than a hundred years: dates end in the year 9999.
_LONGEST = MOST_DAYS * 24 * 3600

#: Seconds to wait, or the two ends between which they are drawn by lot.
Wait: TypeAlias = float | Sequence[float]
#: From which attempt on to wait how long; keys are text where they come from JSON.
RetryPattern: TypeAlias = Mapping[int, Wait] | Mapping[str, Wait]


def is_exhausted(attempts: int, max_retries: int) -> bool:
    """Tell whether a job has no attempt left after so many; 0 = endless."""
    return max_retries != 0 and attempts >= max_retries


def exhausted_message(max_retries: int, cause: str) -> str:
    """Tell why a job that only asked for another attempt has failed."""
    return f"Max. retries ({max_retries}) reached: {cause}"


def retry_seconds(
    pattern: RetryPattern | None,
    retry: int,
    seconds: float | None = None,
    randint: Callable[[int, int], int] = random.randint,
) -> float:
    """Return the seconds to wait before a job is retried.

    :param pattern: seconds, or a (min, max) pair of them, by the attempt from which on
        they apply; attempts before the first key wait :data:`RETRY_INTERVAL`
    :param retry: attempts that counted so far
    :param seconds: asked for by the job itself; wins unless it is ``None`` or 0
    :raises ValueError: when ``seconds`` or the pattern is no number of seconds
    """
    if seconds:
        return _checked(seconds)
    wait: object = RETRY_INTERVAL
    for start, value in sorted(_by_try(pattern).items()):
        if start > retry:
            break
        wait = value
    if isinstance(wait, (tuple, list)):
        return randint(*_bounds(wait))
    return _checked(wait)


def pauses_in_place(
    uniform: Callable[[float, float], float] = random.uniform,
) -> Iterator[float]:
    """Return the seconds before each repetition of work that met a concurrent
    transaction, by the same worker: drawn by lot, so that those who met do not meet
    again."""
    for most in IN_PLACE:
        yield uniform(most / 5, most)


def _by_try(pattern: RetryPattern | None) -> dict[int, object]:
    try:
        return {int(key): value for key, value in (pattern or {}).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"The retry pattern {pattern!r} is not a dictionary from a number of "
            "attempts to seconds: correct it at the job's function."
        ) from error


def _bounds(pair: Sequence[object]) -> tuple[int, int]:
    if len(pair) != 2:
        raise ValueError(
            f"{pair!r} in a retry pattern is not a pair of minimum and maximum "
            "seconds: give two whole numbers."
        )
    first, second = sorted(int(_checked(value)) for value in pair)
    return first, second


def _checked(seconds: object) -> float:
    # not a number is unequal to itself; isnan() takes no whole number beyond a float's
    if not isinstance(seconds, (int, float)) or seconds != seconds:
        raise ValueError(
            f"{seconds!r} is not a number of seconds to wait before the next attempt: "
            "give a number, such as 60."
        )
    return max(0, min(seconds, _LONGEST))
