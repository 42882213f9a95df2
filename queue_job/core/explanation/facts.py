# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is known of a job that is not running, and around it; gathered by the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ..channels.claims import Traits
from ..channels.config import ChannelConfig
from ..channels.own_rules import OwnRules
from ..deduplication import Keyed
from ..runner.load_control import Cause


class Flaw(Enum):
    """What makes a job fail whenever it is run."""

    NO_USER = "it has no user"
    USER_GONE = "its user was deleted"
    USER_ARCHIVED = "its user is archived"
    MODEL_GONE = "its model does not exist"
    METHOD_GONE = "its model has no such method"
    UNREADABLE = "its arguments cannot be read"
    SIGNATURE = "its method does not take its arguments"
    RECORDS_GONE = "its records were deleted"


class Known(NamedTuple):
    """A job as the runner knows it; times are seconds since 1970 UTC."""

    id: int
    uuid: str
    channel: str
    priority: int
    date_created: float
    eta: float | None
    state: str
    attempt: int = 0
    function: str | None = None
    traits: Traits | None = None


@dataclass(frozen=True)
class DatabaseFacts:
    """What concerns all jobs of the database.

    :param copied: by what it is seen to be a copy, whose jobs are held; else empty
    :param has_runner: whether a runner leads it
    :param marked: modules that are to be installed, upgraded or removed
    """

    copied: str = ""
    has_runner: bool = True
    marked: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChannelFacts:
    """What the channels depend on.

    :param configs: what the operator says of them
    :param limits: what the managers of the database allow them; 0 = paused
    :param rows: what runs, and what competes with the job
    :param begun_at: by channel, when the latest of its jobs began
    :param before: how many jobs of its channel come before it, as far as counted
    :param is_more: whether there are more than were counted
    :param per_second: how many jobs of its channel end while it is at work; ``None``:
        not known
    :param ceiling: how many jobs the runner lets run at a time, if it has lowered
        itself
    :param causes: ... and why
    :param own_rules: what else the managers of the database say of them
    """

    configs: tuple[ChannelConfig, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[Known, ...] = ()
    begun_at: Mapping[str, Sequence[float]] = field(default_factory=dict)
    before: int = 0
    is_more: bool = False
    per_second: float | None = None
    ceiling: int | None = None
    causes: tuple[Cause, ...] = ()
    own_rules: Mapping[str, OwnRules] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of a job and around it.

    :param now: seconds since 1970 UTC
    :param parents: (id, state) of jobs that keep it back, failed ones first
    :param has_more_parents: whether there are more of them than these
    :param same_key: it and the others of its identity key, as they stand
    :param is_locked: whether a worker has locked it, or a transaction whose call it
        stands for
    :param is_stopping: whether it runs, and is to be stopped
    """

    job: Known
    now: float
    database: DatabaseFacts = DatabaseFacts()
    channels: ChannelFacts = ChannelFacts()
    parents: tuple[tuple[int, str], ...] = ()
    has_more_parents: bool = False
    same_key: tuple[Keyed, ...] = ()
    is_locked: bool = False
    is_stopping: bool = False
    flaw: Flaw | None = None
