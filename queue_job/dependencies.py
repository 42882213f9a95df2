"""Who waits for whom, in the database: linked, released, cancelled along.

Needs nothing but a cursor, as the store does: the runner calls it as well as the
Odoo worker.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from .core.graph import IfFailed, Join
from .sql import load
from .store import Cursor, move_selected

#: What becomes the result of a job that goes down with another one.
CANCELLED_ALONG = "Cancelled because a job it depends on was cancelled"

_SQL = load("dependencies")
_BARRIER = _SQL.barrier_is_closed.format(holds_back=_SQL.holds_back)


def _free(candidates: str) -> str:
    statement: str = _SQL.free.format(
        candidates=candidates,
        barrier_is_closed=_BARRIER,
        holds_back=_SQL.holds_back,
    )
    return statement


_CHILDREN = _SQL.children.format(barrier_is_closed=_BARRIER)
_FREE_CHILDREN = _free(_CHILDREN)
_FREE = _free(_SQL.waiting)
_KEPT_BACK = _SQL.kept_back.format(
    barrier_is_closed=_BARRIER, holds_back=_SQL.holds_back
)


class Settled(NamedTuple):
    """What became of the jobs that waited: ids."""

    released: list[int]
    cancelled: list[int]


def link(cr: Cursor, joins: Iterable[Join[int]]) -> None:
    """Store who waits for whom; what is stored already is left as it is.

    :param joins: of row ids
    """
    pairs: dict[IfFailed, list[tuple[int, int]]] = defaultdict(list)
    for join in joins:
        if not join.needs_barrier:
            pairs[join.if_failed].extend(join.edges())
            continue
        params = {
            "parents": list(join.parents),
            "children": list(join.children),
            "if_failed": str(join.if_failed),
        }
        cr.execute(_SQL.link_by_barrier, params)
    for if_failed, edges in pairs.items():
        parents, children = zip(*edges, strict=True)
        params = {"parents": list(parents), "children": list(children)}
        cr.execute(_SQL.link, {**params, "if_failed": str(if_failed)})


def settle(cr: Cursor, parents: Collection[int]) -> Settled:
    """Let those go on, or go down, that waited for jobs which have ended. Whose
    parents are not all done goes on waiting.

    :param parents: row ids of jobs that have ended
    """
    params = {"parents": list(parents)}
    cr.execute(_SQL.not_done, params)
    cancelled = cancel_along(cr, parents) if cr.fetchall()[0][0] else []
    params["parents"] += cancelled
    # Most often nobody goes on yet: the small question spares the planning of the
    # large one, which takes ten times as long as its execution.
    cr.execute(_CHILDREN, params)
    if not cr.fetchall():
        return Settled([], cancelled)
    return Settled(move_selected(cr, "release", _FREE_CHILDREN, params), cancelled)


def cancel_along(
    cr: Cursor,
    parents: Collection[int],
    *,
    as_cancelled: bool = False,
    date_cancelled: datetime | None = None,
) -> list[int]:
    """Cancel the jobs that wait for jobs which were cancelled (or which failed, where
    that was asked for), and those that wait for these.

    :param as_cancelled: take the parents for cancelled whatever their rows say
    :param date_cancelled: naive UTC; ``None`` means now
    :return: ids of the jobs that were cancelled
    """
    if date_cancelled is None:
        cr.execute("SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')")
        date_cancelled = cr.fetchall()[0][0]
    return move_selected(
        cr,
        "cancel_dependent",
        _SQL.cancelled_along,
        {"parents": list(parents), "as_cancelled": as_cancelled},
        date_cancelled=date_cancelled,
        result=CANCELLED_ALONG,
    )


def settle_all(cr: Cursor) -> Settled:
    """Find all who wait for nobody any more: because a process died between the end
    of a job and the release of those behind it, because a parent was deleted, or
    because it ended while the child was being made. Called by the runner."""
    cr.execute(_SQL.has_dependencies)
    if not cr.fetchall()[0][0]:  # the addon's code is newer than its tables
        return Settled([], [])
    cr.execute(_SQL.failed_parents)
    failed = [row[0] for row in cr.fetchall()]
    cancelled = cancel_along(cr, failed) if failed else []
    return Settled(move_selected(cr, "release", _FREE, {}), cancelled)


def hold(cr: Cursor, children: Collection[int]) -> list[int]:
    """Let pending jobs wait again that have an unfinished parent.

    :return: ids of the jobs that wait now
    """
    return move_selected(cr, "hold", _KEPT_BACK, {"children": list(children)})


def parents_of(cr: Cursor, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Row ids of the jobs that each of these waits for, or waited for."""
    return _linked(cr, _SQL.parents_of, ids)


def children_of(cr: Cursor, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Row ids of the jobs that wait, or waited, for each of these."""
    return _linked(cr, _SQL.children_of, ids)


def links_among(cr: Cursor, ids: Sequence[int]) -> list[tuple[int, int]]:
    """(parent, child) row ids of these jobs, in no order."""
    cr.execute(_SQL.links_among, {"ids": list(ids)})
    return sorted({(parent, child) for parent, child in cr.fetchall()})


def _linked(cr: Cursor, statement: str, ids: Sequence[int]) -> Mapping[int, list[int]]:
    found: dict[int, dict[int, None]] = {job_id: {} for job_id in ids}
    cr.execute(statement, {"ids": list(ids)})
    for job_id, other in cr.fetchall():
        found[job_id].setdefault(other)
    return {job_id: sorted(others) for job_id, others in found.items()}
