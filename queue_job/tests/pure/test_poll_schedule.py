# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the runner looks at the rows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.poll_schedule import (
    PAUSE_PER_COST,
    POLL_INTERVAL,
    PUT_OFF,
    PollSchedule,
)


@pytest.fixture
def poll_schedule():
    return PollSchedule()


def under_hints(poll_schedule, costs):
    """When each look begins, and one more, while hints never cease."""
    monotonic = 10.0
    yield monotonic
    for cost in costs:
        poll_schedule.polled(monotonic, cost, None)
        poll_schedule.soon(monotonic + cost)
        monotonic = poll_schedule.next
        yield monotonic


def test_it_looks_at_once_when_something_happens_after_a_quiet_while(poll_schedule):
    poll_schedule.polled(10.0, 0.001, None)
    poll_schedule.soon(11.0)
    assert poll_schedule.next == 11.0


def test_nothing_happens_and_it_looks_all_the_same(poll_schedule):
    poll_schedule.polled(10.0, 0.001, None)
    assert poll_schedule.next == pytest.approx(10.0 + POLL_INTERVAL, abs=0.01)


def test_after_a_look_it_rests_as_many_times_as_long_as_that_took(poll_schedule):
    poll_schedule.polled(10.0, 0.1, None)
    poll_schedule.soon(10.1)
    assert poll_schedule.next == pytest.approx(10.1 + PAUSE_PER_COST * 0.1 - PUT_OFF)


def test_a_few_quick_looks_follow_each_other_at_once(poll_schedule):
    """Jobs that happen to come one just after the other wait for no look."""
    begins = list(under_hints(poll_schedule, [0.001] * 4))
    assert begins == pytest.approx([10.0, 10.001, 10.002, 10.003, 10.004])


def test_rest_that_was_put_off_is_not_forgotten(poll_schedule):
    cost, looks = 0.001, 100
    *_begins, last = under_hints(poll_schedule, [cost] * looks)
    rest = looks * cost * PAUSE_PER_COST
    assert last == pytest.approx(10.0 + looks * cost + rest - PUT_OFF)


def test_looks_that_nobody_hinted_at_put_no_rest_off(poll_schedule):
    """Each ETA has its look: thousands of them hold up no hint."""
    monotonic = 10.0
    for _eta in range(1000):
        poll_schedule.polled(monotonic, 0.01, None)
        monotonic += 0.02
    poll_schedule.soon(monotonic)
    assert poll_schedule.next <= monotonic + PAUSE_PER_COST * 0.01


def test_a_quick_look_is_followed_by_another_soon(poll_schedule):
    """A job that comes just after a look is not to wait long: however many looks
    there were of late, only what they cost counts."""
    for one, next_one in pairwise(under_hints(poll_schedule, [0.001] * 50)):
        assert next_one - one < 0.01


def test_one_poll_that_took_long_is_not_rested_from_for_long(poll_schedule):
    poll_schedule.polled(10.0, 0.001, None)
    poll_schedule.polled(11.0, 0.001, None)
    poll_schedule.polled(12.0, 1.0, None)  # another process had a core for itself
    poll_schedule.soon(13.0)
    assert poll_schedule.next < 13.1


def test_many_hints_make_one_look(poll_schedule):
    poll_schedule.polled(10.0, 0.001, None)
    for monotonic in (10.5, 10.6, 10.7):
        poll_schedule.soon(monotonic)
    assert poll_schedule.next == 10.5


@given(st.lists(st.floats(0.0001, 2.0), min_size=5, max_size=50))
def test_under_a_stream_of_hints_looking_takes_a_share_of_the_time(costs):
    """No hints, however many, have the runner do nothing but look."""
    rest = min(PAUSE_PER_COST * min(costs), POLL_INTERVAL)
    _first, *begins = under_hints(PollSchedule(), costs)
    for number, began in enumerate(begins, 1):
        taken = sum(costs[:number]) + number * rest - PUT_OFF
        assert began >= 10.0 + taken - 1e-6


def test_parts_of_very_many_channels_are_polled_less_often_while_nothing_happens(
    poll_schedule,
):
    def pauses(turns):
        for _turn in range(turns):
            for part in range(3):
                began = poll_schedule.next
                poll_schedule.polled(began, 0.01, None, False, ends_turn=part == 2)
                yield round(poll_schedule.next - began - 0.01, 2)

    least = round(PAUSE_PER_COST * 0.01, 2)
    first, *_others = waited = list(pauses(9))
    assert first == least
    assert waited == sorted(waited) and waited[-1] > 1
    poll_schedule.soon(poll_schedule.next)
    assert next(pauses(1)) == least


def test_what_nobody_would_take_is_tried_again_when_it_may_but_not_at_once(
    poll_schedule,
):
    poll_schedule.polled(10.0, 0.001, back_off=10.0)
    assert 10.2 < poll_schedule.next < 11.0
    poll_schedule.polled(20.0, 0.001, back_off=22.0)
    assert poll_schedule.next == 22.0


def test_a_look_at_a_part_is_followed_by_one_at_the_next_as_its_cost_allows(
    poll_schedule,
):
    poll_schedule.polled(
        10.0, 0.001, None, is_whole=False
    )  # the last part, a small one
    poll_schedule.polled(11.0, 0.1, None, is_whole=False)
    assert poll_schedule.next == pytest.approx(11.1 + PAUSE_PER_COST * 0.1)
    poll_schedule.soon(11.2)
    least = 11.1 + PAUSE_PER_COST * 0.1 - PUT_OFF
    assert poll_schedule.next == pytest.approx(least)
