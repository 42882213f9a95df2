# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner reads of a database: rows of jobs, as plain values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ..core.channels.claims import Traits
from ..core.runner.lane_window import NO_DEPTHS
from ..core.states import State


@lru_cache(maxsize=4096)
def _shared(name: str) -> str:
    """Return the one of all equal names: there are few, of very many jobs. (What
    ``sys.intern`` has seen, Python 3.12 keeps for ever, and channels come and go.)"""
    return name


class Row(NamedTuple):
    """A job as the runner knows it; times are seconds since 1970 UTC."""

    id: int
    uuid: str
    channel: str
    priority: int
    date_created: float
    eta: float | None
    state: str
    attempt: int
    function: str | None = None
    company: int | None = None
    is_of_graph: bool = False
    lane: str | None = None
    lock_key: str | None = None
    lock_limit: int | None = None
    user: int | None = None

    @classmethod
    def read(cls, id_: int, uuid: str, channel: str, *values: Any) -> "Row":
        """Return the job of a row that was fetched."""
        *others, function, company, is_of_graph, lane, key, limit, user = values
        function, channel = function and _shared(function), _shared(channel)
        about = (function, company, is_of_graph, lane, key, limit, user)
        return cls._make((id_, uuid, channel, *others, *about))

    @property
    def traits(self) -> Traits:
        """Whose job it is, and its lock key."""
        return Traits(
            self.lock_key, self.lock_limit, self.company, self.user, self.function
        )

    def has_due_eta(self, now: float) -> bool:
        """Tell whether it waits, and its ETA has come."""
        return self.state == State.PENDING and self.eta is not None and self.eta <= now


class Snapshot(NamedTuple):
    """What a poll finds.

    :param rows: the jobs, in no order; the same one may be there twice
    :param rest: where there are very many channels: the first of those behind the
        part that was polled
    :param depths: by channel whose lanes were looked into, how many jobs of each lane
        were asked for
    """

    rows: list[Row]
    rest: str | None = None
    depths: Mapping[str, int] = NO_DEPTHS
