"""Of waiting jobs with one identity key, one runs."""

from odoo.addons.queue_job.core.same_key import Waiting, to_merge


def waiting(job_id, state="pending", key="k"):
    return Waiting(job_id, f"u{job_id}", key, state, 1)


def merged(jobs, handed):
    """``{superfluous id: id of the one that runs}``"""
    return {job.id: runs.id for job, runs in to_merge(jobs, handed).items()}


def test_a_job_alone_runs():
    assert merged([waiting(1, "enqueued")], [1]) == {}


def test_what_waits_beside_the_job_handed_out_is_superfluous():
    assert merged([waiting(1), waiting(2, "enqueued"), waiting(3)], [2]) == {1: 2, 3: 2}


def test_of_two_handed_out_together_the_better_one_runs():
    jobs = [waiting(1, "enqueued"), waiting(2, "enqueued")]
    assert merged(jobs, [2, 1]) == {1: 2}


def test_one_handed_out_before_and_not_begun_goes_first():
    jobs = [waiting(7, "enqueued"), waiting(9, "enqueued"), waiting(10)]
    assert merged(jobs, [7]) == {7: 9, 10: 9}


def test_two_handed_out_before_are_left_to_their_workers():
    jobs = [waiting(1, "enqueued"), waiting(2, "enqueued"), waiting(3, "enqueued")]
    assert merged(jobs, [3]) == {3: 1}


def test_keys_have_nothing_to_do_with_each_other():
    jobs = [
        waiting(1, "enqueued", "a"),
        waiting(2, "enqueued", "b"),
        waiting(3, key="b"),
    ]
    assert merged(jobs, [1, 2]) == {3: 2}


def test_without_a_job_handed_out_nothing_is_superfluous():
    assert merged([waiting(1), waiting(2)], [1]) == {}
