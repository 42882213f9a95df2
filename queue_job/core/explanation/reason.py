# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The reasons for which a job is not running; the models say them in words."""

from dataclasses import dataclass

from ..states import StrEnum
from .facts import Flaw


class Kind(StrEnum):
    """Why a job is not running."""

    # it does, or did
    OVER = "over"
    RUNS = "runs"
    STOPPING = "stopping"
    # nothing runs at all
    COPY = "copy"
    NO_RUNNER = "no_runner"
    UPGRADE = "upgrade"
    # other jobs, or transactions
    PARENTS = "parents"
    RELEASED_SOON = "released_soon"
    SAME_KEY = "same_key"
    DUPLICATE = "duplicate"
    TIED = "tied"
    # its time, its channel
    TIME = "time"
    PAUSED_ON_SERVER = "paused_on_server"
    PAUSED_HERE = "paused_here"
    HALTED = "halted"
    SLEEPER = "sleeper"
    KEY = "key"
    PER = "per"
    TURN = "turn"
    RESTS = "rests"
    AT_LIMIT = "at_limit"
    FULL = "full"
    LOWERED = "lowered"
    PLACE = "place"
    # the workers
    WORKERS_BUSY = "workers_busy"
    WORKER_GONE = "worker_gone"
    # it would run, and fail
    FLAW = "flaw"
    NEXT = "next"


@dataclass(frozen=True)
class Reason:
    """Why a job is not running, and what that names.

    :param jobs: row ids of the culprits; of :attr:`Kind.PLACE` those that run
    :param first: ... of those that wait, too, and take the slots before it
    :param failed: ... of those that failed, or were cancelled
    :param has_more: whether there are more culprits than these
    :param channel: full name of the channel
    :param limit: how many jobs may run in it at a time
    :param until: when it is over by itself, seconds since 1970 UTC
    :param place: its place among the jobs of its channel; 1 is next
    :param is_further: whether its place may be a later one
    :param seconds: how long it may take, if that can be told
    :param words: what else there is to say, as it stands somewhere
    """

    kind: Kind
    jobs: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    has_more: bool = False
    channel: str = ""
    limit: int | None = None
    until: float | None = None
    place: int | None = None
    is_further: bool = False
    seconds: float | None = None
    words: tuple[str, ...] = ()
    flaw: Flaw | None = None
