# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nodes are arranged, and lines lead from each to those that wait for it."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.graph.graph import IfFailed, Join
from odoo.addons.queue_job.core.graph.layout import draw


def columns_of(drawing):
    return {place: at for at, column in enumerate(drawing.columns) for place in column}


def reached(drawing, count):
    """(node, node, policy) that lines connect, without another node in between."""
    leading = defaultdict(list)
    for line in drawing.lines:
        leading[line.start].append(line)
    found = set()
    for node in range(count):
        waiting = list(leading[node])
        for line in waiting:  # grows while it is walked
            if line.end < count:
                found.add((node, line.end, line.if_failed))
            else:
                waiting += [
                    on for on in leading[line.end] if on.if_failed == line.if_failed
                ]
    return found


def test_two_groups_meet_in_a_dot():
    drawing = draw([[0, 1, 2], [3, 4, 5]], [Join((0, 1, 2), (3, 4, 5))])
    [dot] = drawing.dots
    assert drawing.columns[1] == [dot]
    assert len(drawing.lines) == 6


def test_a_line_past_a_node_bends_beside_it():
    joins = [Join((0,), (1,)), Join((1,), (2,)), Join((0,), (2,))]
    drawing = draw([[0], [1], [2]], joins)
    [bend] = drawing.bends
    assert sorted(drawing.columns[2]) == [1, bend]
    assert {line[:2] for line in drawing.lines} == {
        (0, 1), (1, 2), (0, bend), (bend, 2),
    }  # fmt: skip


def test_lines_that_can_be_parallel_do_not_cross():
    joins = [Join((0,), (5,)), Join((1,), (4,)), Join((2,), (3,))]
    drawing = draw([[0, 1, 2], [3, 4, 5]], joins)
    first, _between, second = drawing.columns
    assert [{0: 5, 1: 4, 2: 3}[place] for place in first] == second


def test_a_lone_node_is_drawn():
    drawing = draw([[0]], [])
    assert drawing.columns == [[0]]
    assert drawing.lines == []


@st.composite
def levels_and_joins(draw_one):
    widths = draw_one(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    levels, number = [], 0
    for width in widths:
        levels.append(list(range(number, number + width)))
        number += width
    joins = []
    if len(levels) > 1:
        for _n in range(draw_one(st.integers(0, 8))):
            cut = draw_one(st.integers(1, len(levels) - 1))
            before = st.sampled_from([n for level in levels[:cut] for n in level])
            after = st.sampled_from([n for level in levels[cut:] for n in level])
            sides = [
                tuple(sorted(draw_one(st.sets(side, min_size=1, max_size=5))))
                for side in (before, after)
            ]
            joins.append(Join(*sides, draw_one(st.sampled_from(IfFailed))))
    return levels, joins


@given(levels_and_joins())
def test_lines_connect_what_is_joined_and_nothing_else(drawn):
    levels, joins = drawn
    drawing = draw(levels, joins)
    wanted = {(*edge, join.if_failed) for join in joins for edge in join.edges()}
    assert reached(drawing, sum(map(len, levels))) == wanted


@given(levels_and_joins())
def test_each_place_is_in_one_column_and_lines_lead_to_the_next(drawn):
    levels, joins = drawn
    drawing = draw(levels, joins)
    column_of = columns_of(drawing)
    places = [place for column in drawing.columns for place in column]
    assert sorted(places) == list(range(len(places)))
    assert all(
        set(level) <= set(column)
        for level, column in zip(levels, drawing.columns[::2], strict=True)
    )
    assert {p for column in drawing.columns[1::2] for p in column} == set(drawing.dots)
    for line in drawing.lines:
        assert 1 <= column_of[line.end] - column_of[line.start] <= 2
    assert len(drawing.lines) == len(set(drawing.lines))
