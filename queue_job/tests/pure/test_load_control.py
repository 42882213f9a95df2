# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fewer jobs run while users wait; in steps, never none, and as many again when it is
calm."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.load_control import (
    DOWN_INTERVAL,
    UP_INTERVAL,
    Cause,
    Load,
    LoadControl,
)

MOST = Load(wait=1.0, machine=2.0, backends=50)
CALM, HIGH = Load(0.0, 0.0, 0.0), Load(wait=2.0)
NUMBERS = st.none() | st.floats(0, 100)
#: Whole seconds: what is compared are differences, which would be rounded else.
READINGS = st.lists(
    st.tuples(
        st.builds(Load, NUMBERS, NUMBERS, NUMBERS),
        st.integers(0, 20),
        st.integers(1, 20),
    ),
    max_size=60,
)


def test_it_goes_down_step_by_step_to_one_and_up_again():
    control, now, steps = LoadControl(MOST), 0.0, []
    for _step in range(8):
        control.observe(HIGH, 8, now)
        steps.append(control.ceiling)
        now += DOWN_INTERVAL
    assert steps == [6, 5, 4, 3, 2, 1, 1, 1]
    control.observe(CALM, 8, now)
    steps = []
    while control.ceiling is not None:
        now += UP_INTERVAL
        control.observe(CALM, 8, now)
        steps.append(control.ceiling)
    assert steps == [2, 3, 4, 5, 6, 7, None]


def test_what_is_nearly_too_much_changes_nothing():
    control = LoadControl(MOST)
    control.observe(HIGH, 8, 0)
    for second in range(100):
        assert not control.observe(Load(wait=0.9), 8, 10.0 + second)
    assert control.ceiling == 6


def test_each_cause_is_told():
    control = LoadControl(MOST)
    assert control.observe(Load(0.5, 3.0, 60), 4, 0)
    assert control.causes == (Cause.MACHINE, Cause.POSTGRESQL)
    assert Cause.of(sum(c.value for c in control.causes)) == [*control.causes]


def test_what_is_not_asked_for_or_not_known_counts_for_nothing():
    assert not LoadControl(Load(machine=2.0)).observe(Load(99.0, None, 99), 4, 0)
    assert not Load()
    assert Load(backends=1)


def test_a_capacity_of_one_is_not_lowered():
    assert not LoadControl(MOST).observe(HIGH, 1, 0)


@given(READINGS)
def test_it_is_never_none_and_never_changes_too_fast(readings):
    control, now, changed = LoadControl(MOST), 0.0, None
    lowered, raised = None, None
    for load, seconds, capacity in readings:
        now += seconds
        before = control.ceiling
        if not control.observe(load, capacity, now):
            assert control.ceiling == before
            continue
        assert control.ceiling is None or control.ceiling >= 1
        assert changed is None or now - changed >= DOWN_INTERVAL
        changed = now
        is_lower = control.ceiling is not None and control.ceiling < (before or 99)
        if is_lower:
            assert any(load.above(MOST))
            lowered = now
        else:
            assert not any(load.above(MOST))
            # up only after a time of calm
            assert lowered is None or now - lowered >= UP_INTERVAL
            assert raised is None or now - raised >= UP_INTERVAL
            raised = now


@given(READINGS, st.integers(1, 20))
def test_calm_gives_everything_back(readings, capacity):
    control, now = LoadControl(MOST), 0.0
    for load, seconds, _capacity in readings:
        now += seconds
        control.observe(load, capacity, now)
    for _step in range(capacity + 2):
        now += UP_INTERVAL
        control.observe(CALM, capacity, now)
    assert control.ceiling is None
