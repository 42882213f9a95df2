# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a runner and an Odoo worker say to each other: one request, one answer.

Both ends encode and decode here alone, so that they cannot disagree.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from .outcome import Failed, Lost, Outcome, Postponed, Stopped, Succeeded
from .request_auth import is_signed, sign
from .states import State

ROUTE = "/queue_job/runjob"
#: Separates the jobs of a request.
_AND = ","
#: By this name a runner offers, and a worker accepts, to stay on the line: further
#: batches and their answers go over the connection of the request, a line each. What
#: stands between the two and does not pass an upgrade on keeps it from happening.
LINE = "queue-job"
#: Status of the response that ends a line: of what was asked last, nothing was begun.
LEFT = HTTPStatus.NO_CONTENT
#: Seconds that the runner keeps a line without a batch; but one it keeps to its end.
STAY_SECONDS = 0.02
#: Seconds after which the runner gives up a line; the worker would a little later.
LINE_SECONDS, LONGEST_LINE = 1.0, 1.5


class End(str, Enum):
    """How a job of a request ended, as the worker answers."""

    DONE = "done"
    POSTPONED = "postponed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    NOT_TAKEN = "not_taken"

    @classmethod
    def of(cls, outcome: Outcome) -> "End":
        return _ENDS[type(outcome)]

    @property
    def state(self) -> State | None:
        """The state that its row has now; ``None`` where the answer does not tell."""
        return _STATES.get(self)


_ENDS: dict[type[Outcome], End] = {
    Succeeded: End.DONE,
    Postponed: End.POSTPONED,
    Failed: End.FAILED,
    Stopped: End.CANCELLED,
    Lost: End.LOST,
}
_STATES = {
    End.DONE: State.DONE,
    End.POSTPONED: State.PENDING,
    End.FAILED: State.FAILED,
    End.CANCELLED: State.CANCELLED,
}


@dataclass(frozen=True)
class RunRequest:
    """Asks a worker to run jobs, one after the other.

    :param uuids: of the jobs, in order
    :param attempts: the number of each job's dispatch; it runs under no other
    :param stops_at_failure: whether jobs behind one that did not succeed, or is not to
        be had, are to be left alone: in a sequential channel it may have to come first
        again
    :param tells_begin: whether the runner waits to hear that they have begun
    """

    uuids: tuple[str, ...]
    attempts: tuple[int, ...]
    stops_at_failure: bool = False
    tells_begin: bool = False

    def path(self, db_name: str) -> str:
        """Return what is asked for, without what makes Odoo obey: for the log."""
        uuids, attempts = self._texts()
        asked = {"db": db_name, "job_uuid": uuids, "attempt": attempts}
        if self.stops_at_failure:
            asked["stops_at_failure"] = "1"
        if self.tells_begin:
            asked["tells_begin"] = "1"
        return f"{ROUTE}?{urlencode(asked, safe=_AND)}"

    def signed_path(self, db_name: str, secret: str) -> str:
        """
        :param secret: ``database.secret`` of that database
        """
        signature = sign(secret, *self._texts())
        return f"{self.path(db_name)}&{urlencode({'signature': signature})}"

    @classmethod
    def read(cls, query: Mapping[str, str], secret: str) -> "RunRequest | None":
        """Return the request that a runner signed with this secret; ``None`` for all
        that strangers send."""
        texts = [query.get(key, "") for key in ("job_uuid", "attempt", "signature")]
        if not secret or not is_signed(secret, *texts):
            return None
        uuids, attempts, _signature = texts
        # what a runner signed is well-formed
        numbers = tuple(int(number) for number in attempts.split(_AND))
        flags = ("stops_at_failure" in query, "tells_begin" in query)
        return cls(tuple(uuids.split(_AND)), numbers, *flags)

    @classmethod
    def read_path(cls, path: str, secret: str) -> "RunRequest | None":
        """Do the same with what :meth:`signed_path` returned."""
        return cls.read(dict(parse_qsl(urlsplit(path).query)), secret)

    def _texts(self) -> tuple[str, str]:
        return _AND.join(self.uuids), _AND.join(map(str, self.attempts))


@dataclass(frozen=True)
class RunAnswer:
    """What a worker answers.

    :param outcomes: an :class:`End` for each job, by uuid
    :param seconds: how long each job took that was begun, whatever its end
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def to(cls, request: RunRequest) -> "RunAnswer":
        """Return the answer to a request of which no job was taken so far."""
        return cls(dict.fromkeys(request.uuids, End.NOT_TAKEN.value))

    def encode(self) -> dict[str, dict[str, str] | dict[str, float]]:
        return {"outcomes": self.outcomes, "seconds": self.seconds}

    @classmethod
    def decode(cls, body: bytes) -> "RunAnswer":
        """
        :raise ValueError: when the body is no answer
        """
        try:
            found = json.loads(body)
            outcomes = {str(k): str(v) for k, v in found["outcomes"].items()}
            seconds = {str(k): float(v) for k, v in found.get("seconds", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no outcomes in the answer {body[:80]!r}") from error
        return cls(outcomes, seconds)

    @property
    def has_taken(self) -> bool:
        """Whether the worker took any of the jobs."""
        return any(word != End.NOT_TAKEN for word in self.outcomes.values())

    def state_of(self, uuid: str) -> State | None:
        """Return the state of a job, where the answer tells it."""
        try:
            return End(self.outcomes.get(uuid)).state
        except ValueError:  # none, or one of another version
            return None
