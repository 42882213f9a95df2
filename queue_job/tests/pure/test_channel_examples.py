# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules of the channels, each shown by an example."""

import pytest
from rig.simulated_queue import SimulatedQueue as Queue


def test_the_root_runs_up_to_its_capacity_and_goes_on_when_one_is_done():
    queue = Queue("root:2")
    queue.pending("root", "A", "B", "C")
    assert queue.starts() == ["A", "B"]
    queue.done("A")
    assert queue.starts() == ["C"]


def test_priority_goes_before_age_and_age_before_id():
    queue = Queue("root:3")
    queue.put("A")
    queue.pending("root", "B", p=5)
    queue.pending("root", "C", "D", p=5, created=3)
    assert queue.starts() == ["B", "C", "D"]
    assert queue.starts() == []


def test_jobs_of_the_same_second_start_in_the_order_of_their_ids():
    queue = Queue("root:9")
    queue.put("X", seq=9, created=1)
    queue.put("Y", seq=4, created=1)
    assert queue.starts() == ["Y", "X"]


def test_a_future_job_waits_for_its_time_and_a_full_channel_for_no_time():
    queue = Queue("root:1")
    queue.put("L", p=1, eta=200)
    queue.put("P")
    assert queue.starts(100) == ["P"]
    assert queue.wakeup == 0
    queue.done("P")
    assert queue.wakeup == 200
    assert queue.starts(199) == []
    assert queue.starts(200) == ["L"]


def test_a_time_that_has_come_gives_no_advantage():
    queue = Queue("root:1")
    queue.put("E", p=20, eta=50)
    queue.put("P")
    assert queue.starts(60) == ["P"]
    queue.done("P")
    assert queue.starts(60) == ["E"]


def test_jobs_of_sub_channels_compete_again_in_the_root():
    queue = Queue("root:3,a:2,b:2")
    queue.pending("root.a", "a0", "a1", "a2")
    queue.pending("root.b", "b0", "b1", "b2")
    assert queue.starts() == ["a0", "a1", "b0"]
    queue.done("a0")
    assert queue.starts() == ["a2"]
    queue.done("b0")
    assert queue.starts() == ["b1"]


def test_a_channel_nobody_listed_above_a_listed_one_is_unlimited():
    queue = Queue("root:10,mid.leaf:1")
    queue.pending("root.mid.leaf", "l1", "l2")
    queue.pending("root.mid", "m1")
    assert queue.starts() == ["l1", "m1"]
    queue.done("l1")
    assert queue.starts() == ["l2"]


def test_the_limit_of_a_middle_channel_holds_for_all_below():
    queue = Queue("root:10,mid:2,mid.x:2,mid.y:2")
    queue.pending("root.mid.x", "x1", "x2", "x3")
    queue.pending("root.mid.y", "y1", "y2", p=5)
    assert queue.starts() == ["y1", "y2"]
    queue.done("y1")
    assert queue.starts() == ["x1"]
    queue.done("y2")
    assert queue.starts() == ["x2"]


def test_a_sequential_channel_halts_at_a_failure_until_it_is_used():
    queue = Queue("root:4,s:1:sequential")
    queue.pending("root.s", "s1", "s2")
    queue.pending("root", "r1")
    assert queue.starts() == ["s1", "r1"]
    queue.failed("s1")
    assert queue.starts() == []
    assert queue.wakeup == 0
    queue.done("s1")
    assert queue.starts() == ["s2"]


def test_a_channel_of_capacity_one_goes_on_after_a_failure():
    queue = Queue("root:4,s:1")
    queue.pending("root.s", "s1", "s2")
    assert queue.starts() == ["s1"]
    queue.failed("s1")
    assert queue.starts() == ["s2"]


def test_a_future_job_holds_back_those_behind_it_in_a_sequential_channel():
    queue = Queue("root:4,s:1:sequential")
    queue.put("s1", "root.s", eta=50)
    queue.put("s2", "root.s")
    assert queue.starts(10) == []
    assert queue.wakeup == 50
    assert queue.starts(50) == ["s1"]
    queue.done("s1")
    assert queue.starts(50) == ["s2"]


def test_a_future_job_holds_nobody_back_in_a_channel_of_capacity_one():
    queue = Queue("root:4,s:1")
    queue.put("s1", "root.s", eta=50)
    queue.put("s2", "root.s")
    assert queue.starts(10) == ["s2"]


def test_a_throttled_channel_rests_after_each_job():
    queue = Queue("root:4,t:4:throttle=3")
    queue.pending("root.t", "t0", "t1", "t2")
    assert queue.starts(100) == ["t0"]
    queue.put("t0", state="started")
    assert queue.starts(100) == []
    assert queue.wakeup == 103
    assert queue.starts(102) == []
    assert queue.starts(103) == ["t1"]
    queue.done("t1")
    assert queue.starts(103) == []
    assert queue.wakeup == 106
    assert queue.starts(110) == ["t2"]


def test_a_rest_begins_when_the_job_has_begun():
    queue = Queue("root:4,t:4:throttle=3")
    queue.pending("root.t", "t0", "t1")
    assert queue.starts(100) == ["t0"]
    assert queue.starts(110) == []
    assert queue.wakeup == 0  # nothing but an event will do
    queue.put("t0", state="started")
    assert queue.starts(120) == []
    assert queue.wakeup == 123
    assert queue.starts(123) == ["t1"]


def test_who_was_not_begun_by_any_worker_takes_no_time_of_the_next():
    queue = Queue("root:4,t:4:throttle=3")
    queue.pending("root.t", "t0", "t1")
    assert queue.starts(100) == ["t0"]
    queue.manager.set_not_begun("db", "t0")
    queue.put("t0", state="pending")
    assert queue.starts(101) == ["t0"]


def test_a_rate_lets_as_many_begin_at_once_as_its_burst():
    queue = Queue("root:9,t:9:rate=2/10:burst=3")
    queue.pending("root.t", "t0", "t1", "t2", "t3", "t4")
    assert queue.starts(100) == ["t0", "t1", "t2"]
    for name in ("t0", "t1", "t2"):
        queue.put(name, state="started")
    assert queue.starts(100) == []
    assert queue.wakeup == 105
    assert queue.starts(105) == ["t3"]


def test_a_rate_counts_at_the_channels_above():
    queue = Queue("root:9:rate=1/10,a:9,b:9")
    queue.put("a0", "root.a")
    queue.put("b0", "root.b")
    assert queue.starts(100) == ["a0"]
    queue.done("a0")
    assert queue.starts(109) == []
    assert queue.starts(119) == ["b0"]


def test_a_new_leader_begins_with_an_empty_bucket():
    queue = Queue("root:9:rate=2/10")
    queue.manager.forget_begins()
    queue.pending("root", "t0", "t1")
    assert queue.starts(100) == []
    assert queue.wakeup == 105
    assert queue.starts(105) == ["t0"]


def test_another_rate_begins_with_an_empty_bucket():
    queue = Queue("root:9:rate=2/10")
    queue.manager.simple_configure("root:9:rate=2/2")
    queue.pending("root", "t0")
    assert queue.starts(100) == []
    assert queue.starts(101) == ["t0"]


def test_time_that_is_set_changes_no_rest():
    queue = Queue("root:4,t:4:throttle=3")
    queue.pending("root.t", "t0", "t1")
    assert [j.uuid for j in queue.manager.get_jobs_to_run(100, 10)] == ["t0"]
    queue.put("t0", state="started")
    assert [*queue.manager.get_jobs_to_run(100, 10)] == []
    # the clock was put forward by 50 s
    assert [*queue.manager.get_jobs_to_run(152, 12)] == []
    assert queue.wakeup == 153
    assert [j.uuid for j in queue.manager.get_jobs_to_run(153, 13)] == ["t1"]


def test_a_throttled_root_lets_the_best_job_of_the_tree_pass_first():
    queue = Queue("root:4:throttle=5,a:2")
    queue.put("a1", "root.a")
    queue.put("r1", p=5)
    assert queue.starts(10) == ["r1"]
    queue.put("r1", state="started")
    assert queue.starts(10) == []
    assert queue.starts(12) == []
    assert queue.starts(15) == ["a1"]


def test_jobs_found_running_count_beyond_capacity():
    queue = Queue("root:2")
    queue.pending("root", "one", "two", "three", state="started")
    queue.put("P")
    assert queue.starts() == []
    queue.done("one")
    assert queue.starts() == []
    queue.done("two")
    assert queue.starts() == ["P"]


def test_a_failed_job_takes_no_capacity():
    queue = Queue("root:1")
    queue.failed("F")
    queue.put("P")
    assert queue.starts() == ["P"]


def test_an_unknown_channel_stands_under_its_nearest_configured_ancestor():
    queue = Queue("root:4,edi:1")
    queue.pending("root.edi.out", "o1", "o2")
    queue.pending("root.nowhere", "w")
    assert queue.starts() == ["o1", "w"]


def test_capacity_zero_is_unlimited_within_the_root():
    queue = Queue("root:4,z:0")
    queue.pending("root.z", *"abcdef")
    assert queue.starts() == ["a", "b", "c", "d"]


def test_a_paused_channel_hands_out_nothing_nor_do_its_children():
    queue = Queue("root:4,p:2:paused")
    queue.pending("root.p", "p1", eta=2000)
    queue.pending("root.p", "p2")
    queue.pending("root.p.q", "q1")
    queue.pending("root", "r1")
    assert queue.starts() == ["r1"]
    assert queue.wakeup == 0


def test_an_unlisted_root_runs_one_job():
    queue = Queue("a:5")
    queue.pending("root.a", "a1", "a2", "a3")
    assert queue.starts() == ["a1"]


def test_nobody_overtakes_a_job_that_was_handed_down_to_the_root():
    queue = Queue("root:1,a:1")
    queue.put("r0")
    assert queue.starts() == ["r0"]
    queue.put("L", "root.a")
    assert queue.starts() == []
    queue.put("H", "root.a", p=1)
    queue.done("r0")
    assert queue.starts() == ["L"]
    queue.done("L")
    assert queue.starts() == ["H"]


def test_a_change_of_priority_queues_a_job_anew():
    queue = Queue("root:1")
    queue.pending("root", "A", "B")
    queue.put("B", p=1)
    assert queue.starts() == ["B"]


def test_a_failure_halts_only_the_sequential_channel_it_happened_in():
    queue = Queue("root:4,s:1:sequential,s.sub:1")
    queue.pending("root.s.sub", "k1", "k2")
    assert queue.starts() == ["k1"]
    queue.failed("k1")
    assert queue.starts() == ["k2"]


def test_a_failed_job_that_waits_for_others_again_halts_nothing():
    queue = Queue("root:4,s:1:sequential")
    queue.pending("root.s", "s1")
    assert queue.starts() == ["s1"]
    queue.failed("s1")
    queue.put("s1", state="wait_dependencies")
    queue.pending("root.s", "s2")
    assert queue.starts() == ["s2"]


def test_a_better_job_of_the_future_holds_back_a_sequential_root():
    queue = Queue("root:1:sequential")
    queue.put("A")
    queue.put("B", p=5, eta=99)
    assert queue.starts(10) == []
    assert queue.wakeup == 99
    assert queue.starts(99) == ["B"]


@pytest.mark.parametrize("state", ["enqueued", "started"])
def test_dispatched_jobs_are_running(state):
    queue = Queue("root:1")
    queue.put("A", state=state)
    queue.put("B")
    assert queue.starts() == []
