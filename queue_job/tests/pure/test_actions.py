# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users may do to many jobs at once, and to which."""

import pytest

from odoo.addons.queue_job.core.actions import (
    CHANGES,
    MOVES,
    Operation,
    sources,
    written,
)
from odoo.addons.queue_job.core.states import DISPATCHED, TRANSITIONS, UNDER_WAY, State


def test_each_operation_either_moves_jobs_or_changes_them():
    others = {Operation.STOP}  # moves those that wait, asks those that run
    assert MOVES.keys() | CHANGES.keys() | others == set(Operation)
    assert not MOVES.keys() & CHANGES.keys()


@pytest.mark.parametrize("operation", MOVES)
def test_moves_are_those_of_people(operation):
    transition = TRANSITIONS[operation.value]
    assert transition.made_by == "person"
    assert sources(operation) == transition.sources


@pytest.mark.parametrize("operation", Operation)
def test_no_operation_writes_the_row_of_a_job_that_runs(operation):
    assert State.STARTED not in written(operation)
    assert written(operation) <= sources(operation)


def test_only_to_stop_concerns_a_job_that_runs():
    running = {one for one in Operation if State.STARTED in sources(one)}
    assert running == {Operation.STOP}
    assert sources(Operation.STOP) == UNDER_WAY


@pytest.mark.parametrize("operation", CHANGES)
def test_changes_leave_alone_what_is_dispatched_or_over(operation):
    assert not sources(operation) & (DISPATCHED | {State.DONE, State.CANCELLED})
