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
#: Scope of a move: the jobs ``ids``, whatever the numbers of their dispatches.
OF_IDS = "id = ANY(%(ids)s)"
#: ... and those among them of one number.
OF_ATTEMPT = f"{OF_IDS} AND attempt = %(attempt)s"
#: Condition of a move: no transaction relies on it that the job does not begin, see
#: :mod:`.ties`; none will before the caller's transaction is over. Of jobs without a
#: key nothing is asked.
IS_FREE = (
    f"(coalesce(identity_key, '') = '' OR pg_try_advisory_xact_lock({LOCK_CLASS}, id))"
)
#: ... and: its time to begin is not over.
IS_IN_TIME = "(expires_at IS NULL OR expires_at > clock_timestamp() AT TIME ZONE 'UTC')"

_SQL = load("attempts")
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
    :param condition: SQL that has to be true of a job besides, without parameters
    :param columns: further columns to set
    :return: ids of the jobs that moved; a move with ``skip_locked`` leaves those where
        they are that another transaction is changing just now
    """
    params = {**columns, "ids": list(ids), "attempt": attempt}
    if kept is not None:
        params.update({f"attempt_{key}": value for key, value in vars(kept).items()})
        params["most_attempts"] = _MOST_POLLS if kept.is_poll else _MOST_ATTEMPTS
    scope = OF_IDS if attempt is None else OF_ATTEMPT
    statement = guarded(
        name,
        tuple(sorted(columns)),
        scope,
        condition,
        records_attempt=kept is not None,
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
    statement = guarded(name, tuple(sorted(columns)), f"id IN ({selection})")
    cr.execute(statement, {**params, **columns})
    return [row[0] for row in cr.fetchall()]


@cache
def guarded(
    name: str,
    columns: tuple[str, ...] = (),
    scope: str = OF_IDS,
    condition: str = "",
    *,
    records_attempt: bool = False,
    returned: str = "id",
) -> str:
    """Build the statement of a move.

    :param columns: further columns to set, each to the parameter of its name
    :param scope: SQL that says of which jobs
    :param condition: SQL that has to be true of them besides; asked last, for it may
        lock
    :param records_attempt: whether it keeps the attempt that ended, too
    :param returned: what it returns of those that moved
    """
    guard = f"{scope} AND {may_move(name)}{condition and f' AND {condition}'}"
    update = update_of(name, columns)
    skip = " SKIP LOCKED" if TRANSITIONS[name].skip_locked else ""
    if not (skip or records_attempt):
        return f"{update} WHERE {guard} RETURNING {returned}"
    recording = ""
    if records_attempt:
        recording, update = f", {_SQL.record}", f"{update}, {_SQL.count_dropped}"
    return (
        "WITH locked_jobs AS MATERIALIZED ("
        "SELECT id AS locked_id, attempt AS locked_attempt,"
        " date_started AS locked_since, worker_pid AS locked_pid"
        f" FROM queue_job WHERE {guard} FOR NO KEY UPDATE{skip})"
        f"{recording} {update}"
        f" FROM locked_jobs WHERE {guard} AND id = locked_id RETURNING {returned}"
    )


def may_move(name: str) -> str:
    """Return the condition of a move: SQL that is true of jobs in its sources."""
    sources = ", ".join(f"'{source}'" for source in sorted(TRANSITIONS[name].sources))
    return f"state IN ({sources})"


def update_of(name: str, columns: tuple[str, ...] = ()) -> str:
    """Return a move without its guard: ``UPDATE … SET …``."""
    transition = TRANSITIONS[name]
    now = "date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')"
    assignments = [
        f"state = '{transition.target}'",
        *(f"{column} = {now}" for column in transition.stamped),
        *(f"{column} = coalesce({column}, 0) + 1" for column in transition.counted),
        *(f"{c} = NULL" for c in transition.cleared if c not in columns),
        *(f"{column} = %({column})s" for column in columns),
    ]
    return f"UPDATE queue_job SET {', '.join(assignments)}"
