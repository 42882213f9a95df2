# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that run in the slot of another: those that would follow it, and no other."""

import pytest

from odoo.addons.queue_job.core.channels.scheduler import ChannelManager


@pytest.fixture
def queue():
    return Queue


class Queue:
    def __init__(self, channels):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self._seq = 0

    def add(self, *uuids, channel="root", priority=10, eta=None, db="db"):
        for uuid in uuids:
            self._seq += 1
            self.manager.notify(
                db, channel, uuid, self._seq, 0, priority, eta, "pending"
            )

    def end(self, *uuids):
        for uuid in uuids:
            self.manager.remove_job(uuid)

    def start(self, now=0, most=99):
        """(job, its batch members) of each that starts, as uuids."""
        started = []
        for job in list(self.manager.get_jobs_to_run(now)):
            left = iter(range(most))
            members = self.manager.get_batch_members(
                job, now, lambda _member, left=left: next(left, None) is not None
            )
            started.append((job.uuid, [member.uuid for member in members]))
        return started


def test_the_next_best_ride_along_in_order(queue):
    jobs = queue("root:1")
    jobs.add("c", "d", priority=20)
    jobs.add("a", "b")
    assert jobs.start() == [("a", ["b", "c", "d"])]


def test_the_first_that_does_not_suit_ends_the_run(queue):
    jobs = queue("root:1")
    jobs.add("a", "b", "c", "d")
    assert jobs.start(most=2) == [("a", ["b", "c"])]
    jobs.end("a", "b", "c")
    assert jobs.start() == [("d", [])]


def test_jobs_of_all_channels_ride_in_the_order_in_which_they_would_follow(queue):
    jobs = queue("root:1,a:1,b:1")
    jobs.add("a1", channel="root.a")
    jobs.add("b1", channel="root.b")
    jobs.add("r1", priority=20)
    jobs.add("a2", channel="root.a")
    jobs.add("b2", channel="root.b")
    # a2 and b2 may run as soon as a1 and b1 have, and are better than r1
    assert jobs.start() == [("a1", ["b1", "a2", "b2", "r1"])]


def test_a_channel_counts_a_run_once_until_the_last_of_its_own_is_over(queue):
    jobs = queue("root:2,b:1")
    jobs.add("r1")
    jobs.start()
    jobs.add("a1", priority=1)
    jobs.add("b1", "b2", channel="root.b", priority=2)
    assert jobs.start(most=2) == [("a1", ["b1", "b2"])]
    # While b2 is to run after b1, no other of its channel may
    jobs.end("r1")
    jobs.add("b3", channel="root.b")
    assert jobs.start() == []
    jobs.end("a1", "b1")
    assert jobs.start() == []
    jobs.end("b2")
    assert jobs.start() == [("b3", [])]


def test_jobs_of_a_channel_that_is_full_do_not_ride(queue):
    jobs = queue("root:2,b:1")
    jobs.add("b1", channel="root.b", priority=1)
    jobs.add("a1")
    jobs.add("b2", channel="root.b")
    assert jobs.start(most=0) == [("b1", []), ("a1", [])]
    jobs.end("a1")
    jobs.add("a2")
    # its place is with b1, in another run
    assert jobs.start() == [("a2", [])]


def test_a_run_is_left_by_a_job_whose_rank_was_changed_only_in_rank(queue):
    jobs = queue("root:1")
    jobs.add("a", "b")
    assert jobs.start() == [("a", ["b"])]
    jobs.manager.notify("db", "root", "a", 1, 0, 3, None, "started")
    jobs.add("c")
    jobs.end("b")
    assert jobs.start() == []
    jobs.end("a")
    assert jobs.start() == [("c", [])]


def test_a_job_handed_over_to_the_root_rides_before_those_behind_it(queue):
    jobs = queue("root:1,a:3")
    jobs.add("a1", "a2", "a3", "a4", "a5", channel="root.a")
    assert jobs.start() == [("a1", ["a2", "a3", "a4", "a5"])]


def test_jobs_whose_time_has_not_come_do_not_ride(queue):
    jobs = queue("root:1")
    jobs.add("a", "b")
    jobs.add("later", priority=1, eta=50)
    assert jobs.start(now=10) == [("a", ["b"])]


def test_in_a_sequential_channel_nobody_rides_past_a_future_eta(queue):
    jobs = queue("root:4,s:1:sequential")
    jobs.add("a", channel="root.s")
    jobs.add("later", channel="root.s", eta=50)
    jobs.add("c", channel="root.s")
    assert jobs.start(now=10) == [("a", [])]


@pytest.mark.parametrize("channels", ["root:1:throttle=3,a:1", "root:1,a:1:throttle=3"])
def test_nobody_rides_through_a_throttled_channel(queue, channels):
    jobs = queue(channels)
    jobs.add("a1", "a2", channel="root.a")
    assert jobs.start() == [("a1", [])]


def test_batch_members_take_no_capacity(queue):
    jobs = queue("root:2,a:2")
    jobs.add("a1", "a2", "a3", "a4", channel="root.a")
    assert jobs.start(most=1) == [("a1", ["a3"]), ("a2", ["a4"])]
    jobs.add("b")
    assert jobs.start() == []
    jobs.end("a1", "a3")
    assert jobs.start() == [("b", [])]


def test_a_batch_member_that_is_notified_of_anew_waits_like_any_other(queue):
    jobs = queue("root:1")
    jobs.add("a", "b", "c")
    assert jobs.start(most=2) == [("a", ["b", "c"])]
    jobs.manager.notify("db", "root", "c", 3, 0, 10, None, "pending")
    jobs.end("a", "b")
    assert jobs.start() == [("c", [])]
