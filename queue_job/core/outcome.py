# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What became of an attempt: decided here, recorded by the worker.

``decide`` looks at what the job returned or raised and answers with one of five
outcomes. It writes nothing and asks no database, so every case can be read in a
table of tests.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..exception import (
    FailedJobError,
    JobTimeout,
    MaxRetryJobError,
    NothingToDoJob,
    RetryableJobError,
)
from .listed_exceptions import RetryRules
from .retry import RetryPattern, exhausted_message, is_exhausted, retry_seconds
from .stopping import Interruption
from .text import dotted_name, exception_message, message_text, storable, traceback_text

#: Result of a job that raised ``NothingToDoJob`` without saying why.
NOTHING_TO_DO = "There was nothing to do."
#: What the failure of a job is called whose workers died, one after the other.
FOUND_DEAD = "JobFoundDead"
FOUND_DEAD_INFO = "Job found dead after too many retries"
#: Seconds before a job that met a concurrent transaction is retried.
CONTENTION_SECONDS = 5
#: Serialization failure, deadlock, lock not available: the work is sound, only
#: another transaction was at the same rows.
CONTENTION = frozenset({"40001", "40P01", "55P03"})


class LostDispatchError(Exception):
    """The dispatch of an attempt does not count any more: another worker has the job,
    and this work must not be committed."""


class FoundDeadError(Exception):
    """The worker of the job was gone at its last attempt."""


@dataclass(frozen=True)
class Succeeded:
    """The work is done and to be committed.

    :param result: what the job returned, or why it had nothing to do
    """

    result: object = None


@dataclass(frozen=True)
class Postponed:
    """The work is to be rolled back and retried.

    :param seconds: how long to wait
    :param message: why; shown as the job's result, storable
    :param counts: whether this attempt is charged
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
    """The connection, the server or the dispatch is gone: nothing can be recorded here.

    The runner finds the job without its lock, and charges the attempt.
    """

    message: str


@dataclass(frozen=True)
class Stopped:
    """The work is to be rolled back: somebody asked to stop the job. Final.

    :param message: who did, and when; shown as the job's result, storable
    """

    message: str


Outcome: TypeAlias = Succeeded | Postponed | Failed | Stopped | Lost


@dataclass(frozen=True)
class Attempts:
    """How many attempts a job has made, and may make.

    :param count: attempts that count so far, the one to be judged among them unless it
        asks not to be counted
    :param limit: most attempts before the job fails; 0 = endless
    :param pattern: seconds to wait, by attempt
    :param rules: which exceptions count as if the job had asked for another attempt
    """

    count: int = 0
    limit: int = 0
    pattern: RetryPattern | None = None
    rules: RetryRules = RetryRules()

    @property
    def are_exhausted(self) -> bool:
        return is_exhausted(self.count, self.limit)


def decide(
    exception: BaseException | None,
    attempts: Attempts = Attempts(),  # noqa: B008  # it cannot be changed
    *,
    result: object = None,
    exc_info: str = "",
    sqlstate: str | None = None,
    connection_lost: bool = False,
    interruption: Interruption | None = None,
    retries_timeout: bool = False,
    randint: Callable[[int, int], int] = random.randint,
) -> Outcome:
    """Judge an attempt.

    :param exception: what the job raised; ``None`` when it returned
    :param result: what it returned
    :param exc_info: text of the traceback
    :param sqlstate: the SQLSTATE of a database error on the job's own connection;
        ``None`` for that of any other
    :param connection_lost: whether the job's own connection is gone; the caller looks
        at it, whatever the error says: it may be about another connection
    :param interruption: why the job was to end; whatever it raised then, it did end for
        that
    :param retries_timeout: whether a job whose time was over is to be retried
    :param randint: draws the seconds of a (min, max) pair in a retry pattern
    """
    if exception is None:
        return Succeeded(result)
    if connection_lost or isinstance(exception, LostDispatchError):
        return Lost(storable(exception))
    if isinstance(exception, NothingToDoJob):
        return Succeeded(nothing_to_do(exception))
    if isinstance(exception, FoundDeadError):
        return Failed(FOUND_DEAD, FOUND_DEAD_INFO, FOUND_DEAD_INFO)
    if interruption is not None:
        return _interrupted(interruption, attempts, exc_info, retries_timeout, randint)
    if isinstance(exception, SystemExit):
        return _failed(_left(exception), exc_info)
    if isinstance(exception, RetryableJobError):
        return _retryable(exception, attempts, exc_info, randint)
    if is_contended(sqlstate):
        return _contended(exception, attempts, exc_info)
    if attempts.rules.is_retried(exception):
        return _retried(_named(exception), attempts, exc_info, randint)
    return _failed(exception, exc_info)


def _interrupted(
    interruption: Interruption,
    attempts: Attempts,
    exc_info: str,
    retries_timeout: bool,
    randint: Callable[[int, int], int],
) -> Outcome:
    if not interruption.is_timeout:
        return Stopped(storable(interruption.message))
    error = JobTimeout(interruption.message)
    if not retries_timeout:
        return _failed(error, exc_info)
    return _retryable(error, attempts, exc_info, randint)


def nothing_to_do(exception: NothingToDoJob) -> str:
    """Return the result of a job that said so."""
    return storable(exception) or NOTHING_TO_DO


def _left(leaving: SystemExit) -> FailedJobError:  # of a command line tool, say
    return FailedJobError(
        f"The job called sys.exit({leaving.code!r}), which would end the worker:"
        " raise an exception instead"
    )


def is_contended(sqlstate: str | None) -> bool:
    """Tell whether an error says no more than that another transaction was at the
    same rows."""
    return sqlstate in CONTENTION


def _retryable(
    exception: RetryableJobError | JobTimeout,
    attempts: Attempts,
    exc_info: str,
    randint: Callable[[int, int], int],
) -> Outcome:
    counts = not getattr(exception, "ignore_retry", False)
    asked = getattr(exception, "seconds", None)
    message = message_text(exception)
    return _retried(message, attempts, exc_info, randint, asked, counts)


def _named(exception: BaseException) -> str:
    """Return why a job is retried that did not ask for it: a message alone often does
    not say what it is about."""
    return message_text(f"{dotted_name(type(exception))}: {storable(exception)}")


def _retried(
    message: str,
    attempts: Attempts,
    exc_info: str,
    randint: Callable[[int, int], int],
    asked: float | None = None,
    counts: bool = True,
) -> Outcome:
    if counts and attempts.are_exhausted:
        return _exhausted(message, attempts, exc_info)
    try:
        seconds = retry_seconds(attempts.pattern, attempts.count, asked, randint)
    except ValueError as error:  # a wrong pattern must not leave the job started
        return _failed(error, exc_info)
    return Postponed(seconds, message, counts)


def _contended(exception: BaseException, attempts: Attempts, exc_info: str) -> Outcome:
    if attempts.are_exhausted:
        return _exhausted(message_text(exception), attempts, exc_info)
    return Postponed(CONTENTION_SECONDS, message_text(exception))


def _exhausted(cause: str, attempts: Attempts, exc_info: str) -> Failed:
    message = exhausted_message(attempts.limit, cause)
    return _failed(MaxRetryJobError(message), exc_info)


def _failed(exception: BaseException, exc_info: str) -> Failed:
    return Failed(
        exc_name=dotted_name(type(exception)),
        exc_message=exception_message(exception),
        exc_info=traceback_text(exc_info),
    )
