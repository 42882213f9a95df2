# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Groups and chains of calls, nested as one likes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.graph.composition import Element, Follower, build
from odoo.addons.queue_job.core.graph.graph import IfFailed


class Call(Element):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def __repr__(self):
        return self.name


class Group(Element):
    def __init__(self, *members):
        super().__init__()
        self._members = members

    @property
    def members(self):
        return self._members


class Chain(Group):
    is_sequence = True


def follow(element, *others, if_failed=IfFailed.WAIT):
    element.followers += [Follower(other, if_failed) for other in others]
    return element


def edges(top):
    return sorted(f"{parent}{child}" for parent, child in build(top).edges())


a, b, c, d, e = (Call(name) for name in "abcde")


@pytest.fixture(autouse=True)
def unlinked():
    yield
    for call in (a, b, c, d, e):
        call.followers.clear()


def test_the_members_of_a_chain_follow_each_other():
    assert edges(Chain(a, b, c)) == ["ab", "bc"]


def test_the_members_of_a_group_do_not():
    graph = build(Group(a, b))
    assert (graph.vertices(), list(graph.edges())) == ([a, b], [])


def test_groups_in_a_chain_follow_each_other_as_a_whole():
    assert edges(Chain(Group(a, b), Group(c, d))) == ["ac", "ad", "bc", "bd"]


def test_a_chain_at_the_end_of_a_chain_is_followed_from_its_last_member():
    assert edges(follow(Chain(a, Chain(b, c)), d)) == ["ab", "bc", "cd"]


def test_a_chain_at_the_beginning_of_a_chain_is_led_from_its_first_member():
    assert edges(follow(a, Chain(Chain(b, c), d))) == ["ab", "bc", "cd"]


def test_what_follows_a_group_follows_all_of_it():
    assert edges(follow(Group(a, Chain(b, c)), d)) == ["ad", "bc", "cd"]


def test_what_follows_a_member_is_no_part_of_the_group():
    assert edges(follow(Group(follow(a, b), c), d)) == ["ab", "ad", "cd"]


def test_a_call_may_follow_several():
    follow(a, b, c)
    follow(b, d)
    follow(c, d)
    assert edges(a) == ["ab", "ac", "bd", "cd"]


def test_nothing_above_the_top_is_reached():
    follow(a, b)
    assert edges(follow(b, c)) == ["bc"]


@pytest.mark.parametrize(
    "top", [Group(), Chain(), Chain(a, Group()), Group(a, Chain())]
)
def test_an_empty_element_is_refused(top):
    with pytest.raises(ValueError, match="is empty"):
        build(top)


@pytest.mark.parametrize(
    "make",
    [
        lambda: follow(a, a),
        lambda: Chain(a, b, a),
        lambda: follow(a, follow(b, a)),
        lambda: follow(Group(a, b), Chain(c, a)),
    ],
)
def test_a_circle_is_refused(make):
    with pytest.raises(ValueError, match="wait for each other"):
        build(make())


def test_each_link_says_what_a_failure_means():
    follow(a, b)
    follow(a, c, if_failed=IfFailed.RUN)
    policies = {join.children: join.if_failed for join in build(a).joins()}
    assert policies == {(b,): IfFailed.WAIT, (c,): IfFailed.RUN}


def test_inside_of_what_ends_anyway_nothing_waits_for_a_failed_call():
    top = Chain(Group(Chain(a, b), c), d)
    top.ends_anyway = True
    assert {join.if_failed for join in build(top).joins()} == {IfFailed.CANCEL}


def test_depth_is_no_obstacle():
    deep = wide = Call("0")
    for number in range(1, 3000):
        deep = Chain(deep, Call(str(number)))
    for number in range(1, 3000):
        following = Call(str(number))
        follow(wide, following)
        wide = following
    assert len(build(deep).vertices()) == 5999


def naive_heads(element):
    if isinstance(element, Call):
        return {element}
    inside = element.members[:1] if element.is_sequence else element.members
    return set().union(*map(naive_heads, inside))


def naive_tails(element):
    if isinstance(element, Call):
        return {element}
    inside = element.members[-1:] if element.is_sequence else element.members
    return set().union(*map(naive_tails, inside))


def naive_edges(element):
    if isinstance(element, Call):
        return set()
    found = set().union(*map(naive_edges, element.members))
    if element.is_sequence:
        for previous, following in zip(
            element.members, element.members[1:], strict=False
        ):
            heads = naive_heads(following)
            found |= {(tail, head) for tail in naive_tails(previous) for head in heads}
    return found


nested = st.recursive(
    st.builds(lambda: Call("x")),
    lambda inner: st.builds(
        lambda kind, members: kind(*members),
        st.sampled_from([Group, Chain]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


@given(nested)
def test_any_nesting_gives_the_edges_of_the_plain_rules(top):
    assert set(build(top).edges()) == naive_edges(top)
