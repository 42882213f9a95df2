# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements that a session plans once.

To plan the move of a job costs PostgreSQL more than to make it: the table has many
columns and partial indexes to consider. A session that makes the same move over and
over keeps the plan.
"""

import re
from typing import Any, Protocol
from weakref import WeakSet

import psycopg2.errors

_AT_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan; "
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Cursor(Protocol):
    """What a prepared statement needs of a cursor."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...


class Prepared:
    """A statement for sessions that stay the same from one transaction to the next:
    behind a pooler that passes them on, there is no plan to come back to.

    :param name: unique among the statements of a session
    :param statement: SQL with named parameters, whose types follow from their use
    :param at_once: whether the plan serves all parameters from the first time on;
        PostgreSQL itself would try five others. For use in transactions only
    """

    def __init__(self, name: str, statement: str, at_once: bool = False) -> None:
        keys = list(dict.fromkeys(_PLACEHOLDER.findall(statement)))
        numbers = {key: f"${number}" for number, key in enumerate(keys, 1)}
        numbered = _PLACEHOLDER.sub(lambda found: numbers[found[1]], statement)
        given = ", ".join(f"%({key})s" for key in keys)
        self._name = name
        self._statement = statement
        self._prepare = f"PREPARE {name} AS {numbered}"
        given = given and f" ({given})"
        self._execute = f"{_AT_ONCE if at_once else ''}EXECUTE {name}{given}"
        self._sessions: WeakSet[Any] = WeakSet()

    def execute(self, cr: Cursor, params: dict[str, Any], session: Any) -> None:
        """Run the statement; its rows are then fetched from the cursor.

        :param session: what lives as long as the session's plans, at the most: a
            connection of one's own; of Odoo's, whose pool lets it forget its plans,
            the cursor. ``None``: the session may be shared, plan anew
        :raise psycopg2.Error: whatever the statement itself would raise
        """
        if session is None:
            cr.execute(self._statement, params)
            return
        if session not in self._sessions:
            cr.execute(self._prepare)
            self._sessions.add(session)
        try:
            cr.execute(self._execute, params)
        except psycopg2.errors.FeatureNotSupported:
            # an upgrade changed a column since; outside of a transaction one can
            # simply plan anew
            self._sessions.discard(session)
            cr.execute(f"DEALLOCATE {self._name}")
            self.execute(cr, params, session)
