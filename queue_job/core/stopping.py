# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Running jobs that are to end: because somebody asked for it, or because their time is
over. What is done about it step by step, and what is said of one that is found dead."""

from dataclasses import dataclass
from enum import Enum, IntEnum

#: Seconds after a stop was asked for: when the statement of the job is cancelled, when
#: an exception is raised in its thread, when its worker process ends.
DEFAULT_STEPS = (5.0, 10.0, 20.0)
#: Seconds that the rows' times are off: they are cut to the second.
_CUT = 1.0
#: Seconds by which a server may count the time of a request from an earlier moment on.
_SLACK = 5.0


class Step(IntEnum):
    """How far it has gone with a job that is to end; each one goes further."""

    ASK = 0  # the job itself may ask
    STATEMENT = 1
    EXCEPTION = 2
    PROCESS = 3


@dataclass(frozen=True)
class StopSteps:
    """When each step is taken, in seconds after a stop was asked for. The time limit of
    a job is known beforehand: then it begins with the statement, at once."""

    statement: float = DEFAULT_STEPS[0]
    exception: float = DEFAULT_STEPS[1]
    process: float = DEFAULT_STEPS[2]

    @classmethod
    def parse(cls, text: str) -> "StopSteps":
        """Read ``5,10,20``.

        :raise ValueError: when these are not three numbers, each not below the one
            before
        """
        try:
            steps = [float(word) for word in text.split(",")]
        except ValueError:
            steps = []
        is_finite = all(0 <= step < float("inf") for step in steps)
        if len(steps) != len(DEFAULT_STEPS) or not is_finite or sorted(steps) != steps:
            raise ValueError(
                f"{text!r} are not three numbers of seconds, each not less than the one"
                " before: the statement is cancelled, an exception is raised, the"
                " process ends"
            )
        return cls(*steps)

    def step(self, seconds: float, is_timeout: bool = False) -> Step:
        """Return the step that is due.

        :param seconds: since the stop was asked for, or the time was over
        """
        seconds += self.statement if is_timeout else 0.0
        if seconds >= self.process:
            return Step.PROCESS
        if seconds >= self.exception:
            return Step.EXCEPTION
        return Step.STATEMENT if seconds >= self.statement else Step.ASK

    @property
    def after_timeout(self) -> float:
        """Seconds from the end of a job's time to that of its process."""
        return self.process - self.statement


@dataclass(frozen=True)
class Interruption:
    """Why a running job is to end.

    :param message: what becomes the result of a job that was stopped, or the message of
        one whose time is over
    """

    message: str
    is_timeout: bool = False


def timeout_message(seconds: float) -> str:
    """Say that the time of a job is over."""
    return f"The job took longer than its time limit of {seconds:g} seconds"


# --- found dead ----------------------------------------------------------------------


class Death(Enum):
    """What is known of a job whose worker is gone."""

    STOPPED = "it was to be stopped"
    TIMED_OUT = "its time was over"
    UNKNOWN = "nothing is known"


@dataclass(frozen=True)
class Dead:
    """A started job that no worker has locked.

    :param id: of its row
    :param seconds: since its beginning
    :param timeout: its time limit, in seconds
    :param stopped: what its result is to be, when somebody asked to stop this attempt
    :param limit: the limit of its server by which that ended it, as it noted before
    """

    id: int
    seconds: float | None = None
    timeout: float | None = None
    stopped: str | None = None
    limit: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What a dead job is judged to have died of.

    :param message: what is kept of the attempt
    """

    death: Death
    message: str


GONE = "The worker of the job is gone"


def judge(dead: Dead, real_limit: float = 0.0) -> Verdict:
    """Tell what a job died of.

    :param real_limit: seconds after which the server ends a request; 0 = never
    """
    if dead.stopped is not None:
        return Verdict(Death.STOPPED, dead.stopped)
    seconds = dead.seconds or 0.0
    if dead.timeout and seconds >= dead.timeout + _CUT:
        return Verdict(Death.TIMED_OUT, timeout_message(dead.timeout))
    if dead.limit:
        return Verdict(Death.UNKNOWN, f"{GONE}: its server ended it by {dead.limit}")
    if real_limit and seconds >= real_limit - _SLACK:
        return Verdict(
            Death.UNKNOWN,
            f"{GONE}, about {seconds:.0f} seconds after the beginning: the server's"
            f" limit_time_real is {real_limit:g}",
        )
    return Verdict(Death.UNKNOWN, GONE)
