# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database pauses a channel, or sets a lower maximum; no other is affected."""

import pytest

from odoo.addons.queue_job.core.channels.scheduler import ChannelManager


class Shared:
    """Channels in which ant and bee have jobs, named a1, a2... and b1, b2..."""

    def __init__(self, channels):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self._facts = {}

    def put(self, *uuids, channel="root.x", priority=10, eta=None, state="pending"):
        for uuid in uuids:
            db_name = {"a": "ant", "b": "bee"}[uuid[0]]
            seq = len(self._facts) + 1
            facts = (db_name, channel, uuid, seq, 0, priority, eta)
            self._facts.setdefault(uuid, facts)
            self.manager.notify(*self._facts[uuid], state)

    def done(self, *uuids):
        for uuid in uuids:
            self.manager.notify(*self._facts[uuid], "done")

    def ant(self, **limits):
        """Limits of ant: ``x=1`` is for ``root.x``."""
        named = {f"root.{name}": n for name, n in limits.items() if name != "root"}
        if "root" in limits:
            named["root"] = limits["root"]
        self.manager.set_limits("ant", named)

    def starts(self, now=10):
        return [job.uuid for job in self.manager.get_jobs_to_run(now)]


def test_a_paused_channel_starts_nothing_and_what_runs_counts_on():
    jobs = Shared("root:2")
    jobs.put("a1", "a2", "a3")
    assert jobs.starts() == ["a1", "a2"]
    jobs.ant(x=0)
    jobs.done("a1")
    assert jobs.starts() == []
    jobs.put("b1", "b2")
    assert jobs.starts() == ["b1"], "a2 still takes its place"


def test_when_it_goes_on_its_jobs_start_at_once():
    jobs = Shared("root:2")
    jobs.ant(x=0)
    jobs.put("a1", "a2", "a3")
    assert jobs.starts() == []
    jobs.ant()
    assert jobs.starts() == ["a1", "a2"]


def test_a_pause_holds_in_the_channels_below_and_nowhere_else():
    jobs = Shared("root:9")
    jobs.ant(x=0)
    jobs.put("a1", channel="root.x.deep")
    jobs.put("a2", channel="root.y")
    jobs.put("a3", channel="root")
    assert sorted(jobs.starts()) == ["a2", "a3"]


def test_a_limit_counts_the_jobs_of_the_channels_below():
    jobs = Shared("root:9")
    jobs.ant(x=2)
    jobs.put("a1", channel="root.x.one")
    jobs.put("a2", channel="root.x.two")
    jobs.put("a3", channel="root.x")
    started = jobs.starts()
    assert len(started) == 2 and jobs.starts() == []
    jobs.done(started[0])
    assert jobs.starts() == list({"a1", "a2", "a3"} - set(started))


@pytest.mark.parametrize("limit", [1, 3])
def test_the_least_of_capacity_and_limit_counts(limit):
    jobs = Shared("root:9,x:2")
    jobs.ant(x=limit)
    jobs.put("a1", "a2", "a3", "a4")
    assert len(jobs.starts()) == min(2, limit)


@pytest.mark.parametrize("channels", ["root:2", "root:2,x:2", "root:2,x:1:sequential"])
def test_others_go_on_as_if_it_had_no_job_in_the_channel(channels):
    jobs = Shared(channels)
    jobs.put("a1", "a2", "a3", priority=1)
    jobs.put("b1", "b2")
    jobs.ant(x=0)
    first = jobs.starts()
    jobs.done(*first)
    assert first + jobs.starts() == ["b1", "b2"]


def test_what_it_handed_on_gives_room_to_others_when_it_is_at_its_limit():
    # Given a channel whose three places are all taken by ant, on their way to the root
    jobs = Shared("root:1,x:3")
    jobs.put("b0", channel="root")
    jobs.put("a1", "a2", "a3")
    assert jobs.starts() == ["b0"]
    jobs.put("b1", "b2")
    # when ant allows itself one job at a time
    jobs.ant(root=1)
    jobs.manager.get_channel_by_name("root").capacity = 3
    # then bee gets the other places
    assert jobs.starts() == ["a1", "b1"]
    jobs.done("b0")
    assert jobs.starts() == ["b2"]


def test_who_is_at_his_limit_above_takes_no_place_below():
    jobs = Shared("root:9,x:1")
    jobs.ant(root=1)
    jobs.put("a1", channel="root")
    assert jobs.starts() == ["a1"]
    jobs.put("a2", priority=1)
    jobs.put("b1")
    assert jobs.starts() == ["b1"]


def test_who_reaches_his_limit_on_the_way_gives_room_below_at_once():
    jobs = Shared("root:9,x:9,x.deep:1")
    jobs.ant(x=1)
    jobs.put("a1", priority=1)
    jobs.put("a2", "b1", channel="root.x.deep")
    assert jobs.starts() == ["a1", "b1"]


def test_jobs_found_running_leave_no_room_for_what_was_handed_on():
    jobs = Shared("root:1,x:9")
    jobs.ant(x=1)
    jobs.put("b0", channel="root")
    jobs.put("a1")
    assert jobs.starts() == ["b0"]
    jobs.put("a2", state="started")
    jobs.done("b0")
    jobs.manager.get_channel_by_name("root").capacity = 9
    assert jobs.starts() == []


def test_a_pause_takes_back_what_was_handed_on_and_not_dispatched():
    jobs = Shared("root:1,x:3")
    jobs.put("b0", channel="root")
    jobs.put("a1", "a2")
    assert jobs.starts() == ["b0"]
    jobs.ant(x=0)
    jobs.done("b0")
    assert jobs.starts() == []
    jobs.ant()
    assert jobs.starts() == ["a1"]


def test_jobs_found_running_count_for_the_limit():
    jobs = Shared("root:9")
    jobs.put("a1", "a2", state="started")
    jobs.ant(x=2)
    jobs.put("a3")
    assert jobs.starts() == []
    jobs.done("a1")
    assert jobs.starts() == ["a3"]


def test_no_time_to_wake_up_is_told_for_who_stands_aside():
    jobs = Shared("root:9")
    jobs.put("a1", eta=50)
    jobs.put("b1", eta=70)
    jobs.ant(x=0)
    assert jobs.starts() == []
    assert jobs.manager.get_wakeup_time() == 70
    jobs.ant()
    assert jobs.manager.get_wakeup_time() == 50
    jobs.ant(x=0)
    assert jobs.starts(now=60) == []
    assert jobs.manager.get_wakeup_time() == 70
    jobs.ant()
    assert jobs.starts(now=60) == ["a1"]


def test_in_a_sequential_channel_a_paused_job_with_a_future_eta_holds_nobody_up():
    jobs = Shared("root:9,x:1:sequential")
    jobs.put("a1", eta=50)
    jobs.put("b1")
    assert jobs.starts() == []
    jobs.ant(x=0)
    assert jobs.starts() == ["b1"]


def test_after_a_pause_it_has_no_turns_saved_up():
    jobs = Shared("root:1,x:1")
    jobs.put("a1", "a2", "a3", "b1", "b2", "b3", "b4")
    order = jobs.starts()
    jobs.ant(x=0)
    for _round in range(2):
        jobs.done(order[-1])
        order += jobs.starts()
    jobs.ant()
    for _round in range(4):
        jobs.done(order[-1])
        order += jobs.starts()
    assert order == ["a1", "b1", "b2", "a2", "b3", "a3", "b4"]


def members(jobs, head):
    return [
        job.uuid for job in jobs.manager.get_batch_members(head, 10, lambda job: True)
    ]


def test_nobody_rides_in_a_channel_that_was_paused():
    jobs = Shared("root:1")
    jobs.put("a1", "a2")
    [head] = list(jobs.manager.get_jobs_to_run(10))
    jobs.ant(x=0)
    assert members(jobs, head) == []
    jobs.ant()
    assert members(jobs, head) == ["a2"]


@pytest.mark.parametrize("channels", ["root:9", "root:9,x:1:sequential"])
def test_batch_members_take_no_capacity_of_a_limit_either(channels):
    jobs = Shared(channels)
    jobs.ant(x=1)
    jobs.put("a1", "a2", "a3")
    [head] = list(jobs.manager.get_jobs_to_run(10))
    assert members(jobs, head) == ["a2", "a3"]


def test_who_rides_in_a_sequential_line_overtakes_nobody():
    jobs = Shared("root:9,x:1:sequential")
    jobs.ant(x=1)
    jobs.put("a1", "b1", "a2")
    [head] = list(jobs.manager.get_jobs_to_run(10))
    assert members(jobs, head) == []


def test_batch_members_overtake_nobody_who_waits_further_up_for_the_limit():
    jobs = Shared("root:9")
    jobs.ant(root=1)
    jobs.put("a1", "a4", priority=1)
    jobs.put("a2", priority=5, channel="root.y")
    jobs.put("a3", priority=9)
    [head] = list(jobs.manager.get_jobs_to_run(10))
    assert (head.uuid, members(jobs, head)) == ("a1", ["a4"])
    jobs.done("a1", "a4")
    assert jobs.starts() == ["a2"]


def test_who_has_passed_the_limit_already_rides_and_those_behind_him_once():
    jobs = Shared("root:1")
    jobs.ant(x=2)
    jobs.put("a1", channel="root.x.one")
    jobs.put("a2", "a3", channel="root.x.two")
    [head] = list(jobs.manager.get_jobs_to_run(10))
    assert members(jobs, head) == ["a2", "a3"]


def test_a_job_that_became_due_meanwhile_rides_in_its_turn():
    jobs = Shared("root:9")
    jobs.ant(x=1)
    jobs.put("a1", "a3")
    jobs.put("a2", priority=1, eta=10)
    [head] = list(jobs.manager.get_jobs_to_run(9))
    found = jobs.manager.get_batch_members(head, 10, lambda job: True)
    assert [job.uuid for job in found] == ["a2", "a3"]


def test_limits_are_forgotten_with_their_database():
    jobs = Shared("root:9")
    jobs.ant(x=0)
    jobs.manager.remove_db("ant")
    jobs.put("a1")
    assert jobs.starts() == ["a1"]
    assert not jobs.manager.is_paused_for("ant", "root.x")


def test_a_channel_is_paused_for_a_database_by_itself_or_by_one_above():
    jobs = Shared("root:9")
    jobs.ant(x=0)
    assert jobs.manager.is_paused_for("ant", "root.x.deep")
    assert not jobs.manager.is_paused_for("ant", "root")
    assert not jobs.manager.is_paused_for("bee", "root.x")


def test_what_a_database_says_replaces_what_it_said_before():
    jobs = Shared("root:9")
    jobs.ant(x=0, y=1)
    jobs.ant(y=0)
    assert not jobs.manager.is_paused_for("ant", "root.x")
    assert jobs.manager.is_paused_for("ant", "root.y")
