# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a job and the moves between them."""

import itertools

import pytest

from odoo.addons.queue_job.core.states import (
    DISPATCHED,
    FINAL,
    NOT_DONE,
    TRANSITIONS,
    WAITING,
    State,
    is_legal,
)

NEW = {State.PENDING, State.WAIT_DEPENDENCIES}
LEGAL = {
    "wait_dependencies": "pending started done cancelled failed",
    "pending": "wait_dependencies enqueued started done cancelled failed",
    "enqueued": "pending started done cancelled failed",
    "started": "pending done cancelled failed",
    "done": "pending wait_dependencies",
    "cancelled": "pending wait_dependencies",
    "failed": "pending wait_dependencies done cancelled",
}


@pytest.mark.parametrize(("source", "target"), list(itertools.product(State, State)))
def test_the_moves_that_are_legal(source, target):
    expected = source == target or target in LEGAL[source].split()
    assert is_legal(source, target) is expected


def reached(start, steps):
    found, edge = set(start), set(start)
    while edge:
        edge = {target for source in edge for target in steps(source)} - found
        found |= edge
    return found


def targets(source):
    return {t.target for t in TRANSITIONS.values() if source in t.sources}


def test_every_state_can_be_reached_by_a_new_job():
    assert reached(NEW, targets) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state):
    assert State.DONE in reached([state], targets)


@pytest.mark.parametrize("state", set(State) - FINAL)
def test_no_unfinished_job_depends_on_a_person(state):
    def by_itself(source):
        moves = TRANSITIONS.values()
        own = [t for t in moves if t.made_by in ("runner", "worker")]
        return {t.target for t in own if source in t.sources}

    assert FINAL & reached([state], by_itself)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_a_move_is_well_formed(name):
    move = TRANSITIONS[name]
    assert move.name == name
    assert move.sources - {move.target}
    assert move.made_by in ("runner", "worker", "person", "add-on")
    changed = move.stamped + move.cleared + move.counted
    assert len(set(changed)) == len(changed)
    assert all(column.startswith("date_") for column in move.stamped)


def test_only_the_one_who_was_handed_the_job_ends_a_started_one():
    """... or who finds it dead, when it was to be stopped: it must not run again."""
    enders = {
        (t.made_by, t.target)
        for t in TRANSITIONS.values()
        if State.STARTED in t.sources and t.target in FINAL
    }
    by_worker = {("worker", state) for state in FINAL}
    assert enders == by_worker | {("runner", State.CANCELLED)}


def test_the_groups_of_states():
    assert DISPATCHED == {"enqueued", "started"}
    assert FINAL == {"done", "cancelled", "failed"}
    assert WAITING == {"wait_dependencies", "pending", "enqueued"}
    assert NOT_DONE == set(State) - {"done", "cancelled"}


def test_a_state_is_its_text_wherever_it_goes():
    assert str(State.PENDING) == f"{State.PENDING}" == "pending"
    assert State("failed") is State.FAILED
