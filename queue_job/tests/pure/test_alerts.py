# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.core.alerts import news
from odoo.addons.queue_job.core.diagnosis import Condition, diagnose
from odoo.addons.queue_job.core.health import Facts, judge

LATE = judge(Facts(leader_age=1, oldest_due=10_000))
GONE = judge(Facts())


def course(*rounds):
    """What is told in each round: names of what began, and of what is over."""
    seen, told = {}, []
    for found in rounds:
        begun, over, seen = news(found, seen)
        told.append(([finding.name for finding in begun], over))
    return told


NOTHING = ([], [])


def test_what_lasts_is_told_once_and_its_end_once():
    assert course(LATE, LATE, LATE, LATE, [], []) == [
        NOTHING, (["oldest_due"], []), NOTHING, NOTHING, ([], ["oldest_due"]), NOTHING,
    ]  # fmt: skip


def test_what_is_over_at_the_next_look_is_not_told():
    assert course(GONE, [], GONE, []) == [NOTHING] * 4


def test_what_comes_back_is_told_again():
    told = course(LATE, LATE, [], LATE, LATE)
    assert told[-1] == (["oldest_due"], [])


def test_findings_are_told_apart():
    told = course(LATE, [*LATE, *GONE], GONE)
    assert told == [NOTHING, (["oldest_due"], []), (["no_leader"], ["oldest_due"])]


def test_notes_are_not_told():
    notes = diagnose(Condition(is_server_wide=False))
    assert notes
    assert course(notes, notes, []) == [NOTHING] * 3
