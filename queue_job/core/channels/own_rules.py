# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the operator says of a channel, what the managers of a database say of it, and
what is in force for the jobs of that database.

The operator speaks for all databases, and is the frame: of what protects something, how
fast jobs begin and how many run at a time, his word and that of the managers both hold,
so that they can only tighten it. In which order jobs of their database run concerns
nobody else: there their word goes before his.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .rate import Rate
from .shares import Per


class OwnRules(NamedTuple):
    """What the managers of a database say of a channel, for its jobs there.

    :param rate: how fast they may begin there and below
    :param aging: seconds of waiting by which they rise by one priority, there and
        below; ``None`` = as the operator says
    :param per: how many at a time for each company, say, there and below
    :param fair: whose jobs take turns; ``None`` = as the operator says
    """

    rate: Rate | None = None
    aging: int | None = None
    per: Per | None = None
    fair: str | None = None

    @property
    def tells_apart(self) -> bool:
        """Whether it has to be known whose a job is."""
        return bool(self.per or self.fair)


NOTHING = OwnRules()


def per_in_force(operator: Per | None, own: Per | None) -> tuple[Per, ...]:
    """Return of what so many may run at a time: of one kind the fewer, of two kinds
    both."""
    said = [per for per in (operator, own) if per is not None]
    if operator and own and operator.kind == own.kind:
        return (min(said, key=lambda per: per.limit),)
    return tuple(said)


def fair_in_force(
    operator: str | None, own: str | None, sequential: bool
) -> str | None:
    """Return whose jobs take turns; in a sequential channel, whose order is strict,
    nobody's."""
    return None if sequential else own or operator


def aging_in_force(operator: int, own: int | None) -> int:
    """Return by how many seconds of waiting a job rises by one priority; 0 = it does
    not."""
    return operator if own is None else own


def looser_rate(operator: Sequence[Rate], own: Rate | None) -> Rate | None:
    """Return the rate of the operator that lets jobs begin slower than the managers
    say, or fewer at once: their word would have no effect."""
    for rate in operator:
        if own and (own.interval < rate.interval or own.burst > rate.burst):
            return rate
    return None


def looser_per(operator: Per | None, own: Per | None) -> Per | None:
    """Return the number of the operator if it is smaller than what the managers say of
    the same kind: their word would have no effect."""
    if operator is None or own is None or operator.kind != own.kind:
        return None
    return operator if own.limit > operator.limit else None
