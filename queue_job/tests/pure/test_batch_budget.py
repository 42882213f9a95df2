# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs make one request: by how long each takes, and how many wait."""

import pytest

from odoo.addons.queue_job.core.runner.batch_policy import (
    LONGEST_RUN,
    REQUEST_SECONDS,
    RUN_SECONDS,
    SHORT_SECONDS,
    BatchBudget,
    DurationStatistics,
)


@pytest.fixture
def joining():
    """How many of 1,000 jobs join one; all take so many seconds."""

    def join(seconds, share):
        durations = DurationStatistics()
        durations.note("f", seconds)
        budget = BatchBudget(durations, "f", share)
        return sum(budget.admits("f") for _job in range(1000))

    return join


def test_without_a_backlog_those_join_who_wait_less_than_a_request_takes(joining):
    assert joining(REQUEST_SECONDS / 2 + 1e-6, share=0) == 1
    assert joining(REQUEST_SECONDS / 4 + 1e-6, share=0) == 3


def test_without_a_backlog_nobody_waits_longer_than_that(joining):
    assert joining(REQUEST_SECONDS + 1e-6, share=0) == 0


def test_of_a_backlog_each_request_takes_its_share(joining):
    assert joining(0.005, share=7) == 7


def test_a_batch_takes_no_longer_than_it_shall(joining):
    assert joining(0.03, share=500) == int(RUN_SECONDS / 0.03) - 1


def test_jobs_that_are_not_known_to_be_short_go_alone(joining):
    assert joining(2 * SHORT_SECONDS, share=500) == 0
    assert not BatchBudget(DurationStatistics(), "f", 500).admits("f")


def test_a_request_line_has_room_for_so_many(joining):
    assert joining(1e-6, share=0) == joining(1e-6, share=500) == LONGEST_RUN - 1
