# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is changed while jobs are on their way, and what the log says."""

import logging

import pytest
from rig.simulated_queue import SimulatedQueue as Queue

from odoo.addons.queue_job.core.channels.scheduler import (
    MOST_TOLD,
    NOT_DONE,
    ChannelManager,
)
from odoo.addons.queue_job.exception import ChannelNotFound
from odoo.addons.queue_job.jobrunner import channels

LOGGER = "odoo.addons.queue_job.jobrunner.channels"


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, LOGGER)
    return lambda: [(r.levelname, r.getMessage()) for r in caplog.records]


# changed by a manager while the runner runs


def test_a_channel_paused_later_starts_nothing_not_even_what_it_handed_down():
    queue = Queue("root:1,a:2")
    queue.put("r0")
    queue.pending("root.a", "a1", "a2")
    assert queue.starts() == ["r0"]

    channel = queue.manager.get_channel_by_name("a")
    channel.paused = True
    queue.done("r0")
    assert queue.starts() == []

    channel.paused = False
    assert queue.starts() == ["a1"]


def test_a_paused_channel_takes_back_what_came_through_it_from_below():
    queue = Queue("root:1,a:2,a.x:2")
    queue.put("r0")
    queue.put("x1", "root.a.x")
    assert queue.starts() == ["r0"]

    queue.manager.get_channel_by_name("a").paused = True
    queue.done("r0")
    assert queue.starts() == []


def test_a_capacity_lowered_holds_for_what_was_handed_down_too():
    queue = Queue("root:1,a:3")
    queue.put("r0")
    queue.pending("root.a", "a1", "a2", "a3")
    assert queue.starts() == ["r0"]

    queue.manager.get_channel_by_name("a").capacity = 1
    queue.manager.get_channel_by_name("root").capacity = 9
    assert queue.starts() == ["a1"]
    queue.done("a1")
    assert queue.starts() == ["a2"]


def test_a_capacity_raised_lets_more_jobs_start():
    queue = Queue("root:1")
    queue.pending("root", "A", "B", "C")
    assert queue.starts() == ["A"]
    queue.manager.get_channel_by_name("root").capacity = 2
    assert queue.starts() == ["B"]


def test_a_channel_made_sequential_later_keeps_the_order_from_then_on():
    queue = Queue("root:4,s:1")
    queue.put("s1", "root.s", eta=50)
    queue.put("s2", "root.s")
    queue.manager.get_channel_by_name("s").sequential = True
    assert queue.starts(10) == []
    assert queue.starts(50) == ["s1"]


# what the runner finds out in between


def test_jobs_found_running_leave_no_room_for_what_was_handed_down():
    queue = Queue("root:1,a:2")
    queue.put("r0")
    queue.pending("root.a", "a1", "a2")
    assert queue.starts() == ["r0"]

    queue.pending("root.a", "x1", "x2", state="started")
    queue.done("r0")
    queue.manager.get_channel_by_name("root").capacity = 9
    assert queue.starts() == []


def test_a_failure_found_holds_back_what_a_sequential_channel_handed_down():
    queue = Queue("root:1,s:1:sequential")
    queue.put("r0")
    queue.put("s1", "root.s")
    assert queue.starts() == ["r0"]

    queue.put("s0", "root.s", state="failed")
    queue.done("r0")
    assert queue.starts() == []


def test_hearing_the_same_again_changes_nothing():
    queue = Queue("root:1,a:1")
    queue.put("r0")
    assert queue.starts() == ["r0"]
    queue.put("L", "root.a", eta=500)
    assert queue.starts() == []
    queue.put("H", "root.a", p=1)
    queue.put("L")
    queue.put("r0", state="enqueued")
    queue.put("r0", state="started")
    queue.done("r0")
    assert queue.starts() == ["L"]


def test_a_job_returned_starts_again():
    queue = Queue("root:1")
    queue.put("A")
    assert queue.starts() == ["A"]
    queue.put("A")
    assert queue.starts() == ["A"]


def test_a_postponed_job_waits_for_its_new_time():
    queue = Queue("root:1")
    queue.put("A")
    assert queue.starts(10) == ["A"]
    queue.put("A", eta=70)
    assert queue.starts(69) == []
    assert queue.wakeup == 70
    assert queue.starts(70) == ["A"]


def test_a_job_moved_to_another_channel_competes_there():
    queue = Queue("root:9,a:1,b:1")
    queue.pending("root.a", "A", "B")
    assert queue.starts() == ["A"]
    queue.put("B", "root.b")
    assert queue.starts() == ["B"]


def test_a_job_of_a_channel_of_negative_capacity_never_runs():
    queue = Queue("root:9,never:-1")
    queue.put("A", "root.never")
    assert queue.starts() == []
    assert queue.wakeup == 0


def test_a_state_nobody_knows_is_no_reason_to_run():
    queue = Queue("root:9")
    queue.put("A", state="napping")
    assert queue.starts() == []


def test_jobs_without_priority_or_date_go_first_and_break_nothing():
    queue = Queue("root:9")
    queue.put("A")
    queue.put("B", p=None, created=None)
    assert queue.starts() == ["B", "A"]


# several databases


def _notify(manager, db, uuid, state="pending"):
    manager.notify(db, "root", uuid, 1, 1, 10, None, state)


def test_databases_share_the_tree_even_with_the_same_job_in_both():
    manager = ChannelManager()
    manager.simple_configure("root:3")
    for db in ("one", "copy"):
        _notify(manager, db, "same")
        _notify(manager, db, f"own of {db}")

    jobs = list(manager.get_jobs_to_run(0))
    assert sorted((job.db_name, job.uuid) for job in jobs) == [
        ("copy", "own of copy"),
        ("copy", "same"),
        ("one", "own of one"),
    ]

    manager.remove_job("same", "copy")
    assert [job.db_name for job in manager.get_jobs_to_run(0)] == ["one"]


def test_a_database_that_goes_frees_its_slots():
    manager = ChannelManager()
    _notify(manager, "one", "a", "started")
    _notify(manager, "two", "b")
    assert list(manager.get_jobs_to_run(0)) == []
    manager.remove_db("one")
    assert [job.uuid for job in manager.get_jobs_to_run(0)] == ["b"]


def test_a_job_is_forgotten_by_its_uuid_alone():
    manager = ChannelManager()
    _notify(manager, "one", "a", "started")
    manager.remove_job("a")
    manager.remove_job("a")
    _notify(manager, "two", "b")
    assert [job.uuid for job in manager.get_jobs_to_run(0)] == ["b"]


# names and log lines


@pytest.mark.parametrize("name", [None, "", "root", " root "])
def test_no_name_is_the_root(name):
    manager = ChannelManager()
    assert manager.get_channel_by_name(name) is manager._root_channel


def test_the_prefix_root_is_optional():
    manager = ChannelManager()
    manager.simple_configure("a.b:2")
    channel = manager.get_channel_by_name("root.a.b")
    assert manager.get_channel_by_name("a.b") is channel
    assert channel.fullname == "root.a.b"
    assert channel.parent.capacity is None


def test_an_unknown_name_is_refused_unless_it_may_be_made():
    manager = ChannelManager()
    with pytest.raises(ChannelNotFound, match=r"root\.gone"):
        manager.get_channel_by_name("gone")
    assert manager.get_channel_by_name("gone", autocreate=True).capacity is None


def test_a_configured_channel_is_told(said):
    Queue("root:4,a:0,b:2:paused")
    assert said() == [
        ("INFO", "Configured channel: root(C:4,Q:0,R:0,F:0)"),
        (
            "WARNING",
            "channel root.a has capacity 0, which means unlimited; "
            "add the key 'paused' to have no job run in it",
        ),
        ("INFO", "Configured channel: root.a(C:∞,Q:0,R:0,F:0)"),
        ("INFO", "Configured channel: root.b(C:2,Q:0,R:0,F:0,paused)"),
    ]


def test_words_that_mean_nothing_are_named(said):
    Queue("root:4,a:1:sequental,b:-2,c:2:throttel=3")
    assert [text for level, text in said() if level == "WARNING"] == [
        "channel root.a: nothing is known of the key 'sequental'; there are"
        " sequential, throttle, rate, burst, aging, max, per, fair and paused",
        "channel root.b has capacity -2, which means that no job runs in it;"
        " write the key 'paused' for that",
        "channel root.c: nothing is known of the key 'throttel'; there are"
        " sequential, throttle, rate, burst, aging, max, per, fair and paused",
    ]


def test_an_unknown_channel_is_told_once(said):
    queue = Queue("root:4,edi:1")
    said_before = len(said())
    queue.pending("edi.out.mail", "a", "b")
    queue.pending("root.edi.out.mail", "c")
    assert said()[said_before:] == [
        (
            "INFO",
            "channel root.edi.out.mail is not configured: "
            "its jobs run within the limits of root.edi",
        )
    ]


def test_the_log_does_not_name_unknown_channels_without_end(said):
    queue = Queue("root:4")
    said_before = len(said())
    for number in range(MOST_TOLD + 5):
        queue.pending(f"root.c{number}", f"{number}")
    told = said()[said_before:]
    assert len(told) == MOST_TOLD + 1
    last = "further channels that are not configured are not named"
    assert told[-1] == ("INFO", last)


def test_the_counts_of_a_channel_are_readable():
    queue = Queue("root:1")
    queue.pending("root", "A", "B")
    queue.put("C", eta=9000)
    queue.failed("D")
    queue.starts()
    root = queue.manager._root_channel
    assert str(root) == "root(C:1,Q:2,R:1,F:1)"
    assert {job.uuid for job in root._running} == {"A"}


def test_a_malformed_configuration_configures_nothing():
    manager = ChannelManager()
    with pytest.raises(ValueError, match="root:x"):
        manager.simple_configure("root:4,a:2,root:x")
    assert manager._root_channel.capacity == 1
    assert manager._root_channel.children == {}


def test_the_states_a_runner_knows_are_plain_text():
    assert NOT_DONE == (
        "wait_dependencies",
        "pending",
        "enqueued",
        "started",
        "failed",
    )
    assert {type(state) for state in NOT_DONE} == {str}


def test_the_public_import_path_leads_to_the_core():
    assert channels.ChannelManager is ChannelManager
    assert set(channels.__all__) >= {
        "Channel",
        "ChannelJob",
        "ChannelQueue",
        "PriorityQueue",
        "split_strip",
    }


# what it costs


def test_only_the_branch_where_something_happened_is_looked_at(monkeypatch):
    manager = ChannelManager()
    names = [f"group{n % 10}.channel{n}" for n in range(500)]
    manager.simple_configure("root:5," + ",".join(f"{name}:1" for name in names))
    for number, name in enumerate(names * 2):
        uuid = f"job{number:04}"
        manager.notify("db", name, uuid, number, number, 10, None, "pending")
    first, *_others = manager.get_jobs_to_run(0)

    looked_at = []
    pass_up = channels.Channel.pass_up
    monkeypatch.setattr(
        channels.Channel,
        "pass_up",
        lambda self, now: (looked_at.append(self.fullname), pass_up(self, now)),
    )
    manager.remove_job(first.uuid, "db")
    assert len(list(manager.get_jobs_to_run(1))) == 1
    assert looked_at == ["root.group0.channel0", "root.group0", "root"]
