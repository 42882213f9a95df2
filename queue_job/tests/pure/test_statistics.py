# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Counts and times of jobs: nothing is lost, and percentiles are about right."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.statistics import (
    BOUNDS,
    MOST_KEYS,
    OTHERS,
    Ended,
    EndStatistics,
    bucket_of,
    percentile,
)

#: A bucket's bounds lie this factor apart.
FACTOR = BOUNDS[1] / BOUNDS[0]
times = st.lists(st.floats(0, BOUNDS[-1]), min_size=1)
shares = st.floats(0, 1)


def histogram(values):
    return Counter(map(bucket_of, values))


def exact(values, share):
    """The least value that so many do not exceed."""
    rank = max(1, -int(-share * len(values) // 1))
    return sorted(values)[rank - 1]


def test_bounds_are_evenly_spaced_from_a_millisecond_to_more_than_a_day():
    assert BOUNDS[0] == 0.001
    assert 86_400 < BOUNDS[-1]
    for low, high in zip(BOUNDS, BOUNDS[1:], strict=False):
        assert high / low == pytest.approx(10 ** (1 / 5))


@given(st.floats(0, 1e9))
def test_a_time_lies_within_the_bounds_of_its_bucket(seconds):
    bucket = bucket_of(seconds)
    assert bucket == 0 or BOUNDS[bucket - 1] < seconds
    assert bucket == len(BOUNDS) or seconds <= BOUNDS[bucket]


@given(times, shares)
def test_a_percentile_is_off_by_one_bucket_at_most(values, share):
    found = percentile(histogram(values), share)
    truth = exact(values, share)
    assert found <= max(truth, BOUNDS[0]) * FACTOR * 1.000001
    assert truth <= max(found, BOUNDS[0]) * FACTOR * 1.000001


@given(times, shares, shares)
def test_a_greater_share_has_no_smaller_percentile(values, one, other):
    low, high = sorted((one, other))
    counted = histogram(values)
    assert percentile(counted, low) <= percentile(counted, high)


def test_percentiles_of_nothing_and_of_what_exceeds_all_bounds():
    assert percentile({}, 0.5) is None
    assert percentile({3: 0}, 0.5) is None
    assert percentile(histogram([1e7]), 0.5) == BOUNDS[-1]


ends = st.builds(
    Ended,
    kind=st.sampled_from(["done", "failed", "retried"]),
    at=st.floats(1.8e9, 1.8e9 + 300),
    channel=st.sampled_from(["root", "root.a"]),
    function=st.sampled_from([None, "res.partner.m", "sale.order.m"]),
    company=st.sampled_from([None, 1, 2]),
    waited=st.none() | st.floats(-5, 1e6),
    took=st.none() | st.floats(0, 1e6),
)


@given(st.lists(ends))
def test_each_end_is_counted_once_in_its_minute(told):
    statistics = EndStatistics()
    for ended in told:
        statistics.note(ended)
    counted = statistics.counts()
    for kind in ("done", "failed", "retried"):
        by_key = Counter()
        for ended in told:
            if ended.kind == kind:
                minute = ended.at - ended.at % 60
                by_key[minute, ended.channel, ended.function, ended.company] += 1
        assert by_key == +Counter({key: getattr(c, kind) for key, c in counted})
    known = [ended for ended in told if ended.waited is not None]
    assert sum(c.waiting.total() for _key, c in counted) == len(known)
    assert all(c.waited >= 0 for _key, c in counted)


def test_what_was_written_is_forgotten():
    statistics = EndStatistics()
    assert not statistics
    statistics.note(Ended("done", 0, "root", "f", 1))
    assert statistics
    statistics.forget()
    assert statistics.counts() == []


def test_functions_without_end_take_no_memory_without_end_and_none_is_lost():
    statistics = EndStatistics()
    count = MOST_KEYS + 500
    for number in range(count):
        statistics.note(Ended("done", 0, "root.x", f"model.method_{number}", 1))
    counted = dict(statistics.counts())
    assert len(counted) == MOST_KEYS + 1
    assert sum(counts.done for counts in counted.values()) == count
    [others] = [key for key in counted if key.function == OTHERS]
    assert (others.channel, others.company) == ("root", 1)
