# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a server is told that no runner serves the jobs it stores."""

from odoo.addons.queue_job.core.runner.runner_watch import (
    SECOND_CHECK_AFTER,
    RunnerWatch,
)


def test_it_looks_at_the_first_job():
    assert RunnerWatch().is_due(0.0)


def test_a_runner_that_is_missed_twice_is_told_once():
    watch = RunnerWatch()
    assert not watch.miss(0.0)
    assert watch.miss(SECOND_CHECK_AFTER)
    assert not watch.is_due(10 * SECOND_CHECK_AFTER)
    assert not watch.miss(10 * SECOND_CHECK_AFTER)


def test_one_that_is_missed_while_it_restarts_is_not():
    watch = RunnerWatch()
    watch.miss(0.0)
    assert not watch.is_due(SECOND_CHECK_AFTER / 2)
    watch.end()
    assert not watch.is_due(SECOND_CHECK_AFTER)
    assert not watch.miss(SECOND_CHECK_AFTER)


def test_two_threads_that_miss_it_at_the_same_time_missed_it_once():
    watch = RunnerWatch()
    assert not watch.miss(0.0)
    assert not watch.miss(0.1)
    assert watch.is_due(SECOND_CHECK_AFTER)
