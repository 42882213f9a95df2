# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a job is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.retry import (
    IN_PLACE,
    RETRY_INTERVAL,
    exhausted_message,
    is_exhausted,
    pauses_in_place,
    retry_seconds,
)

PATTERN = {1: 10, 5: 60, 10: 300}


@pytest.mark.parametrize(
    ("retry", "seconds"),
    [(0, 600), (1, 10), (4, 10), (5, 60), (9, 60), (10, 300), (1000, 300)],
)
def test_the_greatest_key_not_above_the_tries_counts(retry, seconds):
    assert retry_seconds(PATTERN, retry) == seconds


def test_keys_come_as_text_from_json_and_are_ordered_as_numbers():
    assert retry_seconds({"10": 300, "9": 60, "1": 10}, 9) == 60


@pytest.mark.parametrize("pattern", [None, {}])
def test_without_a_pattern_the_interval_is_ten_minutes(pattern):
    assert retry_seconds(pattern, 3) == RETRY_INTERVAL == 600


def test_tries_before_the_first_key_wait_the_default():
    assert retry_seconds({3: 10}, 2) == 600


def test_seconds_asked_for_by_the_job_win():
    assert retry_seconds(PATTERN, 1, seconds=7) == 7


@pytest.mark.parametrize("seconds", [0, None, 0.0])
def test_zero_seconds_mean_not_given(seconds):
    assert retry_seconds(PATTERN, 1, seconds=seconds) == 10


@pytest.mark.parametrize("pair", [(5, 9), [5, 9], (9, 5)])
def test_a_pair_is_drawn_by_lot_between_its_ends(pair):
    drawn = []

    def randint(low, high):
        drawn.append((low, high))
        return low

    assert retry_seconds({1: pair}, 1, randint=randint) == 5
    assert drawn == [(5, 9)]


@pytest.mark.parametrize(
    "pattern",
    [{"x": 1}, {None: 1}, {1: "soon"}, {1: (1, 2, 3)}, {1: ()}, {1: None}, 7, {1: {}}],
)
def test_a_pattern_that_is_none_is_refused_with_the_cure(pattern):
    with pytest.raises(ValueError, match=r"give|correct"):
        retry_seconds(pattern, 1)


@pytest.mark.parametrize("seconds", ["10", float("nan"), object()])
def test_seconds_that_are_no_number_are_refused(seconds):
    with pytest.raises(ValueError, match="give a number"):
        retry_seconds(None, 1, seconds=seconds)


@pytest.mark.parametrize(("asked", "given_"), [(float("inf"), 3153600000), (-5, 0)])
def test_seconds_stay_within_the_calendar(asked, given_):
    assert retry_seconds(None, 1, seconds=asked) == given_


@pytest.mark.parametrize(
    ("attempts", "limit", "exhausted"),
    [(1, 5, False), (4, 5, False), (5, 5, True), (6, 5, True), (10**6, 0, False)],
)
def test_a_limit_of_zero_is_endless(attempts, limit, exhausted):
    assert is_exhausted(attempts, limit) is exhausted


def test_the_message_names_limit_and_cause():
    assert exhausted_message(3, "busy") == "Max. retries (3) reached: busy"


@given(
    pattern=st.dictionaries(
        st.integers(0, 50),
        st.integers(1, 10**6) | st.tuples(st.integers(1, 50), st.integers(1, 50)),
    ),
    retry=st.integers(0, 60),
    as_text=st.booleans(),
)
def test_any_pattern_answers_with_the_wait_of_its_last_reached_key(
    pattern, retry, as_text
):
    keys = [key for key in pattern if key <= retry]
    expected = pattern[max(keys)] if keys else 600
    stored = {str(k): v for k, v in pattern.items()} if as_text else pattern

    seconds = retry_seconds(stored, retry)

    if isinstance(expected, tuple):
        assert min(expected) <= seconds <= max(expected)
    else:
        assert seconds == expected


def test_pauses_in_place_grow_and_are_drawn_by_lot():
    drawn = []

    def uniform(least, most):
        drawn.append((least, most))
        return most

    assert list(pauses_in_place(uniform)) == sorted(IN_PLACE)
    assert all(0 < least < most for least, most in drawn)
    assert sum(IN_PLACE) < 2  # a slot of the channel is taken meanwhile


def test_a_number_beyond_all_bounds_is_a_hundred_years():
    longest = 36_500 * 24 * 3600
    assert retry_seconds(None, 1, 10**400) == longest
    assert retry_seconds({1: 10**400}, 1) == longest
    assert retry_seconds(None, 1, float("inf")) == longest
