# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases without the addon get a look now and then, however many they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.discovery import AT_MOST, GROWTH, Rotation

NAMES = [f"db{number}" for number in range(20)]
#: Nothing happens in any of them.
QUIET = dict.fromkeys(NAMES, 1000)


def looked_into_all(names=NAMES, inserts=None):
    """A rotation of databases that were looked into once, when they were found."""
    rotation = Rotation()
    for name in names:
        rotation.looked_into(name, inserts or {})
    return rotation


def turn(rotation, inserts, names=NAMES):
    """One look at the server; whom it chooses is looked into."""
    chosen = rotation.choose(names, inserts)
    for name in chosen:
        rotation.looked_into(name, inserts)
    return chosen


def test_each_gets_its_turn_though_nothing_happens():
    rotation = looked_into_all(inserts=QUIET)
    assert [name for _turn in range(20) for name in turn(rotation, QUIET)] == sorted(
        NAMES
    )


@pytest.mark.parametrize("inserts", [{}, dict.fromkeys(NAMES, 0)])
def test_where_nothing_is_counted_turns_are_larger(inserts):
    rotation = looked_into_all()
    seen = [name for _turn in range(4) for name in turn(rotation, inserts)]
    assert set(seen) == set(NAMES)
    assert len(seen) == 4 * AT_MOST


def test_what_grew_as_by_an_installation_is_next():
    rotation = looked_into_all(inserts=QUIET)
    inserts = {**QUIET, "db13": 1000 + GROWTH}
    assert turn(rotation, inserts)[0] == "db13"
    assert "db13" not in turn(rotation, inserts), "it was looked into"


def test_daily_work_is_no_growth():
    rotation = looked_into_all(inserts=QUIET)
    assert "db13" not in turn(rotation, {**QUIET, "db13": 1000 + GROWTH - 1})
    inserts = {**QUIET, "db13": 1000 + GROWTH}
    assert "db13" in turn(rotation, inserts), "but it adds up"


def test_counters_that_began_anew_are_worth_a_look():
    rotation = looked_into_all(inserts=QUIET)
    inserts = {**QUIET, "db13": 3}
    assert turn(rotation, inserts)[0] == "db13"
    assert "db13" not in turn(rotation, inserts)


def test_what_is_dropped_is_forgotten():
    rotation = looked_into_all(["db1"], {"db1": 1000})
    rotation.forget("db1")
    rotation.forget("never seen")
    rotation.looked_into("db1", {"db1": 0})
    assert rotation.choose(["db1"], {"db1": GROWTH}) == ["db1"]


def test_nothing_to_choose_from_is_nothing():
    assert Rotation().choose([], {"db1": 5}) == []


@given(
    st.lists(
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10 * GROWTH)),
        min_size=1,
    )
)
def test_a_look_at_the_server_costs_a_bounded_number_of_connections(history):
    rotation = looked_into_all()
    for inserts in history:
        chosen = turn(rotation, inserts)
        assert len(set(chosen)) == len(chosen) <= AT_MOST


@given(st.sets(st.sampled_from(NAMES), min_size=1))
def test_growing_databases_do_not_keep_the_others_from_their_turn(busy):
    rotation = looked_into_all()
    seen = set()
    for number in range(1, 2 * len(NAMES) + 1):
        seen.update(turn(rotation, dict.fromkeys(busy, number * GROWTH)))
    assert seen == set(NAMES)
