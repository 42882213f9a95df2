# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who waits for whom.

A *join* is a set of parents and a set of children, each child waiting for all of the
parents. Groups of N and M calls that follow each other are one join, never N x M
edges: everything here is linear in the number of calls and joins.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

#: So many parents can be asked one by one.
MOST_PARENTS_ASKED = 8

Vertex = TypeVar("Vertex", bound=Hashable)


class IfFailed(str, Enum):
    """What becomes of a waiting job when a job it waits for fails."""

    WAIT = "wait"
    CANCEL = "cancel"
    RUN = "run"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Join(Generic[Vertex]):
    """Every child waits for every parent."""

    parents: tuple[Vertex, ...]
    children: tuple[Vertex, ...]
    if_failed: IfFailed = IfFailed.WAIT

    @property
    def needs_barrier(self) -> bool:
        """Whether a node in between takes fewer edges than linking all with all, or
        spares asking many parents one by one."""
        parents, children = len(self.parents), len(self.children)
        return parents > MOST_PARENTS_ASKED or parents * children > parents + children

    def edges(self) -> Iterator[tuple[Vertex, Vertex]]:
        """(parent, child), all of them."""
        for parent in self.parents:
            for child in self.children:
                yield parent, child


class Graph(Generic[Vertex]):
    """A directed graph; vertices and edges keep the order they were added in."""

    def __init__(self) -> None:
        self._vertices: dict[Vertex, None] = {}
        self._joins: list[Join[Vertex]] = []

    def add_vertex(self, vertex: Vertex) -> None:
        self._vertices.setdefault(vertex)

    def add_edge(self, parent: Vertex, child: Vertex) -> None:
        self.add_join(Join((parent,), (child,)))

    def add_join(self, join: Join[Vertex]) -> None:
        for vertex in (*join.parents, *join.children):
            self.add_vertex(vertex)
        self._joins.append(join)

    def vertices(self) -> list[Vertex]:
        return list(self._vertices)

    def joins(self) -> list[Join[Vertex]]:
        return list(self._joins)

    def edges(self) -> Iterator[tuple[Vertex, Vertex]]:
        """(parent, child); may be many more than there are joins."""
        for join in self._joins:
            yield from join.edges()

    def root_vertices(self) -> list[Vertex]:
        """Return the vertices that wait for no other."""
        children = {child for join in self._joins for child in join.children}
        return [vertex for vertex in self._vertices if vertex not in children]

    def topological_order(self) -> list[Vertex]:
        """Each vertex after those it waits for, as early as the order allows.

        :raise ValueError: when vertices wait for each other
        """
        entries: dict[Vertex, int] = dict.fromkeys(self._vertices, 0)
        leading: dict[Vertex, list[int]] = defaultdict(list)
        open_parents = []
        for number, join in enumerate(self._joins):
            open_parents.append(len(join.parents))
            for child in join.children:
                entries[child] += 1
            for parent in join.parents:
                leading[parent].append(number)
        order = [vertex for vertex, count in entries.items() if not count]
        for vertex in order:  # grows while it is walked
            for number in leading[vertex]:
                open_parents[number] -= 1
                if open_parents[number]:
                    continue
                for child in self._joins[number].children:
                    entries[child] -= 1
                    if not entries[child]:
                        order.append(child)
        if len(order) < len(self._vertices):
            _refuse_cycle(self._vertices, order)
        return order


def _refuse_cycle(vertices: Iterable[Vertex], ordered: Iterable[Vertex]) -> None:
    placed = set(ordered)
    stuck = [repr(vertex) for vertex in vertices if vertex not in placed]
    raise ValueError(
        "These wait for each other in a circle, so that none could ever start:"
        f" {', '.join(stuck[:5])}{' ...' if len(stuck) > 5 else ''}"
    )
