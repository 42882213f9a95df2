# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A channel's pace is that of its work, whatever it had to do before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.forecast import Minute, by_age, just_now, per_minute

minutes = st.lists(
    st.builds(Minute, st.integers(0, 5000), st.floats(0, 1e6)), min_size=1, max_size=60
)
idle = st.integers(0, 30)


def counts(*ended, lasting=0.0):
    return [Minute(count, count * lasting) for count in ended]


def test_where_nothing_ended_nothing_is_said():
    assert per_minute([]) is None
    assert per_minute(counts(0, 0, 0)) is None


def test_idle_minutes_and_parts_of_minutes_are_no_measure():
    assert per_minute(counts(0, 0, 0, 25, 0, 0, 380, 1450, 0, 0)) == 1450


def test_the_mean_of_busy_minutes_counts():
    assert per_minute(counts(0, 100, 60, 80, 10)) == 80


@pytest.mark.parametrize("paces", [(6, 6, 6, 6), (6, 0, 0, 6, 6, 0, 3)])
def test_a_throttled_channel_stays_right(paces):
    assert per_minute(counts(*paces)) == pytest.approx(6, rel=0.2)


def test_jobs_that_last_for_minutes_were_running_in_those_before():
    steady = counts(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, lasting=180)
    assert per_minute(steady) == pytest.approx(60 / 180, rel=0.15)
    four_at_a_time = counts(0, 2, 0, 0, 2, 0, 0, 2, lasting=185)
    assert per_minute(four_at_a_time) == pytest.approx(2 * 60 / 185, rel=0.15)


@pytest.mark.parametrize("number", [0, 4, 9])
def test_jobs_that_began_before_all_known_minutes_are_as_slow_as_they_are(number):
    minutes = counts(*[0] * number, 1, *[0] * (9 - number), lasting=3 * 3600)
    assert per_minute(minutes) == pytest.approx(1 / 181)


def test_long_jobs_that_end_together_are_not_many_in_a_minute():
    ten_minutes, together = 600.0, [5.0, 10.0, 15.0, 20.0]
    assert just_now(together, ten_minutes, 300) == pytest.approx(4 / 11)
    assert just_now(together, 40.0, 300) == pytest.approx(6)
    assert just_now([1.0] * 40, ten_minutes, 300) == pytest.approx(40 / 11)


def test_a_long_job_among_many_short_ones_does_not_slow_them():
    mixed = [Minute(1000, 60.0), *counts(0, 0, 0, 0), Minute(1, 300.0)]
    assert per_minute(mixed) == 1000


@given(minutes)
def test_it_lies_between_the_mean_and_the_busiest(some):
    # no job began before the first of these minutes
    some = [
        Minute(one.ended, min(one.lasted, one.ended * 60.0 * number))
        for number, one in enumerate(some)
    ]
    ended = [minute.ended for minute in some]
    found = per_minute(some)
    if not any(ended):
        assert found is None
    else:
        assert found is not None
        assert sum(ended) / len(ended) <= found * (1 + 1e-9)
        assert found <= max(ended)


@given(minutes, idle, idle)
def test_idle_time_before_and_after_changes_nothing_of_short_jobs(some, before, after):
    short = [Minute(one.ended, one.ended * 0.5) for one in some]
    around = [*counts(*[0] * before), *short, *counts(*[0] * after)]
    assert per_minute(around) == per_minute(short)


@given(st.integers(1, 5000), st.integers(1, 30), idle, st.integers(0, 5000))
def test_a_steady_pace_is_told_exactly(pace, busy, before, part):
    part %= (pace + 1) // 2  # less than half a minute's worth
    steady = counts(*[0] * before, part, *[pace] * busy, part)
    assert per_minute(steady) == pace


def test_ages_are_counted_by_whole_minutes_the_oldest_first():
    found = by_age([0, 59.9, 60, 185, 999, -1], 2.0, 200)
    assert found == [Minute(0, 0.0), Minute(1, 2.0), Minute(3, 6.0)]
    assert by_age([1, 2], 0.0, 5) == [Minute(2, 0.0)]


def test_what_ends_just_now_is_told_while_few_seconds_have_passed():
    burst = [0.1 * number for number in range(150)]  # in fifteen seconds
    assert just_now(burst, 0.0, 300) == pytest.approx(150 * 60 / 14.9)
    assert just_now(burst[:20], 0.0, 300) == pytest.approx(20 * 60 / 10)
    assert just_now(burst[:2], 0.0, 300) is None
    assert just_now([], 0.0, 300) is None


def test_many_that_end_just_now_are_told_whatever_ended_before():
    before = [100.0] * 3
    assert just_now([0.5] * 40 + before, 0.0, 300) == pytest.approx(40 * 60 / 10)
    assert just_now([0.5] * 19 + before, 0.0, 300) == 19, "too few to tell more"


def test_only_as_far_as_all_are_known_back():
    assert just_now([1.0, 2.0, 3.0, 4.0], 0.0, 4.0) == pytest.approx(60)


def test_a_burst_of_a_while_ago_counts_by_its_minute():
    assert just_now([200.0] * 30 + [250.0], 0.0, 300) == 30
