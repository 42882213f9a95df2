# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The search for jobs that were not released, or wait in vain: because a process died
between the end of a job and the release of those behind it, because a parent was
deleted, or because it ended while the child was being made.

Hundreds of thousands may stand on either side of a barrier. So the runner reads a
part at a time, and reads a bounded number of rows each time; more only where a job
may go on.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .dependencies import FREE, Followed, cancel_along
from .dispatch import Cursor, move_selected
from .sql import load

#: How many waiting jobs are looked at in a part, and how many in front of barriers:
#: some 60 ms of the runner's round.
_AT_A_TIME = 5_000

_SQL = load("dependencies")


@dataclass
class Search:
    """How far a search has come.

    :param after: id of the last waiting job that was looked at
    :param has_more: whether waiting jobs may follow
    :param fronts: barriers that are being asked, and the last job in front of each that
        was
    :param closed: barriers that were asked: whether a job keeps back those behind
    :param opened: barriers found open after some behind them were looked at, and the
        last of these that was looked at again
    :param has_cancelled: whether jobs were cancelled, so that others may go on now
    """

    after: int = 0
    has_more: bool = True
    fronts: dict[int, int] = field(default_factory=dict)
    closed: dict[int, bool] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=dict)
    has_cancelled: bool = False

    @property
    def is_over(self) -> bool:
        """Whether all jobs were looked at."""
        return not (self.has_more or self.fronts or self.opened)

    def ask(self, barriers: Iterable[int]) -> set[int]:
        """Have these asked, each once; returns those that were not yet."""
        unknown = {barrier for barrier in barriers if barrier not in self.closed}
        self.closed.update(dict.fromkeys(unknown, False))
        self.fronts.update(dict.fromkeys(sorted(unknown), 0))
        return unknown

    def is_open(self, barrier: int) -> bool:
        """Tell whether no job in front of it keeps others back, as far as is known."""
        return barrier not in self.fronts and not self.closed[barrier]


def release_all(cr: Cursor) -> Followed:
    """Release or cancel all that the search finds."""
    followed, search = Followed([], []), Search()
    while not search.is_over:
        released, cancelled = release_some(cr, search)
        followed.released.extend(released)
        followed.cancelled.extend(cancelled)
        if search.is_over and search.has_cancelled:
            search = Search()
    return followed


def release_some(cr: Cursor, search: Search, most: int = _AT_A_TIME) -> Followed:
    """Do the same for a part. Called by the runner.

    :param search: goes on
    :param most: how many waiting jobs are looked at, and how many in front of barriers
    """
    cr.execute(_SQL.has_dependencies)
    if not cr.fetchall()[0][0]:  # the addon's code is newer than its tables
        search.has_more = False
        return Followed([], [])
    children = _next_waiting(cr, search, most) + _behind_opened(cr, search, most)
    links: list[tuple[int, int | None, bool, int | None]] = []
    if children:
        cr.execute(_SQL.kept_and_lost, {"children": children})
        links = cr.fetchall()
    new = search.ask(barrier for _child, barrier, *_rest in links if barrier)
    lost = {parent for *_rest, parent in links if parent}
    lost.update(_ask_fronts(cr, search, new, most))
    cancelled = cancel_along(cr, lost) if lost else []
    search.has_cancelled |= bool(cancelled)
    kept = {
        child
        for child, barrier, keeps, _lost in links
        if keeps or barrier and not search.is_open(barrier)
    }
    released = []
    if free := [child for child in children if child not in kept]:
        released = move_selected(cr, "release", FREE, {"children": free})
    return Followed(released, cancelled)


def _next_waiting(cr: Cursor, search: Search, most: int) -> list[int]:
    if not search.has_more:
        return []
    cr.execute(_SQL.waiting, {"after": search.after, "most": most})
    waiting = [row[0] for row in cr.fetchall()]
    search.has_more = len(waiting) == most
    search.after = waiting[-1] if waiting else 0
    return waiting


def _behind_opened(cr: Cursor, search: Search, most: int) -> list[int]:
    """Return some of the jobs that wait behind barriers which are open."""
    if not search.opened:
        return []
    rows, _through = _walk(cr, _SQL.walk_behind, search.opened, most)
    return [child for *_rest, waiting in rows for child in waiting or ()]


def _ask_fronts(
    cr: Cursor, search: Search, new: Collection[int], most: int
) -> set[int]:
    """Ask some of the jobs in front of barriers whether they keep others back.

    :param new: barriers of which no job was asked so far; those behind them are looked
        at once more where they do not turn out open at once
    :return: jobs because of which some that wait are to be cancelled
    """
    lost: set[int] = set()
    if not search.fronts:
        return lost
    rows, through = _walk(cr, _SQL.walk_fronts, search.fronts, most)
    for barrier, _last, _count, keeps, parents in rows:
        search.closed[barrier] |= keeps
        lost.update(parents or ())
    for barrier in through:
        if barrier not in new and not search.closed[barrier]:
            search.opened[barrier] = 0
    return lost


def _walk(
    cr: Cursor, statement: str, places: dict[int, int], most: int
) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Look at the next jobs on one side of barriers, in order of their ids.

    :param places: barriers, and the last job of each that was looked at. Goes on: who
        is through is taken out, who is not comes last.
    :return: rows that begin with barrier, last job, number of jobs; barriers that are
        through
    """
    asked = dict(islice(places.items(), most))
    params = {"barriers": list(asked), "after": list(asked.values()), "most": most}
    cr.execute(statement, params)
    rows = cr.fetchall()
    stops_at, last = None, 0
    if sum(row[2] for row in rows) == most:
        stops_at, last = rows[-1][:2]
    through = []
    for barrier in asked:
        del places[barrier]
        if barrier == stops_at:
            places[barrier] = last
            break
        through.append(barrier)
    return rows, through
