# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The events of a job's life, from what is kept of it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.core.timeline import (
    Attempt,
    Edit,
    Kind,
    Life,
    duration_text,
    events,
)

NOON = datetime(2026, 11, 27, 12)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def kinds(life, attempts=()):
    return [event.kind for event in events(life, attempts)]


def test_waits_count_from_when_the_job_could_last_have_gone_on():
    attempts = [
        Attempt(1, after(5), after(7), 1.5),
        Attempt(2, after(17), after(18), None),
    ]
    life = Life(State.DONE, NOON, None, after(30), after(31), after(33), seconds=1.25)
    told = events(life, attempts)
    assert [event.waited for event in told] == [None, 5, 10, 12, 1, None]
    assert [event.seconds for event in told] == [None, 1.5, 1, None, None, 1.25]
    assert [event.key for event in told] == [None, 1, 2, None, None, None]


def test_the_last_attempt_of_a_failed_job_is_that_of_its_failure():
    life = Life(State.FAILED, NOON, None, after(1), after(2), failed=after(3))
    failure = Attempt(1, after(2), after(3), 1)
    assert kinds(life, [failure]) == [Kind.CREATED, Kind.ATTEMPT, Kind.FAILED]
    # one that another add-on made fail has none
    assert kinds(life) == [Kind.CREATED, Kind.DISPATCHED, Kind.BEGUN, Kind.FAILED]


def test_an_eta_is_told_if_it_is_later():
    assert Kind.PLANNED in kinds(Life(State.PENDING, NOON, eta=after(60)))
    assert Kind.PLANNED not in kinds(Life(State.PENDING, NOON, eta=NOON))


def test_an_eta_is_told_where_it_was_set():
    attempts = [Attempt(n, after(10 * n), after(10 * n + 1), 1) for n in (1, 2)]
    created, tried, planned = Kind.CREATED, Kind.ATTEMPT, Kind.PLANNED
    for seconds, expected in {
        5: [created, planned, tried, tried],
        20.5: [created, tried, planned, tried],  # attempts begin at whole seconds
        15: [created, tried, planned, tried],
        60: [created, tried, tried, planned],
    }.items():
        assert kinds(Life(State.PENDING, NOON, after(seconds)), attempts) == expected


def test_what_users_changed_is_told_in_between():
    attempts = [Attempt(n, after(10 * n), after(10 * n + 1), 1) for n in (1, 2)]
    life = Life(State.PENDING, NOON, not_kept=3)
    edits = [Edit(7, after(-1)), *(Edit(n, after(20)) for n in (8, 9))]
    edits.append(Edit(10, after(99)))
    told = [(event.kind, event.key) for event in events(life, attempts, edits)]
    assert told == [
        (Kind.CREATED, None), (Kind.EDITED, 7), (Kind.ATTEMPT, 1),
        (Kind.NOT_KEPT, None), (Kind.EDITED, 8), (Kind.EDITED, 9), (Kind.ATTEMPT, 2),
        (Kind.EDITED, 10),
    ]  # fmt: skip


def test_of_attempts_not_kept_nothing_is_said_but_how_many():
    attempts = [Attempt(n, after(n), after(n), 0) for n in (1, 90)]
    told = events(Life(State.PENDING, NOON, not_kept=88), attempts)
    assert [event.kind for event in told] == [
        Kind.CREATED, Kind.ATTEMPT, Kind.NOT_KEPT, Kind.ATTEMPT,
    ]  # fmt: skip
    assert told[2].number == 88
    assert told[3].waited is None


MOMENTS = st.none() | st.integers(-5, 100).map(after)


@given(
    st.builds(
        Life, st.sampled_from(list(State)), MOMENTS, MOMENTS, MOMENTS, MOMENTS,
        MOMENTS, MOMENTS, MOMENTS, st.none() | st.floats(0, 9), st.integers(0, 3),
    ),
    st.lists(st.builds(Attempt, st.integers(), MOMENTS, MOMENTS, st.none())),
)  # fmt: skip
def test_whatever_a_row_says_it_has_a_story(life, attempts):
    told = events(life, attempts)
    assert told[0].kind == Kind.CREATED
    assert [e.key for e in told if e.kind == Kind.ATTEMPT] == [a.key for a in attempts]
    assert all(event.waited is None or event.waited >= 0 for event in told)


@pytest.mark.parametrize(
    ("seconds", "is_exact", "text"),
    [
        (0.0124, True, "0.012 s"),
        (59.9, True, "59.900 s"),
        (0, False, "< 1 s"),
        (12, False, "12 s"),
        (60, True, "1 min"),
        (61.5, True, "1 min 1 s"),
        (3600 * 3 + 4, True, "3 h"),
        (3600 * 3 + 64, True, "3 h 1 min"),
        (86_400 * 2 + 3600, False, "2 d 1 h"),
    ],
)
def test_durations_for_people(seconds, is_exact, text):
    assert duration_text(seconds, is_exact) == text
