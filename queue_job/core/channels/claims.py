# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs of one lock key, or of one company, run at a time.

A job *claims* a slot of each such value, besides the slots of its channels. Where all
of them are taken it waits, and nobody waits with it.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Any, NamedTuple, Protocol

#: The kind of a claim that is a lock key; the others are those of :mod:`.shares`.
KEY = "key"


class Traits(NamedTuple):
    """What jobs of a database are told apart by.

    :param lock_key: of those that have the same, so many run at a time as
        ``lock_limit`` says; ``None`` where there is none
    :param function: name of the method, ``<model>.<method>``
    """

    lock_key: str | None = None
    lock_limit: int | None = None
    company: int | None = None
    user: int | None = None
    function: str | None = None

    def value(self, kind: str) -> Any:
        """Return the company, user, model, function or lock key."""
        match kind:
            case "key":
                return self.lock_key
            case "company":
                return self.company
            case "user":
                return self.user
            case "model":
                return (self.function or "").rpartition(".")[0]
            case _:
                return self.function


#: Database, kind and what it is there.
Value = tuple[str, str, Any]


class Claim(NamedTuple):
    """That a job needs one of the slots of a value.

    :param tally: of the channel in which they are counted
    :param depth: levels between that channel and the root
    :param limit: how many slots the value has
    """

    tally: "Tally"
    depth: int
    value: Value
    limit: int


class Claiming(Hashable, Protocol):
    """What is to be known of a job: its claims, and who stands for its slot."""

    db_name: str
    claims: tuple[Claim, ...]
    slot: Any


class Alike(NamedTuple):
    """What jobs of a queue have in common that wait for the same. Kept apart from the
    jobs: what these claim may become another."""

    db_name: str
    claims: tuple[Claim, ...]
    fair_value: Hashable


class Waiter(Hashable, Protocol):
    """A channel that is told when jobs may go."""

    def wake(self, alike: Alike) -> None:
        """Look again at jobs that claimed the same when they were asked to wait."""

    def fair_value(self, job: Any) -> Hashable:
        """Return with which others the job takes turns."""


class Tally:
    """The slots of a channel that are taken, by value; and who waits for one."""

    def __init__(self) -> None:
        self._slots: dict[Value, Counter[Any]] = {}
        self._limits: dict[Value, Counter[int]] = {}
        self._waiting: dict[Value, dict[tuple[Waiter, Alike], Any]] = {}
        #: Those on their way to the root that have to take a slot here still.
        self._passing: dict[Value, dict[Any, None]] = {}

    def limit(self, claim: Claim) -> int:
        """Return how many may run of the value: what is said by the job, or by any that
        runs."""
        return min(claim.limit, *self._limits.get(claim.value, ()), claim.limit)

    def is_full(self, claim: Claim, slot: Claiming | None = None) -> bool:
        """Tell whether no job may take a further slot of the value.

        :param slot: one in which the job would run after others: if they have the
            value, it takes no further one
        """
        taken = self._slots.get(claim.value, ())
        return slot not in taken and len(taken) >= self.limit(claim)

    def is_exceeded(self, claim: Claim) -> bool:
        """Tell whether more run than may."""
        return len(self._slots.get(claim.value, ())) > self.limit(claim)

    def holders(self, value: Value) -> list[Any]:
        """Return the jobs whose slots are taken."""
        return list(self._slots.get(value, ()))

    def add(self, claim: Claim, job: Any) -> None:
        """Count the job's slot as taken."""
        self._slots.setdefault(claim.value, Counter())[job.slot] += 1
        self._limits.setdefault(claim.value, Counter())[claim.limit] += 1

    def remove(self, claim: Claim, job: Any) -> None:
        """... or no longer; who waits for it is told."""
        _discount(self._slots, claim.value, job.slot)
        _discount(self._limits, claim.value, claim.limit)
        for channel, alike in self._waiting.pop(claim.value, ()):
            channel.wake(alike)

    def wait(self, claim: Claim, channel: Waiter, job: Any) -> None:
        """Let a channel be told, for the job and those alike, when a slot is free."""
        alike = Alike(job.db_name, job.claims, channel.fair_value(job))
        self._waiting.setdefault(claim.value, {})[channel, alike] = job

    def wait_no_more(self, claim: Claim, channel: Waiter, alike: Alike) -> None:
        """... or no longer: it has no such jobs any more. A value may be full for days,
        while channels come and go."""
        waiting = self._waiting.get(claim.value)
        if waiting is None:
            return
        waiting.pop((channel, alike), None)
        if not waiting:
            del self._waiting[claim.value]

    def waiting(self, claim: Claim) -> list[tuple[Any, Any]]:
        """Return the channels in which jobs wait for the value; of each group of these
        with one, or one that was among them."""
        waiting = self._waiting.get(claim.value, {})
        return [(channel, like) for (channel, _alike), like in waiting.items()]

    def set_passing(self, claim: Claim, job: Any) -> None:
        """Note that the job stands on its way to the root, and has to pass here."""
        self._passing.setdefault(claim.value, {})[job] = None

    def unset_passing(self, claim: Claim, job: Any) -> None:
        """... or no longer."""
        jobs = self._passing.get(claim.value, {})
        jobs.pop(job, None)
        if not jobs:
            self._passing.pop(claim.value, None)

    def stopped(self, value: Value) -> list[Any]:
        """Return those on their way that may not pass."""
        return [
            job
            for job in self._passing.get(value, ())
            for claim in job.claims
            if claim.tally is self and claim.value == value and self.is_full(claim)
        ]


def _discount(counters: dict[Value, Counter[Any]], value: Value, counted: Any) -> None:
    counter = counters[value]
    counter[counted] -= 1
    if not counter[counted]:
        del counter[counted]
    if not counter:
        del counters[value]
