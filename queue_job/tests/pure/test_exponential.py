# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Retry patterns whose waits grow."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.retry import (
    Exponential,
    exponential,
    exponential_in,
    retry_seconds,
    stored_pattern,
)

PATTERNS = st.builds(
    lambda first, more, factor, jitter: exponential(
        first=first, most=first + more, factor=factor, jitter=jitter
    ),
    st.integers(1, 10**6),
    st.integers(0, 10**8),
    st.floats(1, 1e300) | st.integers(1, 10**400),
    st.floats(0, 1),
)


def middle(low, high):
    return (low + high) // 2


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 10), (1, 10), (2, 20), (3, 40), (9, 2560), (10, 3600), (10**9, 3600)],
)
def test_each_wait_is_twice_the_one_before_up_to_the_most(attempts, seconds):
    assert retry_seconds(exponential(jitter=0), attempts) == seconds


def test_jitter_draws_around_the_wait_and_never_above_the_most():
    drawn = []

    def randint(low, high):
        drawn.append((low, high))
        return high

    pattern = exponential(first=100, factor=3, most=1000, jitter=0.2)
    waits = [retry_seconds(pattern, n, randint=randint) for n in (1, 2, 3, 4)]

    assert drawn == [(80, 120), (240, 360), (720, 1000), (800, 1000)]
    assert waits == [120, 360, 1000, 1000]


def test_seconds_that_the_job_asks_for_win():
    assert retry_seconds(exponential(), 3, seconds=7) == 7


@given(PATTERNS, st.integers(0, 10**30), st.randoms(use_true_random=False))
def test_a_wait_is_never_below_a_second_nor_above_the_most(pattern, attempts, rng):
    seconds = retry_seconds(pattern, attempts, randint=rng.randint)

    assert seconds == int(seconds)
    assert 1 <= seconds <= pattern.most


@given(PATTERNS, st.integers(1, 60))
def test_without_jitter_waits_never_become_shorter(pattern, attempts):
    steady = exponential(
        first=pattern.first, factor=pattern.factor, most=pattern.most, jitter=0
    )
    assert retry_seconds(steady, attempts) <= retry_seconds(steady, attempts + 1)


@given(PATTERNS, st.integers(1, 60), st.randoms(use_true_random=False))
def test_jitter_moves_a_wait_by_its_share_at_most(pattern, attempts, rng):
    plain = pattern.seconds_before_jitter(attempts)
    seconds = retry_seconds(pattern, attempts, randint=rng.randint)

    share = plain * pattern.jitter
    assert plain - share - 1 <= seconds <= plain + share + 1


@given(PATTERNS)
def test_text_and_json_give_the_pattern_back(pattern):
    assert exponential_in(str(pattern)) == pattern
    assert stored_pattern(json.loads(json.dumps(pattern.as_json()))) == pattern


def test_parts_that_are_not_given_have_defaults():
    assert exponential_in(" exponential(first=5) ") == Exponential(first=5)
    assert stored_pattern({"exponential": {}}) == exponential()
    assert str(exponential()) == (
        "exponential(first=10, factor=2, most=3600, jitter=0.1)"
    )


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"first": 0}, "first=0"),
        ({"first": 1.5}, "first=1.5"),
        ({"first": True}, "first=True"),
        ({"first": 20, "most": 10}, "most=10"),
        ({"most": 10**12}, "most="),
        ({"factor": 0.5}, "factor=0.5"),
        ({"factor": float("nan")}, "factor=nan"),
        ({"factor": float("inf")}, "factor=inf"),
        ({"factor": "2"}, "factor='2'"),
        ({"jitter": -0.1}, "jitter=-0.1"),
        ({"jitter": 1.1}, "jitter=1.1"),
        ({"jitter": float("nan")}, "jitter=nan"),
    ],
)
def test_what_is_no_pattern_is_refused_by_name(parts, named):
    with pytest.raises(ValueError, match=named):
        exponential(**parts)


@pytest.mark.parametrize(
    "text",
    [
        "exponential", "exponential(", "exponential(10)", "exponential(start=1)",
        "exponential(first='a')", "exponential(first=open('x'))", "exponent(first=1)",
        "x.exponential(first=1)", "exponential(**{'first': 1})", "exponential()()",
        "exponential(first=0)",
    ],
)  # fmt: skip
def test_text_of_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        exponential_in(text)


@pytest.mark.parametrize(
    "stored",
    [
        {"exponential": 7},
        {"exponential": {"start": 1}},
        {"exponential": {}, "1": 10},
        {"exponential": {"first": 0}},
    ],
)
def test_json_of_another_form_is_refused(stored):
    with pytest.raises(ValueError, match=r"."):
        stored_pattern(stored)


def test_what_is_stored_by_attempts_is_given_back_as_it_was():
    assert stored_pattern({"1": 10, "5": [60, 120]}) == {1: 10, 5: (60, 120)}


def test_jobs_that_failed_together_do_not_come_back_together():
    rng = random.Random(7)
    waits = {retry_seconds(exponential(first=600), 1, randint=rng.randint)
             for _job in range(20)}  # fmt: skip
    assert len(waits) > 5
