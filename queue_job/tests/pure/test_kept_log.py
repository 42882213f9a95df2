# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of what a job logs, the first and the last lines are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.kept_log import GAP, KeptLines, is_kept
from odoo.addons.queue_job.core.outcome import Failed, Lost, Postponed, Succeeded


def kept(lines, **limits):
    made = KeptLines(**limits)
    for line in lines:
        made.add(line)
    return made


def test_what_fits_is_kept_as_it_is():
    made = kept(["a", "b", "c", "d"], most_lines=4)
    assert (made.text(), made.lines_cut) == ("a\nb\nc\nd", 0)


def test_the_middle_is_left_out():
    made = kept(map(str, range(10)), most_lines=4)
    assert made.text().split("\n") == ["0", "1", GAP, "8", "9"]
    assert made.lines_cut == 6


@given(
    st.lists(st.text("ab", max_size=20), max_size=40),
    st.integers(2, 20),
    st.integers(2, 200),
)
def test_no_more_is_kept_than_may_be(lines, most_lines, most_characters):
    made = kept(lines, most_lines=most_lines, most_characters=most_characters)
    text = made.text()
    shown = [line for line in text.split("\n") if line != GAP] if text else []
    assert len(shown) <= most_lines
    assert sum(map(len, shown)) <= most_characters
    if not made.lines_cut:
        assert text == "\n".join(lines)
    else:
        assert len(lines) - made.lines_cut <= most_lines


def test_a_line_is_storable_and_not_endless():
    text = kept(["a\x00b\ud800", "x" * 10_000]).text()
    assert "\x00" not in text
    assert len(text) < 5_000


@pytest.mark.parametrize(
    ("outcome", "on_failure", "always"),
    [
        (Succeeded(), False, True),
        (Failed("E", "m", "t"), True, True),
        (Postponed(1, "m"), True, True),
        (Postponed(1, "m", counts=False), False, True),
        (Lost("x"), False, False),
    ],
)
def test_of_which_attempts(outcome, on_failure, always):
    assert is_kept("on_failure", outcome) is on_failure
    assert is_kept("always", outcome) is always
