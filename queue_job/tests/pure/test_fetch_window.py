# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs the runner holds, whatever the number of channels and jobs."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.fetch_window import (
    MOST_IN_DEMAND,
    TOTAL,
    Line,
    Window,
)


def found(window, backlog):
    """What a look finds of so many jobs per channel."""
    asked = {
        line: window.wide if line.channel in window.in_demand else window.narrow
        for line in backlog
    }
    return {line: min(jobs, asked[line]) for line, jobs in backlog.items() if jobs}


def plain(**waiting):
    """So many jobs without an ETA per channel."""
    return {Line(channel, False): jobs for channel, jobs in waiting.items()}


def test_the_first_look_is_a_short_one():
    window = Window(8, 500)
    assert window.narrow == 8


def test_a_lone_channel_is_known_in_full_width_from_the_second_poll_on():
    window = Window(8, 500)
    window.follow(plain(root=8))
    assert window.narrow == 500
    assert window.demand(plain(root=7))


def test_nothing_is_asked_for_where_all_is_known():
    window = Window(8, 500)
    window.follow(plain(root=7))
    assert not window.demand(plain(root=0))
    assert not window.is_low("root", plain(root=0))


def test_a_channel_that_runs_low_is_asked_for_in_full_width():
    window = Window(8, 500)
    many = {Line(f"root.c{number}", False): 8 for number in range(1000)}
    window.follow(many)
    window.follow(many)
    assert window.narrow == 8
    assert not window.demand(many)
    assert window.demand({**many, Line("root.c7", False): 4})
    assert window.in_demand == ("root.c7",)


def test_each_kind_of_jobs_of_a_channel_runs_low_by_itself():
    window = Window(8, 8)
    plain_ones, due_ones = Line("root", False), Line("root", True)
    window.follow({plain_ones: 8, due_ones: 8})
    assert not window.is_low("root", {plain_ones: 8, due_ones: 5})
    assert window.is_low("root", {plain_ones: 8, due_ones: 4})
    window.follow({plain_ones: 8, due_ones: 7})
    assert not window.is_low("root", {plain_ones: 8})
    laned = due_ones._replace(is_laned=True)
    window.follow({due_ones: 7, laned: 8})
    assert window.is_low("root", {due_ones: 7, laned: 4})


LINES = st.builds(Line, st.integers(0, 5000).map(str), st.booleans(), st.booleans())


@given(
    st.dictionaries(
        LINES,
        st.integers(0, 10**6),
        max_size=300,
    ),
    st.integers(1, 100),
    st.integers(0, 40),
)
def test_what_is_known_is_bounded_and_nothing_is_forgotten(backlog, capacity, used):
    window = Window(2 * capacity, 500)
    for _poll in range(4):
        known = found(window, backlog)
        window.follow(known)
        # Then a line that is not known entirely is known to have more
        for line, jobs in known.items():
            if backlog[line] > jobs:
                assert window.is_low(line.channel, {})
        assert window.demand({c: n - used for c, n in known.items()}) or all(
            known.get(c, 0) == n or known[c] - used > 0 for c, n in backlog.items()
        )
    bound = TOTAL + len(backlog) * 2 * capacity + 2 * MOST_IN_DEMAND * window.wide
    assert sum(found(window, backlog).values()) <= bound
