# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math

import pytest

from odoo.addons.queue_job.core.progress import (
    MOST_TEXT,
    Progress,
    Throttle,
    percentage,
)


def test_what_a_job_tells_is_kept_as_numbers_and_text():
    assert Progress.told(3, 4, "Page 3") == Progress(3.0, 4.0, "Page 3")
    assert Progress.told(7) == Progress(7.0, None, None)
    assert Progress.told(7, None, "") == Progress(7.0, None, None)


@pytest.mark.parametrize("wrong", ["3", None, math.nan, math.inf, object()])
def test_what_is_no_number_is_named(wrong):
    with pytest.raises(TypeError, match="done must be a number"):
        Progress.told(wrong)
    if wrong is not None:
        with pytest.raises(TypeError, match="total must be a number"):
            Progress.told(1, wrong)


def test_texts_are_storable_and_bounded():
    assert Progress.told(1, text="a\0b").text == "ab"
    assert len(Progress.told(1, text="x" * 5000).text) == MOST_TEXT


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(1, 4, 25), (4, 4, 100), (9, 4, 100), (-1, 4, 0), (3, None, 0), (3, 0, 0)],
)
def test_a_share_in_percent(done, total, percent):
    assert percentage(done, total) == percent


def test_the_first_passes_at_once_and_one_in_each_interval_after_it():
    now = [100.0]
    throttle = Throttle(0.5, lambda: now[0])
    passed = []
    for tenth in range(21):
        now[0] = 100 + tenth / 10
        if throttle.lets_through():
            passed.append(tenth)
    assert passed == [0, 5, 10, 15, 20]
