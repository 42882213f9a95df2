# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Graphs: who is first, who is last, and circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.graph.graph import Graph, Join


def graph_of(*edges):
    graph = Graph()
    for parent, child in edges:
        graph.add_edge(parent, child)
    return graph


def test_a_vertex_comes_after_all_it_waits_for():
    graph = graph_of("bd", "ab", "ac", "cd")
    order = graph.topological_order()
    assert order[0] == "a"
    assert order[-1] == "d"


def test_the_roots_wait_for_nobody():
    graph = graph_of("ac", "bc")
    graph.add_vertex("d")
    assert graph.root_vertices() == ["a", "b", "d"]


@pytest.mark.parametrize("edges", [["aa"], ["ab", "ba"], ["xa", "ab", "bc", "ca"]])
def test_a_circle_is_refused_by_name(edges):
    with pytest.raises(ValueError, match="wait for each other.*'a'"):
        graph_of(*edges).topological_order()


def test_large_groups_that_follow_each_other_are_one_join():
    graph = Graph()
    graph.add_join(Join(tuple(range(5000)), tuple(range(5000, 10000))))
    assert len(graph.joins()) == 1
    assert graph.topological_order() == list(range(10000))


@pytest.mark.parametrize(
    ("parents", "children", "expected"),
    [
        (1, 9, False),
        (8, 1, False),
        (9, 1, True),
        (2, 2, False),
        (2, 3, True),
        (9, 9, True),
    ],
)
def test_a_barrier_is_wanted_where_it_saves_something(parents, children, expected):
    join = Join(tuple(range(parents)), tuple(range(10, 10 + children)))
    assert join.needs_barrier is expected


@st.composite
def joins(draw):
    """Joins among 12 vertices that lead from smaller to greater ones."""
    subsets = st.sets(st.integers(0, 11), min_size=2, max_size=6)
    made = []
    for numbers in draw(st.lists(subsets, max_size=8)):
        ordered = sorted(numbers)
        cut = draw(st.integers(1, len(ordered) - 1))
        made.append(Join(tuple(ordered[:cut]), tuple(ordered[cut:])))
    return made


@given(joins())
def test_every_edge_points_forward_in_the_order(drawn):
    graph = Graph()
    for join in drawn:
        graph.add_join(join)
    order = graph.topological_order()
    place = {vertex: position for position, vertex in enumerate(order)}
    assert sorted(order) == sorted(graph.vertices())
    assert all(place[parent] < place[child] for parent, child in graph.edges())
