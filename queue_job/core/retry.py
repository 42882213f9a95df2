# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a job is retried, and when it has had attempts enough."""

import ast
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

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
WaitsByAttempt: TypeAlias = Mapping[int, Wait] | Mapping[str, Wait]
#: How an exponential pattern is called, as text and in JSON.
EXPONENTIAL = "exponential"


@dataclass(frozen=True, kw_only=True)
class Exponential:
    """A retry pattern: each wait is a multiple of the one before.

    :param first: seconds after the first attempt, whole, at least 1
    :param factor: by which each wait is longer than the one before, at least 1
    :param most: seconds, whole: no wait is longer
    :param jitter: share, 0 to 1, by which a wait is longer or shorter, drawn by lot, so
        that jobs that failed together do not come back together
    :raise ValueError: names what is wrong
    """

    first: int = 10
    factor: float = 2
    most: int = 3600
    jitter: float = 0.1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            whole = name in ("first", "most")
            _check_part(name, value, int if whole else (int, float))
        if not 1 <= self.first <= self.most <= _LONGEST:
            raise ValueError(
                f"first={self.first}, most={self.most}: give seconds of which the first"
                f" is at least 1, and most not below it or above {_LONGEST}"
            )
        if not 1 <= self.factor < math.inf:
            raise ValueError(f"factor={self.factor}: give a number that is at least 1")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"jitter={self.jitter}: give a share between 0 and 1")

    def __str__(self) -> str:
        parts = (f"{name}={value}" for name, value in asdict(self).items())
        return f"{EXPONENTIAL}({', '.join(parts)})"

    def as_json(self) -> dict[str, dict[str, float]]:
        """Return what a job function stores of it."""
        return {EXPONENTIAL: asdict(self)}

    def seconds(self, attempts: int, randint: Callable[[int, int], int]) -> int:
        """Return the seconds, whole, to wait after so many attempts that counted."""
        wait = self.seconds_before_jitter(attempts)
        least = max(1, math.ceil(wait * (1 - self.jitter)))
        most = min(self.most, math.floor(wait * (1 + self.jitter)))
        return randint(least, most) if least < most else min(least, self.most)

    def seconds_before_jitter(self, attempts: int) -> float:
        """Return the wait that jitter makes longer or shorter."""
        try:
            growth = float(self.factor) ** max(0, attempts - 1)
        except OverflowError:
            return self.most
        return min(self.first * growth, self.most)


RetryPattern: TypeAlias = WaitsByAttempt | Exponential


def exponential(
    *, first: int = 10, factor: float = 2, most: int = 3600, jitter: float = 0.1
) -> Exponential:
    """Return a retry pattern whose waits grow: 10, 20, 40 … seconds, an hour at most,
    each of them up to a tenth longer or shorter.

    :raise ValueError: names what is wrong; :class:`Exponential` says what may be given
    """
    return Exponential(first=first, factor=factor, most=most, jitter=jitter)


def exponential_in(text: str) -> Exponential:
    """Return the pattern that was typed as ``exponential(first=10, …)``.

    :raise ValueError: when it is none
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
        is_named = isinstance(call, ast.Call) and ast.unparse(call.func) == EXPONENTIAL
        if not is_named or call.args:  # type: ignore[attr-defined]
            raise ValueError(f"{text!r} is not exponential(first=…, …)")
        parts = {
            part.arg: ast.literal_eval(part.value)
            for part in call.keywords  # type: ignore[attr-defined]
        }
        return exponential(**parts)
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from None


def stored_pattern(stored: Mapping[str, Any]) -> RetryPattern:
    """Return the pattern that a job function stores, as it was given: JSON has text as
    keys, and no tuples.

    :raise ValueError: when it is none
    """
    if EXPONENTIAL in stored:
        parts = stored[EXPONENTIAL]
        if len(stored) > 1 or not isinstance(parts, dict):
            raise ValueError(f"{stored!r} is no {EXPONENTIAL} pattern alone")
        try:
            return exponential(**parts)
        except TypeError as error:
            raise ValueError(str(error)) from None
    return {
        int(attempts): tuple(wait) if isinstance(wait, list) else wait
        for attempts, wait in stored.items()
    }


def _check_part(name: str, value: object, kind: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        number = "a whole number" if kind is int else "a number"
        raise ValueError(f"{name}={value!r}: give {number}")


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
        they apply; attempts before the first key wait :data:`RETRY_INTERVAL`. Or an
        :class:`Exponential`
    :param retry: attempts that counted so far
    :param seconds: asked for by the job itself; wins unless it is ``None`` or 0
    :raises ValueError: when ``seconds`` or the pattern is no number of seconds
    """
    if seconds:
        return _checked(seconds)
    if isinstance(pattern, Exponential):
        return pattern.seconds(retry, randint)
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


def _by_try(pattern: WaitsByAttempt | None) -> dict[int, object]:
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
