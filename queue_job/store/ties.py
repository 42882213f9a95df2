# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ties between a waiting job and the transactions whose calls it stands for.

A call that stores nothing, because a job of its identity key waits already, relies on
that job: it must not begin before the caller has committed, or it reads the data from
before the call. So the caller shares the advisory lock of the job until his transaction
ends, and a runner of jobs takes that lock alone. Nothing waits for it: the runner
passes the job by, and a call that cannot have the tie stores a job of its own.

Needs nothing but a cursor, as the store does.
"""

from collections.abc import Collection

import psycopg2.errors

from .sql import load
from .transitions import LOCK_CLASS, Cursor

#: Ties of one transaction, of those that PostgreSQL has room for in all.
MOST_TIES = 500
#: Jobs that are asked about, ahead of one that waits for others.
_MOST_AHEAD = 1000
#: What a notification says when jobs are free that were tied.
UNTIED = "untied"

_SQL = load("ties")


def tie(cr: Cursor, ids: Collection[int]) -> set[int]:
    """Tie waiting jobs to the transaction: until it ends, they do not begin. Called by
    the delaying call.

    :param ids: at most :data:`MOST_TIES`
    :return: those that stand for a call of the transaction; no others can
    """
    params = {"ids": list(ids), "lock_class": LOCK_CLASS}
    if not params["ids"]:
        return set()
    try:
        cr.execute(_SQL.tie, params)
        locked = [row[0] for row in cr.fetchall()]
        still = _still_waiting(cr, locked)
    except BaseException as error:
        cr.execute(_SQL.undo)
        if isinstance(error, psycopg2.errors.OutOfMemory):
            return set()  # of that which all sessions share for locks
        raise
    if len(still) < len(locked):
        cr.execute(_SQL.undo)  # who stands for nothing is free at once
        return tie(cr, still)
    cr.execute(_SQL.keep, {"untied": UNTIED})
    return still


def _still_waiting(cr: Cursor, ids: list[int]) -> set[int]:
    """Return those that still wait. Where one of many has changed since the snapshot,
    the error does not say which: then halves are asked."""
    try:
        cr.execute(_SQL.still_waiting, {"ids": ids, "most": _MOST_AHEAD})
        return {row[0] for row in cr.fetchall()}
    except psycopg2.errors.SerializationFailure:
        pass
    finally:
        cr.execute(_SQL.forget_look)
    middle = len(ids) // 2
    halves = (ids[:middle], ids[middle:]) if middle else ()
    return {id_ for half in halves for id_ in _still_waiting(cr, half)}


def pass_by(cr: Cursor, ids: Collection[int]) -> None:
    """Note of pending jobs that they were to be dispatched, and were tied: they stand
    for no further call. Else calls that follow each other closely could keep a job from
    ever running. Called by the runner."""
    cr.execute(_SQL.pass_by, {"ids": list(ids), "lock_class": LOCK_CLASS})
