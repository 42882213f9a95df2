# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of jobs with one identity key that count as the same, one runs; no call is
lost."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.deduplication import (
    LEAST_WAIT,
    LONGEST_WAIT,
    Keyed,
    OnDuplicate,
    Until,
    decide,
)
from odoo.addons.queue_job.core.states import State


def job(job_id, state="pending", key="k", attempt=1, **rule):
    return Keyed(job_id, f"u{job_id}", key, state, attempt, **rule)


def ids(standing):
    """``{id of a job that ends: id of the one that stands for it}``"""
    return {ended.id: other.id for ended, other in standing.items()}


def same(jobs, chosen):
    return ids(decide(jobs, chosen).same)


# --- until started, keep: what a plain key means ------------------------------


def test_a_job_alone_runs():
    assert same([job(1, "enqueued")], [1]) == {}


def test_what_waits_beside_the_job_dispatched_is_superfluous():
    assert same([job(1), job(2, "enqueued"), job(3)], [2]) == {1: 2, 3: 2}


def test_of_two_dispatched_together_the_better_one_runs():
    assert same([job(1, "enqueued"), job(2, "enqueued")], [2, 1]) == {1: 2}


def test_one_dispatched_before_and_not_begun_goes_first():
    jobs = [job(7, "enqueued"), job(9, "enqueued"), job(10)]
    assert same(jobs, [7]) == {7: 9, 10: 9}


def test_two_dispatched_before_are_left_to_their_workers():
    jobs = [job(1, "enqueued"), job(2, "enqueued"), job(3, "enqueued")]
    assert same(jobs, [3]) == {3: 1}


def test_keys_have_nothing_to_do_with_each_other():
    jobs = [job(1, "enqueued", "a"), job(2, "enqueued", "b"), job(3, key="b")]
    assert same(jobs, [1, 2]) == {3: 2}


def test_without_a_job_dispatched_nothing_is_superfluous():
    assert same([job(1), job(2)], [1]) == {}


def test_a_running_job_counts_no_more():
    assert same([job(1, "started"), job(2, "enqueued")], [2]) == {}


def test_a_job_that_others_wait_for_runs_itself():
    # who waits for it would go on before the other one has run
    followed = job(1, "enqueued", is_followed=True)
    assert same([job(0, "enqueued"), followed], [1]) == {}
    assert same([followed, job(2)], [1]) == {2: 1}


# --- until done ---------------------------------------------------------------

DONE = {"until": Until.DONE}


def test_until_done_a_running_job_stands_for_it():
    assert same([job(1, "started"), job(2, "enqueued", **DONE)], [2]) == {2: 1}


def test_a_job_that_was_wanted_again_waits_until_the_running_one_is_over():
    again = job(2, "enqueued", attempt=2, **DONE)
    made = decide([job(1, "started", seconds=9), again], [2])
    assert made.waits == {again: 9}
    assert not made.same


@pytest.mark.parametrize(
    ("elapsed", "wait"), [(0.1, LEAST_WAIT), (9, 9), (3600, LONGEST_WAIT)]
)
def test_the_longer_it_runs_the_longer_the_next_look_takes(elapsed, wait):
    late = job(2, "enqueued", on_duplicate=OnDuplicate.MERGE, **DONE)
    running = job(1, "started", seconds=elapsed)
    assert decide([running, late], [2]).waits == {late: wait}


# --- for a period -------------------------------------------------------------

HOUR = {"until": Until.DONE, "period": 3600}


def test_a_job_done_within_the_period_stands_for_it():
    assert same([job(1, "done", seconds=3599), job(2, "enqueued", **HOUR)], [2]) == {
        2: 1
    }
    assert same([job(1, "done", seconds=3600), job(2, "enqueued", **HOUR)], [2]) == {}


def test_a_job_that_was_wanted_again_runs_within_the_period():
    again = job(2, "enqueued", attempt=2, **HOUR)
    made = decide([job(1, "done", seconds=5), again], [2])
    assert not made.same and not made.waits


@pytest.mark.parametrize("repeat", [OnDuplicate.POSTPONE, OnDuplicate.MERGE])
def test_calls_that_are_not_dropped_wait_until_the_period_is_over(repeat):
    late = job(2, "enqueued", on_duplicate=repeat, **HOUR)
    assert decide([job(1, "done", seconds=600), late], [2]).waits == {late: 3000}


# --- postpone -----------------------------------------------------------------

POSTPONE = {"on_duplicate": OnDuplicate.POSTPONE}


def test_the_last_call_that_postpones_takes_the_place_of_the_others():
    jobs = [job(1, "enqueued", **POSTPONE), job(2, **POSTPONE), job(3, **POSTPONE)]
    assert same(jobs, [1]) == {1: 3, 2: 3}


def test_it_postpones_a_plain_job_too():
    assert same([job(1, "enqueued"), job(2, **POSTPONE)], [1]) == {1: 2}


def test_it_takes_no_job_back_that_is_on_its_way():
    made = decide([job(1, "enqueued"), job(2, "enqueued", **POSTPONE)], [2])
    assert not made.same and not made.waits


# --- merge --------------------------------------------------------------------

MERGE = {"on_duplicate": OnDuplicate.MERGE}


def merge(job_id, state="pending", call="c", **rule):
    return job(job_id, state, call=call, **MERGE, **rule)


def test_jobs_of_one_call_run_together():
    made = decide([merge(1), merge(2, "enqueued"), merge(3, "enqueued")], [2, 3])
    assert ids(made.merged) == {1: 2, 3: 2}
    assert not made.same


def test_another_call_or_a_tried_one_runs_by_itself():
    jobs = [merge(1, "enqueued"), merge(2, call="other"), merge(3, call=None), job(4)]
    made = decide(jobs, [1])
    assert made.merged == {}
    assert ids(made.same) == {4: 1}  # a plain key is content with any job that waits


def test_nothing_is_merged_into_a_job_on_its_way():
    assert decide([merge(1, "enqueued"), merge(2, "enqueued")], [2]).merged == {}


def test_what_has_to_wait_takes_no_records():
    jobs = [job(1, "started"), merge(2, "enqueued", **DONE), merge(3, **DONE)]
    made = decide(jobs, [2])
    assert [waiting.id for waiting in made.waits] == [2]
    assert made.merged == {}


# --- whatever comes together --------------------------------------------------


@st.composite
def some_jobs(draw):
    """Jobs of one key, and which of them have just been dispatched."""
    jobs, chosen = [], []
    for job_id in range(1, draw(st.integers(1, 7)) + 1):
        state = draw(st.sampled_from(["pending", "enqueued", "started", "done"]))
        period = draw(st.sampled_from([0, 0, 60]))
        until = "done" if period else draw(st.sampled_from([*Until])).value
        repeat = draw(st.sampled_from([*OnDuplicate])).value
        may_merge = repeat == "merge" and draw(st.booleans())
        if state == "enqueued" and draw(st.booleans()):
            chosen.append(job_id)
        jobs.append(
            job(
                job_id, state, attempt=draw(st.integers(1, 2)), until=until,
                period=period, on_duplicate=repeat, is_followed=draw(st.booleans()),
                call=f"{until} {period}" if may_merge else None,
                seconds=draw(st.floats(0, 100)),
            )
        )  # fmt: skip
    return jobs, draw(st.permutations(chosen))


@given(some_jobs())
def test_no_call_is_lost(case):
    """What ends is a duplicate of a job that does not end itself."""
    jobs, chosen = case
    made = decide(jobs, chosen)
    ended = {**made.same, **made.merged}
    assert len(ended) == len(made.same) + len(made.merged)
    assert not set(ended.values()) & set(ended)
    assert not set(made.waits) & set(ended)
    for gone, standing in made.same.items():
        is_waiting = standing.state in (State.PENDING, State.ENQUEUED)
        counts = standing.state == State.STARTED or standing.seconds < gone.period
        assert is_waiting or (gone.until == Until.DONE and counts)


@given(some_jobs())
def test_only_jobs_that_wait_or_were_just_dispatched_are_touched(case):
    jobs, chosen = case
    made = decide(jobs, chosen)
    for touched in [*made.same, *made.merged, *made.waits]:
        assert touched.state == State.PENDING or touched.id in chosen
        assert touched in made.waits or not touched.is_followed
    assert all(
        waiting.id in chosen and waiting.until == "done" for waiting in made.waits
    )
    assert all(0 < seconds <= max(60, LONGEST_WAIT) for seconds in made.waits.values())


def those_that_go(jobs, chosen, made):
    decided = {**made.same, **made.merged, **made.waits}
    return [j for j in jobs if j.id in chosen and j not in decided]


@given(some_jobs())
def test_records_are_added_only_to_what_goes_now_and_calls_the_same(case):
    jobs, chosen = case
    made = decide(jobs, chosen)
    going = those_that_go(jobs, chosen, made)
    for merged, runs in made.merged.items():
        assert runs in going
        assert runs.call == merged.call is not None


@given(some_jobs())
def test_until_done_never_two_at_a_time(case):
    jobs, chosen = case
    made = decide(jobs, chosen)
    going = those_that_go(jobs, chosen, made)
    busy = [j for j in jobs if j.state == "started"]
    busy += [j for j in jobs if j.state == "enqueued" and j.id not in chosen]
    order = sorted(going, key=lambda j: chosen.index(j.id))
    for place, runs in enumerate(order):
        if runs.until == Until.DONE:
            assert not busy and not order[:place]


@given(some_jobs())
def test_of_plain_jobs_exactly_one_goes(case):
    jobs, chosen = case
    plain = [job(j.id, j.state) for j in jobs if j.state in ("pending", "enqueued")]
    going = those_that_go(plain, chosen, decide(plain, chosen))
    before = [j for j in plain if j.state == "enqueued" and j.id not in chosen]
    assert len(going) == (1 if chosen and not before else 0)


@given(some_jobs(), st.randoms())
def test_the_order_of_the_rows_does_not_matter(case, chance):
    jobs, chosen = case
    shuffled = list(jobs)
    chance.shuffle(shuffled)
    first, second = decide(jobs, chosen), decide(shuffled, chosen)
    assert ids(first.same).keys() == ids(second.same).keys()
    assert Counter(ids(first.merged)) == Counter(ids(second.merged))
    assert first.waits == second.waits
