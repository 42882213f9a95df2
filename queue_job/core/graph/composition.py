# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How single calls are put together into groups and chains, and the graph of it.

The *heads* of an element are the calls that start first in it, its *tails* those that
end last; what follows an element waits for all of its tails.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .graph import Graph, IfFailed, Join


class Element:
    """Something that other things can follow: one call, or a group or chain of
    elements."""

    #: Whether each member waits for the one before it.
    is_sequence = False
    #: Whether what can no longer run inside is cancelled, so that all of it ends.
    ends_anyway = False

    def __init__(self) -> None:
        self.followers: list[Follower] = []

    @property
    def members(self) -> "Sequence[Element] | None":
        """The elements inside; ``None`` for a single call."""
        return None


class Follower(NamedTuple):
    """An element that starts after another one."""

    element: Element
    if_failed: IfFailed


class _Ends(NamedTuple):
    heads: tuple[Element, ...]
    tails: tuple[Element, ...]


def build(top: Element) -> Graph[Element]:
    """Return the graph of the single calls that are inside ``top`` or follow from it.

    :raise ValueError: for an element without any call, and for a circle
    """
    ends: dict[Element, _Ends] = {}
    graph: Graph[Element] = Graph()
    elements = _reachable(top)
    for element in elements:
        if element.members is None:
            graph.add_vertex(element)
    for element in _members_first(elements):
        ends[element] = _ends_of(element, ends)
    for element, ends_anyway in elements.items():
        for join in _joins_of(element, ends_anyway, ends):
            graph.add_join(join)
    graph.topological_order()
    return graph


def _reachable(top: Element) -> dict[Element, bool]:
    """Every element to be reached downwards, in the order it was written; the value
    tells whether it, or one it is inside of, ends anyway."""
    found: dict[Element, bool] = {}
    waiting = [(top, top.ends_anyway)]
    while waiting:
        element, ends_anyway = waiting.pop()
        if element in found and (found[element] or not ends_anyway):
            continue
        found[element] = ends_anyway
        following = [(f.element, f.element.ends_anyway) for f in element.followers]
        inside = [(m, ends_anyway or m.ends_anyway) for m in element.members or ()]
        waiting += reversed([*inside, *following])
    return found


def _members_first(elements: dict[Element, bool]) -> Iterator[Element]:
    """Each element after those inside of it, however deep they are nested.

    :raise ValueError: for an element that is inside of itself
    """
    nesting: Graph[Element] = Graph()
    for element in elements:
        nesting.add_vertex(element)
        for member in element.members or ():
            nesting.add_edge(member, element)
    yield from nesting.topological_order()


def _ends_of(element: Element, ends: dict[Element, _Ends]) -> _Ends:
    members = element.members
    if members is None:
        return _Ends((element,), (element,))
    if not members:
        raise ValueError(f"{element!r} is empty: there is nothing to delay in it")
    if element.is_sequence:
        return _Ends(ends[members[0]].heads, ends[members[-1]].tails)
    heads = (head for member in members for head in ends[member].heads)
    tails = (tail for member in members for tail in ends[member].tails)
    return _Ends(tuple(dict.fromkeys(heads)), tuple(dict.fromkeys(tails)))


def _joins_of(
    element: Element, ends_anyway: bool, ends: dict[Element, _Ends]
) -> Iterator[Join[Element]]:
    if element.is_sequence and element.members:
        inner = IfFailed.CANCEL if ends_anyway else IfFailed.WAIT
        for previous, following in zip(
            element.members, element.members[1:], strict=False
        ):
            yield Join(ends[previous].tails, ends[following].heads, inner)
    for if_failed in IfFailed:  # followers of one kind share a join
        heads = dict.fromkeys(
            head
            for follower in element.followers
            if follower.if_failed == if_failed
            for head in ends[follower.element].heads
        )
        if heads:
            yield Join(ends[element].tails, tuple(heads), if_failed)
