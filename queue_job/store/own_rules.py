# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the managers of a database say of its channels, besides limits."""

from contextlib import suppress

from ..core.channels.config import read_rate
from ..core.channels.own_rules import NOTHING, OwnRules
from ..core.channels.rate import Rate
from ..core.channels.shares import FAIR_KINDS, KINDS, Per
from .sql import load
from .transitions import Cursor

_SQL = load("candidates")


def read(cr: Cursor) -> dict[str, OwnRules]:
    """Return what they say, by complete name of the channel. What cannot be read was
    written past the menu, and is left out."""
    cr.execute(_SQL.own_rules, {})
    found = {name: _rules(name, *said) for name, *said in cr.fetchall()}
    return {name: rules for name, rules in found.items() if rules != NOTHING}


def _rules(
    name: str,
    rate: str | None,
    aging: int | None,
    kind: str | None,
    limit: int | None,
    fair: str | None,
) -> OwnRules:
    per = Per(kind, limit) if kind in KINDS and limit and limit > 0 else None
    return OwnRules(
        _rate(name, rate),
        aging if aging and aging > 0 else None,
        per,
        fair if fair in FAIR_KINDS else None,
    )


def _rate(name: str, text: str | None) -> Rate | None:
    with suppress(ValueError):
        return read_rate(name, text) if text else None
    return None
