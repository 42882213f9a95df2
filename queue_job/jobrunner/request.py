# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner asks of Odoo, and what it hears.

A request says nothing about the job by its mere end: only a recorded outcome in the
answer does, or the row. So no read time-out decides anything, and an intermediary
that cuts a request changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..core.protocol import RunAnswer, RunRequest
from ..store.dispatch import DispatchedJob

#: What a proxy answers that cannot reach Odoo.
_GATEWAY = (502, 503, 504)


@dataclass(frozen=True, eq=False)
class Request:
    """Asks Odoo to run jobs, one after the other, each under its dispatch number.

    :param db_name: the jobs' database
    :param dispatched_jobs: the jobs and their numbers, in order
    :param secret: ``database.secret`` of that database
    :param stops_at_failure: whether jobs behind one that did not succeed are to be
        left alone
    :param tells_begin: whether the worker is to say that it has begun
    """

    db_name: str
    dispatched_jobs: Sequence[DispatchedJob]
    secret: str = field(repr=False)
    stops_at_failure: bool = False
    tells_begin: bool = False

    @property
    def _asked(self) -> RunRequest:
        uuids = tuple(job.uuid for job in self.dispatched_jobs)
        attempts = tuple(job.attempt for job in self.dispatched_jobs)
        return RunRequest(uuids, attempts, self.stops_at_failure, self.tells_begin)

    @property
    def path(self) -> str:
        """What is asked for, without what makes Odoo obey."""
        return self._asked.path(self.db_name)

    @property
    def signed_path(self) -> str:
        return self._asked.signed_path(self.db_name, self.secret)


@dataclass(frozen=True)
class Answer:
    """What became of a request.

    :param request: the request
    :param ends: how its jobs ended; without any when no such answer came
    :param problem: why none came, for the log
    :param reached: whether any server answered at all
    :param status: of the HTTP response, if there was one
    """

    request: Request
    ends: RunAnswer = field(default_factory=RunAnswer)
    problem: str | None = None
    reached: bool = True
    status: int | None = None

    @property
    def is_heard(self) -> bool:
        """Whether Odoo itself has answered."""
        return bool(self.ends.outcomes) or self.status not in (None, *_GATEWAY)

    @property
    def is_refused(self) -> bool:
        """Whether no server, or a proxy in the place of Odoo, has answered."""
        return not self.reached or self.status in _GATEWAY
