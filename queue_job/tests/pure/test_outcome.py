# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of one attempt of a job, as a table."""

import pytest

from odoo.addons.queue_job.core.listed_exceptions import RetryRules
from odoo.addons.queue_job.core.outcome import (
    FOUND_DEAD,
    FOUND_DEAD_INFO,
    Attempts,
    Failed,
    FoundDeadError,
    Lost,
    LostDispatchError,
    Postponed,
    Stopped,
    Succeeded,
    decide,
)
from odoo.addons.queue_job.core.retry import exponential
from odoo.addons.queue_job.core.stopping import Interruption
from odoo.addons.queue_job.exception import (
    FailedJobError,
    JobError,
    JobStopped,
    NothingToDoJob,
    RetryableJobError,
)

FIRST = Attempts(1, 5)
LAST = Attempts(5, 5)
ENDLESS = Attempts(500, 0)
PATTERNED = Attempts(2, 5, {1: 10, 2: 20})
EXCEPTION = "odoo.addons.queue_job.exception"


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class OwnRetryableError(RetryableJobError):
    pass


class BareRetryableError(RetryableJobError):
    def __init__(self, message):  # forgets the attributes of its base
        Exception.__init__(self, message)


def failed(name, message):
    return Failed(name, message, "Traceback")


def exhausted(message):
    return failed(f"{EXCEPTION}.MaxRetryJobError", message)


RETRYABLE = [
    ("first try", RetryableJobError("later"), FIRST, Postponed(600, "later")),
    ("own seconds", RetryableJobError("later", 7), FIRST, Postponed(7, "later")),
    ("zero seconds", RetryableJobError("later", 0), PATTERNED, Postponed(20, "later")),
    ("pattern", RetryableJobError("later"), PATTERNED, Postponed(20, "later")),
    ("a subclass", OwnRetryableError("later", 3), FIRST, Postponed(3, "later")),
    ("bare subclass", BareRetryableError("later"), FIRST, Postponed(600, "later")),
    ("endless", RetryableJobError("later", 7), ENDLESS, Postponed(7, "later")),
    (
        "the last try",
        RetryableJobError("later"),
        LAST,
        exhausted("Max. retries (5) reached: later"),
    ),
    (
        "a try beyond the limit",
        RetryableJobError("later"),
        Attempts(9, 5),
        exhausted("Max. retries (5) reached: later"),
    ),
    (
        "uncounted, pattern by the attempts that count",
        RetryableJobError("later", ignore_retry=True),
        PATTERNED,
        Postponed(20, "later", counts=False),
    ),
    (
        "uncounted at the first try",
        RetryableJobError("later", ignore_retry=True),
        Attempts(0, 5, {1: 10}),
        Postponed(600, "later", counts=False),
    ),
    (
        "uncounted at the limit",
        RetryableJobError("later", 1, ignore_retry=True),
        LAST,
        Postponed(1, "later", counts=False),
    ),
    (
        "text is made storable",
        RetryableJobError("a\0b\ud800", 1),
        FIRST,
        Postponed(1, "ab"),
    ),
]

RULES = RetryRules((OSError, "KeyError"), ("TimeoutError",))
RULED = Attempts(2, 5, {1: 10, 2: 20}, RULES)
#: Of exceptions that the job's function lists.
LISTED = [
    (
        "listed",
        ConnectionError("gone"),
        RULED,
        Postponed(20, "ConnectionError: gone"),
    ),
    ("listed by name", KeyError("k"), RULED, Postponed(20, "KeyError: 'k'")),
    (
        "listed, with waits that grow",
        OSError("gone"),
        Attempts(3, 5, exponential(jitter=0), RULES),
        Postponed(40, "OSError: gone"),
    ),
    ("given up on", TimeoutError("slow"), RULED, failed("TimeoutError", "slow")),
    ("not listed", ValueError("no"), RULED, failed("ValueError", "no")),
    (
        "listed, at the last try",
        OSError("gone"),
        Attempts(5, 5, None, RULES),
        exhausted("Max. retries (5) reached: OSError: gone"),
    ),
    (
        "given up on at the last try",
        TimeoutError("slow"),
        Attempts(5, 5, None, RULES),
        failed("TimeoutError", "slow"),
    ),
    (
        "the job itself says how long",
        RetryableJobError("later", 7),
        Attempts(1, 5, None, RetryRules((), (Exception,))),
        Postponed(7, "later"),
    ),
    (
        "the job itself has failed",
        FailedJobError("no"),
        Attempts(1, 5, None, RetryRules((Exception,))),
        failed(f"{EXCEPTION}.FailedJobError", "no"),
    ),
]

FINAL = [
    ("any exception", ValueError("no"), FIRST, failed("ValueError", "no")),
    (
        "failed for good",
        FailedJobError("no"),
        FIRST,
        failed(f"{EXCEPTION}.FailedJobError", "no"),
    ),
    (
        "another error of the queue",
        JobError("no"),
        FIRST,
        failed(f"{EXCEPTION}.JobError", "no"),
    ),
    (
        "an exception without text",
        MuteError(),
        FIRST,
        failed(
            f"{__name__}.MuteError",
            f"<{__name__}.MuteError without text: RuntimeError>",
        ),
    ),
    ("nothing to do", NothingToDoJob("all sold"), LAST, Succeeded("all sold")),
    ("nothing to say", NothingToDoJob(), FIRST, Succeeded("There was nothing to do.")),
    (
        "it leaves Python",
        SystemExit(1),
        FIRST,
        failed(
            f"{EXCEPTION}.FailedJobError",
            "The job called sys.exit(1), which would end the worker: raise an exception"
            " instead",
        ),
    ),
    (
        "its worker is gone",
        FoundDeadError(),
        LAST,
        Failed(FOUND_DEAD, FOUND_DEAD_INFO, FOUND_DEAD_INFO),
    ),
    ("another has the job", LostDispatchError("later"), FIRST, Lost("later")),
    ("it interrupts", KeyboardInterrupt(), FIRST, failed("KeyboardInterrupt", "")),
]


@pytest.mark.parametrize(
    ("exception", "attempts", "outcome"),
    [pytest.param(*case[1:], id=case[0]) for case in RETRYABLE + LISTED + FINAL],
)
def test_a_job_that_raised(exception, attempts, outcome):
    assert decide(exception, attempts, exc_info="Traceback") == outcome


@pytest.mark.parametrize(
    ("sqlstate", "attempts", "outcome"),
    [
        ("40001", FIRST, Postponed(5, "busy")),
        ("40P01", FIRST, Postponed(5, "busy")),
        ("55P03", FIRST, Postponed(5, "busy")),
        ("55P03", ENDLESS, Postponed(5, "busy")),
        ("40001", LAST, exhausted("Max. retries (5) reached: busy")),
        ("08006", LAST, failed("RuntimeError", "busy")),
        ("57P01", FIRST, failed("RuntimeError", "busy")),
        ("23505", FIRST, failed("RuntimeError", "busy")),
        ("57014", FIRST, failed("RuntimeError", "busy")),
        (None, FIRST, failed("RuntimeError", "busy")),
    ],
)
def test_a_database_error(sqlstate, attempts, outcome):
    error = RuntimeError("busy")
    assert decide(error, attempts, exc_info="Traceback", sqlstate=sqlstate) == outcome


def test_a_conflict_of_transactions_is_no_matter_of_lists():
    error = OSError("busy")
    listed = Attempts(1, 5, {1: 10}, RetryRules((), (OSError,)))
    assert decide(error, listed, sqlstate="40001") == Postponed(5, "busy")


@pytest.mark.parametrize("sqlstate", ["08006", "57P01", "40001", None])
def test_the_loss_of_its_connection_is_what_counts(sqlstate):
    error = RuntimeError("gone")
    outcome = decide(error, LAST, sqlstate=sqlstate, connection_lost=True)
    assert outcome == Lost("gone")


def test_a_lost_connection_is_a_crash_whatever_was_raised():
    error = RetryableJobError("later")
    assert decide(error, FIRST, connection_lost=True) == Lost("later")


def test_a_job_that_returned_has_succeeded_with_its_result():
    assert decide(None, LAST, result=[1]) == Succeeded([1])


def test_a_wrong_retry_pattern_fails_the_job_and_says_so():
    outcome = decide(RetryableJobError("later"), Attempts(1, 5, {"x": 1}))
    assert isinstance(outcome, Failed)
    assert outcome.exc_name == "ValueError"
    assert "retry pattern {'x': 1}" in outcome.exc_message


def test_a_pair_in_the_pattern_is_drawn_with_the_given_lot():
    attempts = Attempts(1, 5, {"1": (10, 20)})
    outcome = decide(
        RetryableJobError("later"), attempts, randint=lambda low, high: high
    )
    assert outcome == Postponed(20, "later")


STOP = Interruption("stopped by A")
OVER = Interruption("too long", is_timeout=True)
TIMED_OUT = f"{EXCEPTION}.JobTimeout"
INTERRUPTED = [
    ("stopped, by its exception", JobStopped(), FIRST, STOP, False),
    ("stopped, whatever it raised", ValueError("no"), FIRST, STOP, False),
    ("stopped, though it asked for another attempt", RetryableJobError("later"), FIRST,
     STOP, False),
    ("stopped at its last try", RetryableJobError("later"), LAST, STOP, True),
    ("stopped by a statement that was cancelled", JobError(), FIRST, STOP, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("exception", "attempts", "interruption", "retries"),
    [case[1:] for case in INTERRUPTED],
    ids=[case[0] for case in INTERRUPTED],
)
def test_a_job_that_was_to_be_stopped_is_not_run_again(
    exception, attempts, interruption, retries
):
    outcome = decide(
        exception, attempts, interruption=interruption, retries_timeout=retries
    )
    assert outcome == Stopped("stopped by A")


@pytest.mark.parametrize("exception", [JobStopped(), ValueError("no")])
def test_a_job_whose_time_is_over_fails(exception):
    outcome = decide(exception, FIRST, exc_info="Traceback", interruption=OVER)
    assert outcome == failed(TIMED_OUT, "too long")


def test_or_is_retried_by_the_pattern():
    outcome = decide(JobStopped(), PATTERNED, interruption=OVER, retries_timeout=True)
    assert outcome == Postponed(20, "too long")


def test_until_its_attempts_are_exhausted():
    outcome = decide(
        JobStopped(),
        LAST,
        exc_info="Traceback",
        interruption=OVER,
        retries_timeout=True,
    )
    assert outcome.exc_name == f"{EXCEPTION}.MaxRetryJobError"
    assert "too long" in outcome.exc_message


@pytest.mark.parametrize("interruption", [STOP, OVER])
def test_who_was_quicker_is_done(interruption):
    assert decide(None, result=1, interruption=interruption) == Succeeded(1)
    nothing = decide(NothingToDoJob("no"), interruption=interruption)
    assert nothing == Succeeded("no")


@pytest.mark.parametrize("interruption", [STOP, OVER])
def test_who_lost_the_job_does_not_say_what_became_of_it(interruption):
    lost = decide(JobStopped(), connection_lost=True, interruption=interruption)
    assert isinstance(lost, Lost)
    other = decide(LostDispatchError("gone"), interruption=interruption)
    assert isinstance(other, Lost)
