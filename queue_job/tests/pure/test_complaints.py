# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A problem that comes with every request does not fill the log."""

from odoo.addons.queue_job.core.complaints import TOLD_AGAIN_AFTER, Complaints


def test_a_problem_is_told_once_and_counted_until_it_is_told_again():
    complaints = Complaints()
    told = [complaints.times("refused", second) for second in range(3)]
    assert told == [1, 0, 0]
    assert complaints.times("refused", TOLD_AGAIN_AFTER) == 3
    assert complaints.times("refused", TOLD_AGAIN_AFTER + 1) == 0


def test_another_problem_is_told_at_once():
    complaints = Complaints()
    assert complaints.times("refused", 0) == complaints.times("timed out", 0) == 1


def test_problems_that_are_over_are_forgotten():
    complaints = Complaints()
    for number in range(1000):
        complaints.times(f"HTTP 500 {number}", number * TOLD_AGAIN_AFTER)
    assert len(complaints._told) == 1
