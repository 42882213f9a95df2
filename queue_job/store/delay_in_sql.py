# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delaying a call in SQL: the function that PostgreSQL has for it, and which methods it
takes.

Needs nothing but a cursor, as the store does.
"""

from collections.abc import Collection

from ..core.limits import MOST_CALL, MOST_DESCRIPTION, MOST_INTEGER, MOST_NESTED
from ..core.retry import DEFAULT_MAX_RETRIES
from .sql import load
from .transitions import Cursor

DEFAULT_PRIORITY = 10  # smaller runs earlier
#: Digits of a number in arguments: what Python reads as a float, too.
MOST_DIGITS = 300

#: Parts of the statements: what Python knows, too.
DEFAULTS = {
    "priority": str(DEFAULT_PRIORITY),
    "max_retries": str(DEFAULT_MAX_RETRIES),
    "most_description": str(MOST_DESCRIPTION),
    "most_call": str(MOST_CALL),
    "most_nested": str(MOST_NESTED),
    "most_digits": str(MOST_DIGITS),
    "most_integer": str(MOST_INTEGER),
}
_SQL = load("delay", **DEFAULTS)


def make_function(cr: Cursor) -> None:
    """Make the function, or make it anew. Whom an operator has granted it, keeps it."""
    cr.execute(_SQL.delay_function)
    cr.execute(_SQL.delay_rights)


def declare(cr: Cursor, names: Collection[str]) -> list[int]:
    """Let the function take the methods of these names, and no others.

    :param names: ``<model>.method`` each
    :return: row ids of the functions that changed
    """
    cr.execute(_SQL.declare, {"names": list(names)})
    return [row[0] for row in cr.fetchall()]


def withdraw(cr: Cursor, ids: Collection[int]) -> None:
    """Let it not take these, until code declares them anew."""
    cr.execute(_SQL.withdraw, {"ids": list(ids)})
