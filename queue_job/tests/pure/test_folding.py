# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Large graphs are folded into few nodes that still tell who waits for whom."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.graph.folding import fold
from odoo.addons.queue_job.core.graph.graph import IfFailed, Join

VERTICES = 40


def sizes(folded):
    """How many vertices are in each node, level by level."""
    return [
        sorted(len(folded.nodes[number]) for number in level) for level in folded.levels
    ]


def edges(joins):
    return {(*edge, join.if_failed) for join in joins for edge in join.edges()}


def test_a_small_graph_is_shown_as_it_is():
    joins = [Join(("a",), ("b", "c"))]
    folded = fold(dict.fromkeys("abc", "export"), joins, "c")
    assert folded.nodes == [("a",), ("b",), ("c",)]
    assert folded.levels == [[0], [1, 2]]
    assert edges(folded.joins) == {(0, 1, IfFailed.WAIT), (0, 2, IfFailed.WAIT)}


def test_groups_that_follow_each_other_are_a_node_each():
    joins = [Join(tuple(range(5000)), tuple(range(5000, 10000)))]
    folded = fold(dict.fromkeys(range(10000), "export"), joins, 17)
    assert sizes(folded) == [[1, 4999], [5000]]
    assert folded.joins == [Join((0, 1), (2,))]


def test_what_is_done_to_a_few_stays_apart_from_the_many():
    joins = [Join((0,), tuple(range(1, 1001))), Join((7,), (1001,))]
    kinds = {**dict.fromkeys(range(1002), "export"), 8: "print", 9: "print"}
    assert sizes(fold(kinds, joins, 0)) == [[1], [1, 1, 1, 997], [1]]


def test_chains_side_by_side_are_folded_and_the_own_one_stays_apart():
    chains = [("a", n) for n in range(1000)], [("b", n) for n in range(1000)]
    joins = [Join((a,), (b,)) for a, b in zip(*chains, strict=True)]
    folded = fold({v: v[0] for v in sum(chains, [])}, joins, ("b", 3))
    assert sizes(folded) == [[1, 999], [1, 999]]
    own = folded.nodes.index((("a", 3),)), folded.nodes.index((("b", 3),))
    assert Join(own[:1], own[1:]) in folded.joins
    assert len(folded.joins) == 2


def test_of_a_long_chain_the_surroundings_are_shown():
    joins = [Join((n,), (n + 1,)) for n in range(999)]
    kinds = dict.fromkeys(range(1000), "export")
    assert sizes(fold(kinds, joins, 500, reach=2)) == [
        [498], *[[1]] * 5, [497],
    ]  # fmt: skip
    assert sizes(fold(kinds, joins, 1, reach=2)) == [*[[1]] * 5, [995]]
    assert sizes(fold(kinds, joins, 999, reach=2)) == [[995], *[[1]] * 5]


def test_jobs_in_a_circle_are_shown_all_the_same():
    joins = [Join(("a",), ("b",)), Join(("b",), ("a",)), Join(("b",), ("c",))]
    folded = fold(dict.fromkeys("abc", "export"), joins, "a")
    assert sorted(folded.nodes) == [("a",), ("b",), ("c",)]


@st.composite
def graphs(draw):
    """Vertices of three kinds, and joins from smaller to greater ones."""
    kinds = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=VERTICES))
    joins = []
    if len(kinds) > 1:
        numbers = st.sets(st.integers(0, len(kinds) - 1), min_size=2, max_size=12)
        for drawn in draw(st.lists(numbers, max_size=20)):
            ordered = sorted(drawn)
            cut = draw(st.integers(1, len(ordered) - 1))
            policy = draw(st.sampled_from(IfFailed))
            joins.append(Join(tuple(ordered[:cut]), tuple(ordered[cut:]), policy))
    focus = draw(st.integers(0, len(kinds) - 1))
    return dict(enumerate(kinds)), joins, focus


@given(graphs(), st.integers(1, 6), st.integers(0, 4))
def test_every_vertex_is_in_one_node_and_nodes_are_few(graph, size, reach):
    kinds, joins, focus = graph
    folded = fold(kinds, joins, focus, size, reach)
    assert sorted(v for node in folded.nodes for v in node) == sorted(kinds)
    assert sorted(n for level in folded.levels for n in level) == list(
        range(len(folded.nodes))
    )
    assert (focus,) in folded.nodes
    assert len(folded.levels) <= 2 * reach + 3
    assert all(len(level) <= size + 1 for level in folded.levels)


@given(graphs(), st.integers(1, 6), st.integers(0, 4))
def test_nodes_are_joined_where_their_vertices_are(graph, size, reach):
    kinds, joins, focus = graph
    folded = fold(kinds, joins, focus, size, reach)
    node_of = {v: number for number, node in enumerate(folded.nodes) for v in node}
    wanted = {(node_of[p], node_of[c], policy) for p, c, policy in edges(joins)}
    assert edges(folded.joins) == {edge for edge in wanted if edge[0] != edge[1]}
    level_of = {n: at for at, level in enumerate(folded.levels) for n in level}
    assert all(level_of[p] < level_of[c] for p, c, _policy in wanted if p != c)


@given(graphs())
def test_with_room_for_all_nothing_is_folded(graph):
    folded = fold(*graph, level_size=VERTICES, reach=VERTICES)
    assert all(len(node) == 1 for node in folded.nodes)
