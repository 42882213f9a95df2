# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users may do to many jobs at once, and to which."""

import pytest

from odoo.addons.queue_job.core.actions import CHANGES, MOVES, Operation, sources
from odoo.addons.queue_job.core.states import DISPATCHED, TRANSITIONS, State


def test_each_operation_either_moves_jobs_or_changes_them():
    assert MOVES.keys() | CHANGES.keys() == set(Operation)
    assert not MOVES.keys() & CHANGES.keys()


@pytest.mark.parametrize("operation", MOVES)
def test_moves_are_those_of_people(operation):
    transition = TRANSITIONS[operation.value]
    assert transition.made_by == "person"
    assert sources(operation) == transition.sources


@pytest.mark.parametrize("operation", Operation)
def test_no_operation_concerns_a_job_that_runs(operation):
    assert State.STARTED not in sources(operation)


@pytest.mark.parametrize("operation", CHANGES)
def test_changes_leave_alone_what_is_dispatched_or_over(operation):
    assert not sources(operation) & (DISPATCHED | {State.DONE, State.CANCELLED})
