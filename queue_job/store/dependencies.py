# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who waits for whom, in the database: linked, released, cancelled along.

Needs nothing but a cursor, as the store does: the runner calls it as well as the
Odoo worker.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ..core.graph.graph import IfFailed, Join
from ..core.states import State
from .dispatch import Cursor, move_selected
from .sql import load

#: What becomes the result of a job that goes down with another one, by what ended that.
CANCELLED_ALONG = {
    State.CANCELLED: "Cancelled because a job it depends on was cancelled",
    State.FAILED: "Cancelled because a job it depends on failed",
}

#: How many neighbours of a job are taken whatever their state, and how many jobs of its
#: graph are asked whether they are neighbours.
_TAKEN = 1_000
_ASKED = 5_000

_SQL = load("dependencies")

#: Find the neighbours of the jobs ``ids``: rows of one of these and one of those.
PARENTS_OF: str = _SQL.parents_of
CHILDREN_OF: str = _SQL.children_of
#: Find those of the waiting jobs ``children`` that no other keeps back.
FREE: str = _SQL.free_among
_NEAREST = {"parents": _SQL.nearest_parents, "children": _SQL.nearest_children}


class Followed(NamedTuple):
    """What became of the jobs that waited: ids."""

    released: list[int]
    cancelled: list[int]


class Waiting(NamedTuple):
    """What became of jobs that have to wait: ids. Some may be in both."""

    waiting: list[int]
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


def release(cr: Cursor, parents: Collection[int]) -> Followed:
    """Release or cancel the jobs that waited for ones which have ended. Whose
    parents are not all done goes on waiting.

    :param parents: row ids of jobs that have ended
    """
    params = {"parents": list(parents)}
    cr.execute(_SQL.not_done, params)
    cancelled = cancel_along(cr, parents) if cr.fetchall()[0][0] else []
    params["parents"] += cancelled
    for question in (_SQL.may_look_free, _SQL.may_be_free):
        cr.execute(question, params)
        if not cr.fetchall():
            return Followed([], cancelled)
    return Followed(move_selected(cr, "release", _SQL.free_children, params), cancelled)


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
    cancelled: list[int] = []
    for ended in (State.CANCELLED,) if as_cancelled else CANCELLED_ALONG:
        cancelled += move_selected(
            cr,
            "cancel_dependent",
            _SQL.cancelled_along,
            {
                "parents": list(parents),
                "ended": str(ended),
                "whatever_state": as_cancelled,
            },
            date_cancelled=date_cancelled,
            result=CANCELLED_ALONG[ended],
        )
    return cancelled


def wait_again(cr: Cursor, children: Collection[int]) -> Waiting:
    """Let pending jobs wait again that have an unfinished parent. Those that would
    wait in vain, because a parent was cancelled, are cancelled as well."""
    waiting = move_selected(
        cr, "wait_again", _SQL.kept_back, {"children": list(children)}
    )
    return Waiting(waiting, _cancel_lost(cr, waiting) if waiting else [])


def _cancel_lost(cr: Cursor, children: Collection[int]) -> list[int]:
    """Cancel those of these that wait in vain."""
    cr.execute(_SQL.lost_parents, {"children": children})
    lost = [row[0] for row in cr.fetchall()]
    return cancel_along(cr, lost) if lost else []


def parents_of(cr: Cursor, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Row ids of the jobs that each of these waits for, or waited for."""
    return _linked(cr, PARENTS_OF, ids)


def children_of(cr: Cursor, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Row ids of the jobs that wait, or waited, for each of these."""
    return _linked(cr, CHILDREN_OF, ids)


def nearest(
    cr: Cursor, job_id: int | None, graph_uuid: str | None, side: str, most: int
) -> tuple[set[int], bool]:
    """Return some neighbours of a job, among them those that one wants to see first:
    failed ones, and others that are not done. However many there are, few rows are
    read.

    :param side: ``parents`` or ``children``
    :param most: so many at least, if there are so many
    :return: row ids; whether there may be more
    """
    states = [str(s) for s in State if s not in (State.DONE, State.FAILED)]
    taken = max(_TAKEN, most)
    params = {
        "id": job_id,
        "graph": graph_uuid,
        "failed": [str(State.FAILED)],
        "not_done": states,
        "asked": _ASKED,
        "taken": taken,
        "shown": most,
    }
    cr.execute(_NEAREST[side], params)
    found = {row[0] for row in cr.fetchall()}
    return found, len(found) >= taken


def keeping_back(
    cr: Cursor, job_id: int, parents: Collection[int], most: int
) -> list[tuple[int, str]]:
    """Return those of a job's parents that keep it back, failed and cancelled ones
    first: (row id, state)."""
    params = {"id": job_id, "parents": list(parents), "most": most}
    cr.execute(_SQL.keeping_back, params)
    return [(parent, state) for parent, state in cr.fetchall()]


def links_among(cr: Cursor, ids: Sequence[int]) -> list[tuple[int, int]]:
    """(parent, child) row ids of these jobs, in no order."""
    cr.execute(_SQL.links_among, {"ids": list(ids)})
    return sorted({(parent, child) for parent, child in cr.fetchall()})


def joins_among(cr: Cursor, ids: Collection[int]) -> list[Join[int]]:
    """Who waits for whom of these jobs, as it is stored: a join per barrier, and one
    per link without."""
    cr.execute(_SQL.links_of, {"ids": list(ids)})
    joins: list[Join[int]] = []
    front: dict[tuple[int, IfFailed], list[int]] = defaultdict(list)
    behind: dict[int, list[int]] = defaultdict(list)
    for parent, barrier, child, if_failed in cr.fetchall():
        if parent is None:
            behind[barrier].append(child)
        elif child is None:
            front[barrier, IfFailed(if_failed)].append(parent)
        else:
            joins.append(Join((parent,), (child,), IfFailed(if_failed)))
    for (barrier, if_failed), parents in front.items():
        if barrier in behind:
            joins.append(Join(tuple(parents), tuple(behind[barrier]), if_failed))
    return joins


def _linked(cr: Cursor, statement: str, ids: Sequence[int]) -> Mapping[int, list[int]]:
    found: dict[int, dict[int, None]] = {job_id: {} for job_id in ids}
    cr.execute(statement, {"ids": list(ids)})
    for job_id, other in cr.fetchall():
        found[job_id].setdefault(other)
    return {job_id: sorted(others) for job_id, others in found.items()}
