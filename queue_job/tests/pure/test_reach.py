# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a runner doubts whether it can reach Odoo."""

from odoo.addons.queue_job.core.runner.reach import (
    DOUBTED_AFTER,
    LONGEST_SILENCE,
    REFUSAL_LIFE,
    REVIEW_INTERVAL,
    Reach,
)

NEVER = float("inf")


def test_who_asks_nothing_doubts_nothing():
    reach = Reach()
    assert reach.next_review == NEVER
    reach.heard(5.0)
    reach.reviewed(5.0 + DOUBTED_AFTER, waits=False)
    assert reach.next_review == NEVER


def test_silence_counts_from_the_first_request_or_the_last_answer():
    reach = Reach()
    reach.asked(10.0)
    reach.asked(12.0)
    assert reach.next_review == 10.0 + DOUBTED_AFTER
    reach.heard(13.0)
    reach.asked(14.0)
    assert reach.next_review == 13.0 + DOUBTED_AFTER


def test_a_doubt_is_reviewed_again_and_ends_with_an_answer():
    reach = Reach()
    reach.asked(10.0)
    reach.reviewed(20.0, waits=True)
    assert reach.next_review == 20.0 + REVIEW_INTERVAL
    reach.heard(20.1)
    assert reach.next_review == 20.1 + DOUBTED_AFTER


def test_a_refusal_counts_for_a_while():
    reach = Reach()
    assert not reach.was_refused(0.0)
    reach.refused(10.0)
    assert reach.next_review == 10.0 + DOUBTED_AFTER
    assert reach.was_refused(10.0 + DOUBTED_AFTER)
    assert not reach.was_refused(10.0 + REFUSAL_LIFE)


def test_who_gave_up_is_more_patient_until_an_answer():
    reach = Reach()
    patience = []
    for _time in range(8):
        reach.gave_up()
        assert not reach.was_refused(100.0)
        reach.asked(100.0)
        patience.append(reach.next_review - 100.0)
    assert patience[0] == 2 * DOUBTED_AFTER and patience[-1] == LONGEST_SILENCE
    assert patience == sorted(patience)
    reach.heard(200.0)
    assert reach.next_review == 200.0 + DOUBTED_AFTER
