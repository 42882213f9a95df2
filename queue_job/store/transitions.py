# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Transitions of jobs, as guarded SQL.

Needs nothing but a cursor: the runner passes a plain psycopg2 one, the Odoo worker
an Odoo one. Every move names its sources in the statement itself, so what is not
returned did not move: no other change can be overwritten.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from ..core.states import TRANSITIONS
from .sql import load

#: First key of the two-key advisory lock of a job; the second is its id.
LOCK_CLASS = 719110719
#: Condition of a move: no transaction relies on it that the job does not begin, see
#: :mod:`.ties`; none will before the caller's transaction is over.
IS_FREE = load("ties").is_free.format(lock_class=LOCK_CLASS)

_SQL = load("jobs")
#: How many of a job's latest polls, and of its other unsuccessful attempts, are kept
#: besides the first one.
_MOST_POLLS = 10
_MOST_ATTEMPTS = 50


class Cursor(Protocol):
    """What the statements below need of a cursor."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True)
class AttemptRecord:
    """What is kept of an attempt that did not succeed; the rest is in the job's row.

    :param duration: seconds
    :param is_poll: whether the job only asked for another attempt, uncounted
    """

    duration: float | None = None
    host: str | None = None
    exc_name: str | None = None
    exc_message: str | None = None
    exc_info: str | None = None
    is_poll: bool = False


def move(
    cr: Cursor,
    name: str,
    ids: Collection[int],
    *,
    attempt: int | None = None,
    kept: AttemptRecord | None = None,
    condition: str = "",
    **columns: Any,
) -> list[int]:
    """Make the move ``name`` of ``TRANSITIONS`` for the jobs that may make it.

    :param ids: row ids of the jobs
    :param attempt: when given, only a job of this dispatch number moves
    :param kept: when given, the attempt that ended is kept, in the same statement
    :param condition: SQL that has to hold for a job besides, without parameters
    :param columns: further columns to set
    :return: ids of the jobs that moved; one with ``skip_locked`` leaves those where they
        are that another transaction is changing just now
    """
    params = {**columns, **guard_of(name, attempt), "ids": list(ids)}
    if kept is not None:
        params.update({f"attempt_{key}": value for key, value in vars(kept).items()})
        params["most_attempts"] = _MOST_POLLS if kept.is_poll else _MOST_ATTEMPTS
    statement = guarded(
        name, tuple(sorted(columns)), kept is not None, condition=condition
    )
    cr.execute(statement, params)
    return [row[0] for row in cr.fetchall()]


def move_selected(
    cr: Cursor,
    name: str,
    selection: str,
    params: dict[str, Any],
    **columns: Any,
) -> list[int]:
    """Make a move for the jobs whose ids a query selects, in one statement with it.

    :param selection: SQL; may use ``params``
    :return: ids of the jobs that moved
    """
    statement = guarded(name, tuple(sorted(columns)), False, f"id IN ({selection})")
    cr.execute(statement, {**params, **columns, **guard_of(name)})
    return [row[0] for row in cr.fetchall()]


@cache
def guarded(
    name: str,
    columns: tuple[str, ...] = (),
    records_attempt: bool = False,
    scope: str = "id = ANY(%(ids)s)",
    condition: str = "",
) -> str:
    """Return the statement of a move, for the parameters of :func:`guard_of`."""
    guard = (
        f"{scope} AND state = ANY(%(sources)s)"
        " AND (%(attempt)s IS NULL OR attempt = %(attempt)s)"
    )
    if condition:
        guard += f" AND {condition}"
    skip_locked = TRANSITIONS[name].skip_locked
    update = update_of(name, columns)
    if records_attempt:
        locked = "SKIP LOCKED" if skip_locked else ""
        recording = _SQL.record_attempt.format(guard=guard, locked=locked)
        update = f"{recording} {update}, {_SQL.count_dropped}"
    elif skip_locked:
        update = f"{_SQL.free.format(guard=guard)} {update}"
    if records_attempt or skip_locked:
        update += " FROM locked_jobs"
        guard += " AND id = locked_id"
    return f"{update} WHERE {guard} RETURNING id"


def guard_of(name: str, attempt: int | None = None) -> dict[str, Any]:
    """Parameters that say from which states a move starts, and where it leads.

    :param attempt: when given, only a job of this dispatch number moves
    """
    transition = TRANSITIONS[name]
    return {
        "sources": sorted(transition.sources),
        "target": str(transition.target),
        "attempt": attempt,
    }


def update_of(name: str, columns: tuple[str, ...] = ()) -> str:
    """Return a move without its guard: ``UPDATE … SET …``, with the target as
    parameter."""
    transition = TRANSITIONS[name]
    now = "date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')"
    assignments = [
        "state = %(target)s",
        *(f"{column} = {now}" for column in transition.stamped),
        *(f"{column} = coalesce({column}, 0) + 1" for column in transition.counted),
        *(f"{c} = NULL" for c in transition.cleared if c not in columns),
        *(f"{column} = %({column})s" for column in columns),
    ]
    return f"UPDATE queue_job SET {', '.join(assignments)}"
