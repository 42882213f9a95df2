# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A graph of many vertices as few nodes, for people to look at.

Vertices of one level that wait for the same and are waited for by the same, as far as
that can be told apart in the picture, become one node. However large and however
irregular a graph is, the number of nodes is bounded: what does not fit is folded more
coarsely.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from .graph import Graph, Join

Vertex = TypeVar("Vertex", bound=Hashable)
Key = Callable[[Vertex], Hashable]

#: Nodes of a level besides the one that is looked at.
LEVEL_SIZE = 8
#: Levels on each side of the one that is looked at, or more on one where the graph ends
#: on the other; what lies beyond is one node.
REACH = 8


class Folded(NamedTuple, Generic[Vertex]):
    """The graph of nodes. Every join leads to higher levels.

    :param nodes: the vertices in each node, in the order they were given
    :param levels: numbers of nodes
    :param joins: of numbers of nodes
    """

    nodes: list[tuple[Vertex, ...]]
    levels: list[list[int]]
    joins: list[Join[int]]


def fold(
    kinds: Mapping[Vertex, Hashable],
    joins: Sequence[Join[Vertex]],
    focus: Vertex,
    level_size: int = LEVEL_SIZE,
    reach: int = REACH,
) -> Folded[Vertex]:
    """Fold a graph around the vertex that is looked at, which stays apart.

    :param kinds: every vertex; those of different kinds share a node only where there
        are too many kinds
    :param joins: of these vertices; where they wait for each other in a circle, some
        of it is left out
    """
    graph: Graph[Vertex] = Graph()
    for vertex in kinds:
        graph.add_vertex(vertex)
    for join in joins:
        graph.add_join(join)
    window = _Window(_depths(graph), focus, reach)
    keys = (_shapes(kinds, joins, window.depth, focus).__getitem__, kinds.__getitem__)
    place = {vertex: number for number, vertex in enumerate(kinds)}
    nodes: list[tuple[Vertex, ...]] = []
    levels = []
    for vertices, is_beyond in window.levels():
        parts = [tuple(vertices)]
        if not is_beyond:
            others = [vertex for vertex in vertices if vertex != focus]
            parts = _parts(others, (*keys, _all_alike), level_size)
            parts += [(focus,)] if len(others) < len(vertices) else []
        parts.sort(key=lambda part: place[part[0]])
        levels.append(list(range(len(nodes), len(nodes) + len(parts))))
        nodes += parts
    return Folded(nodes, levels, _joins_between(nodes, levels, joins))


class _Window(Generic[Vertex]):
    """The levels around the focus: what is too far away has one depth on each side."""

    def __init__(self, depth: Mapping[Vertex, int], focus: Vertex, reach: int) -> None:
        deepest = max(depth.values())
        self._first = max(0, min(depth[focus] - reach, deepest - 2 * reach))
        self._last = self._first + 2 * reach
        self.depth = {
            vertex: min(max(number, self._first - 1), self._last + 1)
            for vertex, number in depth.items()
        }

    def levels(self) -> Iterator[tuple[list[Vertex], bool]]:
        """Return the vertices of each depth, and whether it lies beyond."""
        by_depth: dict[int, list[Vertex]] = defaultdict(list)
        for vertex, number in self.depth.items():
            by_depth[number].append(vertex)
        for number, vertices in sorted(by_depth.items()):
            yield vertices, not self._first <= number <= self._last


def _depths(graph: Graph[Vertex]) -> dict[Vertex, int]:
    """Tell how many others come before each vertex, on the longest way to it."""
    try:
        order = graph.topological_order()
    except ValueError:  # a circle: any order will do, none is released anyway
        order = graph.vertices()
    depth = dict.fromkeys(order, 0)
    joins = graph.joins()
    leading: dict[Vertex, list[int]] = defaultdict(list)
    for number, join in enumerate(joins):
        for parent in join.parents:
            leading[parent].append(number)
    open_parents = [len(join.parents) for join in joins]
    reached = [0] * len(joins)
    for vertex in order:
        for number in leading[vertex]:
            reached[number] = max(reached[number], depth[vertex] + 1)
            open_parents[number] -= 1
            if not open_parents[number]:
                for child in joins[number].children:
                    depth[child] = max(depth[child], reached[number])
    return depth


def _shapes(
    kinds: Mapping[Vertex, Hashable],
    joins: Sequence[Join[Vertex]],
    depth: Mapping[Vertex, int],
    focus: Vertex,
) -> dict[Vertex, tuple[int, int]]:
    """Return what can be told of a vertex from what comes before and after it. The
    focus is unlike all others, hence those on the way to it and from it are, too."""
    marked = {vertex: (kind, vertex == focus) for vertex, kind in kinds.items()}
    mirrored = [Join(join.children, join.parents, join.if_failed) for join in joins]
    forward = sorted(kinds, key=depth.__getitem__)
    before = _histories(marked, joins, forward)
    after = _histories(marked, mirrored, forward[::-1])
    return {vertex: (before[vertex], after[vertex]) for vertex in kinds}


def _histories(
    marked: Mapping[Vertex, Hashable],
    joins: Iterable[Join[Vertex]],
    order: Iterable[Vertex],
) -> dict[Vertex, int]:
    """Return a number per vertex: the same for those of one kind that have the same
    behind them, whatever the count."""
    entering: dict[Vertex, list[Join[Vertex]]] = defaultdict(list)
    for join in joins:
        for child in join.children:
            entering[child].append(join)
    seen: dict[Hashable, int] = {}
    of_join: dict[int, Hashable] = {}
    found: dict[Vertex, int] = {}
    for vertex in order:
        past = set()
        for join in entering[vertex]:
            if id(join) not in of_join:
                parents = frozenset(found.get(parent) for parent in join.parents)
                of_join[id(join)] = (join.if_failed, parents)
            past.add(of_join[id(join)])
        history = (marked[vertex], frozenset(past))
        found[vertex] = seen.setdefault(history, len(seen))
    return found


def _all_alike(_vertex: object) -> None:
    return None


def _parts(
    vertices: Sequence[Vertex], keys: Iterable[Key[Vertex]], size: int
) -> list[tuple[Vertex, ...]]:
    """Return the vertices of a level, sorted into at most ``size`` parts by the finest
    key that allows it; then small parts are taken apart as long as there is room."""
    parts: list[tuple[Vertex, ...]] = []
    for key in keys:
        sorted_out: dict[Hashable, list[Vertex]] = defaultdict(list)
        for vertex in vertices:
            sorted_out[key(vertex)].append(vertex)
        parts = [tuple(part) for part in sorted_out.values()]
        if len(parts) <= size:
            break
    room = size - len(parts)
    apart = set()
    for number, part in sorted(enumerate(parts), key=lambda item: len(item[1])):
        room -= len(part) - 1
        if room < 0:
            break
        apart.add(number)
    return [
        piece
        for number, part in enumerate(parts)
        for piece in ([(vertex,) for vertex in part] if number in apart else [part])
    ]


def _joins_between(
    nodes: Sequence[tuple[Vertex, ...]],
    levels: Iterable[Iterable[int]],
    joins: Iterable[Join[Vertex]],
) -> list[Join[int]]:
    """Each join of nodes once; what does not lead to a higher level is left out."""
    node_of = {vertex: number for number, node in enumerate(nodes) for vertex in node}
    level_of = {number: at for at, level in enumerate(levels) for number in level}
    found: dict[Join[int], None] = {}
    for join in joins:
        parents = sorted({node_of[parent] for parent in join.parents})
        children = sorted({node_of[child] for child in join.children})
        last = max(level_of[parent] for parent in parents)
        if all(last < level_of[child] for child in children):
            found.setdefault(Join(tuple(parents), tuple(children), join.if_failed))
            continue
        for parent in parents:
            for child in children:
                if level_of[parent] < level_of[child]:
                    found.setdefault(Join((parent,), (child,), join.if_failed))
    return list(found)
