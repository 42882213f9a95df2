"""What became of one try of a job: decided here, recorded by the executor.

``decide`` looks at what the job returned or raised and answers with one of four
outcomes. It writes nothing and asks no database, so every case can be read in a
table of tests.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..exception import MaxRetryJobError, NothingToDoJob, RetryableJobError
from .retry import RetryPattern, exhausted_message, is_exhausted, retry_seconds
from .text import dotted_name, exception_message, message_text, storable, traceback_text

#: Result of a job that raised ``NothingToDoJob`` without saying why.
NOTHING_TO_DO = "There was nothing to do."
#: Seconds before a job that met a concurrent transaction is tried again.
CONTENTION_SECONDS = 5
#: Serialization failure, deadlock, lock not available: the work is sound, only
#: somebody else was at the same rows.
CONTENTION = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True)
class Succeeded:
    """The work is done and to be committed.

    :param result: what the job returned, or why it had nothing to do
    """

    result: object = None


@dataclass(frozen=True)
class Postponed:
    """The work is to be rolled back and tried again.

    :param seconds: how long to wait
    :param message: why; shown as the job's result, storable
    :param counts: whether this try is charged
    """

    seconds: float
    message: str
    counts: bool = True


@dataclass(frozen=True)
class Failed:
    """The work is to be rolled back; the job waits for a person. All storable.

    :param exc_name: dotted class name of the exception
    :param exc_message: its first argument
    :param exc_info: traceback
    """

    exc_name: str
    exc_message: str
    exc_info: str


@dataclass(frozen=True)
class Lost:
    """The connection or the server went away: nothing can be recorded here.

    Whoever finds the job dead hands it out again and charges the try.
    """

    message: str


Outcome: TypeAlias = Succeeded | Postponed | Failed | Lost


@dataclass(frozen=True)
class Tries:
    """How often a job was tried, and how often it may be.

    :param count: tries that count so far, the one to be judged among them unless it
        asks not to be counted
    :param limit: most tries before the job fails; 0 = endless
    :param pattern: seconds to wait, by try
    """

    count: int
    limit: int
    pattern: RetryPattern | None = None

    @property
    def are_exhausted(self) -> bool:
        return is_exhausted(self.count, self.limit)


def decide(
    exception: BaseException | None,
    tries: Tries,
    *,
    result: object = None,
    exc_info: str = "",
    sqlstate: str | None = None,
    connection_lost: bool = False,
    randint: Callable[[int, int], int] = random.randint,
) -> Outcome:
    """Judge one try of a job.

    :param exception: what the job raised; ``None`` when it returned
    :param result: what it returned
    :param exc_info: text of the traceback
    :param sqlstate: the SQLSTATE of a database error on the job's own connection;
        ``None`` for that of any other
    :param connection_lost: whether the job's own connection is gone; the caller looks
        at it, whatever the error says: it may be about another connection
    :param randint: draws the seconds of a (min, max) pair in a retry pattern
    """
    if exception is None:
        return Succeeded(result)
    if connection_lost:
        return Lost(storable(exception))
    if isinstance(exception, NothingToDoJob):
        return Succeeded(storable(exception) or NOTHING_TO_DO)
    if isinstance(exception, RetryableJobError):
        return _retryable(exception, tries, exc_info, randint)
    if is_contended(sqlstate):
        return _contended(exception, tries, exc_info)
    return _failed(exception, exc_info)


def is_contended(sqlstate: str | None) -> bool:
    """Whether an error says no more than that somebody else was at the same rows."""
    return sqlstate in CONTENTION


def _retryable(
    exception: RetryableJobError,
    tries: Tries,
    exc_info: str,
    randint: Callable[[int, int], int],
) -> Outcome:
    counts = not getattr(exception, "ignore_retry", False)
    if counts and tries.are_exhausted:
        return _exhausted(exception, tries, exc_info)
    asked = getattr(exception, "seconds", None)
    try:
        seconds = retry_seconds(tries.pattern, tries.count, asked, randint)
    except ValueError as error:  # a wrong pattern must not leave the job started
        return _failed(error, exc_info)
    return Postponed(seconds, message_text(exception), counts)


def _contended(exception: BaseException, tries: Tries, exc_info: str) -> Outcome:
    if tries.are_exhausted:
        return _exhausted(exception, tries, exc_info)
    return Postponed(CONTENTION_SECONDS, message_text(exception))


def _exhausted(exception: BaseException, tries: Tries, exc_info: str) -> Failed:
    message = exhausted_message(tries.limit, message_text(exception))
    return _failed(MaxRetryJobError(message), exc_info)


def _failed(exception: BaseException, exc_info: str) -> Failed:
    return Failed(
        exc_name=dotted_name(type(exception)),
        exc_message=exception_message(exception),
        exc_info=traceback_text(exc_info),
    )
