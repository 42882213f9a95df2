# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the nodes of a folded graph and the lines between them are drawn.

Columns from left to right: nodes in the even ones, and in the odd ones the dots that
stand for barriers. A line that passes a column of nodes bends there, so that it can be
led between them; lines that come from the same place share their bends. So each line
leads from a column to the next one that there is something in.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .graph import IfFailed, Join

SWEEPS = 4


class Line(NamedTuple):
    """A line between two places."""

    start: int
    end: int
    if_failed: IfFailed


class Drawing(NamedTuple):
    """Places are numbers: those of the nodes, then dots and bends.

    :param columns: places from top to bottom
    """

    columns: list[list[int]]
    dots: list[int]
    bends: list[int]
    lines: list[Line]


def draw(levels: Sequence[Sequence[int]], joins: Iterable[Join[int]]) -> Drawing:
    """Arrange nodes so that lines cross little.

    :param levels: numbers of nodes, from 0 on
    :param joins: of nodes; each leads to higher levels
    """
    board = _Board(levels)
    for join in joins:
        board.add(join)
    board.order()
    return Drawing(board.columns, board.dots, list(board.bends.values()), board.lines)


class _Board:
    def __init__(self, levels: Sequence[Sequence[int]]) -> None:
        self.columns: list[list[int]] = []
        for level in levels:
            self.columns += [list(level), []]
        del self.columns[-1:]
        self.column_of = {
            place: number
            for number, column in enumerate(self.columns)
            for place in column
        }
        self.dots: list[int] = []
        self.bends: dict[tuple[int, int, IfFailed], int] = {}
        self.lines: list[Line] = []
        self._known: set[Line] = set()

    def add(self, join: Join[int]) -> None:
        if not join.needs_barrier:
            for parent, child in join.edges():
                self._connect(parent, child, join.if_failed)
            return
        last = max(self.column_of[parent] for parent in join.parents)
        dot = self._place(last + 1)
        self.dots.append(dot)
        for parent in join.parents:
            self._connect(parent, dot, join.if_failed)
        for child in join.children:
            self._connect(dot, child, join.if_failed)

    def _place(self, column: int) -> int:
        place = len(self.column_of)
        self.column_of[place] = column
        self.columns[column].append(place)
        return place

    def _connect(self, start: int, end: int, if_failed: IfFailed) -> None:
        source, here = start, start
        for column in range(self.column_of[start] + 1, self.column_of[end]):
            if column % 2:
                continue
            key = (source, column, if_failed)
            if key not in self.bends:
                self.bends[key] = self._place(column)
            self._line(here, self.bends[key], if_failed)
            here = self.bends[key]
        self._line(here, end, if_failed)

    def _line(self, start: int, end: int, if_failed: IfFailed) -> None:
        line = Line(start, end, if_failed)
        if line not in self._known:
            self._known.add(line)
            self.lines.append(line)

    def order(self) -> None:
        """Put each place at the height, on average, of those it is connected with:
        first seen from the left, then from the right, and again."""
        before: dict[int, list[int]] = defaultdict(list)
        after: dict[int, list[int]] = defaultdict(list)
        for line in self.lines:
            before[line.end].append(line.start)
            after[line.start].append(line.end)
        height = {}
        for column in self.columns:
            height.update(_heights(column))
        for sweep in range(SWEEPS):
            columns = self.columns if sweep % 2 == 0 else self.columns[::-1]
            connected = before if sweep % 2 == 0 else after
            for column in columns:
                wanted = {
                    place: _mean([height[other] for other in connected[place]])
                    if connected[place]
                    else height[place]
                    for place in column
                }
                column.sort(key=wanted.__getitem__)
                height.update(_heights(column))


def _heights(column: Sequence[int]) -> dict[int, float]:
    """Distance from the middle of the column, where all columns are centred."""
    middle = (len(column) - 1) / 2
    return {place: number - middle for number, place in enumerate(column)}


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
