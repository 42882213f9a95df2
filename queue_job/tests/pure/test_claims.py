# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lock keys, ``per=`` and ``fair=``, one case at a time."""

import pytest

from odoo.addons.queue_job.core.channels import groups
from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.config import ChannelConfig, parse
from odoo.addons.queue_job.core.channels.obstacle import Obstacle
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")


class Queue:
    def __init__(self, channels):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self.facts = {}

    def put(self, *uuids, channel="root", state="pending", priority=10, eta=None, **of):
        for uuid in uuids:
            seq = len(self.facts) + 1
            self.facts[uuid] = (
                ("db", channel, uuid, seq, 0, priority, eta), Traits(**of)
            )  # fmt: skip
            self.tell(uuid, state)

    def tell(self, uuid, state):
        facts, traits = self.facts[uuid]
        self.manager.notify(*facts, state, traits)

    def start(self, now=0):
        return [job.uuid for job in self.manager.get_jobs_to_run(now)]

    def end(self, *uuids):
        for uuid in uuids:
            self.manager.remove_job(uuid)

    def batches(self, most=99):
        found = []
        for job in list(self.manager.get_jobs_to_run(0)):
            left = iter(range(most))
            members = self.manager.get_batch_members(
                job, 0, lambda _job, left=left: next(left, None) is not None
            )
            found.append([job.uuid, *(member.uuid for member in members)])
        return found

    def obstacle(self, uuid, now=0):
        return self.manager.obstacle_of("db", uuid, now)


# --- lock keys


def test_one_job_of_a_key_runs_at_a_time_whatever_its_channel():
    jobs = Queue("root:9,root.a:9,root.b:9")
    jobs.put("a1", "a2", channel="root.a", lock_key="k")
    jobs.put("b1", channel="root.b", lock_key="k")
    jobs.put("other", channel="root.b", lock_key="l")
    jobs.put("plain")
    assert jobs.start() == ["a1", "other", "plain"]
    jobs.end("a1")
    assert jobs.start() == ["a2"]
    jobs.end("a2")
    assert jobs.start() == ["b1"]


def test_so_many_jobs_of_a_key_run_as_its_limit_says():
    jobs = Queue("root:9")
    jobs.put("a", "b", "c", lock_key="k", lock_limit=2)
    assert jobs.start() == ["a", "b"]
    jobs.end("b")
    assert jobs.start() == ["c"]


def test_of_several_limits_the_least_of_those_that_run_counts():
    jobs = Queue("root:9")
    jobs.put("one", lock_key="k", lock_limit=1)
    jobs.put("two", "three", lock_key="k", lock_limit=2)
    assert jobs.start() == ["one"]
    jobs.end("one")
    assert jobs.start() == ["two", "three"]


def test_what_runs_of_a_key_when_the_runner_begins_counts():
    jobs = Queue("root:9")
    jobs.put("runs", state="started", lock_key="k")
    jobs.put("waits", lock_key="k")
    assert jobs.start() == []
    jobs.tell("runs", "pending")  # it was rescued
    assert jobs.start() == ["runs"]


def test_who_waits_for_a_key_takes_no_slot_of_his_channel():
    jobs = Queue("root:1,root.a:2")
    jobs.put("big", channel="root", priority=1)
    jobs.put("k1", "k2", channel="root.a", lock_key="k")
    assert jobs.start() == ["big"]
    jobs.put("x", channel="root.a", priority=20)
    jobs.manager.get_channel_by_name("root").capacity = 3
    assert jobs.start() == ["k1", "x"]


def test_the_head_of_a_sequential_channel_that_waits_for_its_key_is_no_alarm_clock():
    jobs = Queue("root:9,root.line:1:sequential")
    jobs.put("runs", state="started", lock_key="k")
    jobs.put("head", channel="root.line", lock_key="k", eta=5)
    jobs.put("behind", channel="root.line", priority=20)
    assert jobs.start(now=6) == []
    assert jobs.manager.get_wakeup_time() == 0
    jobs.end("runs")
    assert jobs.start(now=6) == ["head"]


def test_a_job_that_was_passed_on_is_taken_back_when_another_took_its_place():
    jobs = Queue("root:1,root.a:5:per=company:1,root.a.x:1")
    jobs.put("big", priority=1)
    assert jobs.start() == ["big"]
    jobs.put("passed", channel="root.a.x", company=1)
    assert jobs.start() == []
    jobs.put("taken by an add-on", channel="root.a", state="started", company=1)
    jobs.put("other", channel="root.a.x", company=2)
    jobs.manager.get_channel_by_name("root").capacity = 9
    assert jobs.start() == ["other"]
    jobs.end("taken by an add-on", "other")
    assert jobs.start() == ["passed"]


def waiting(manager):
    """The entries of those that are told when a slot is free."""
    tallies = (channel._tally for channel in manager._channels.values())
    return sum(len(w) for t in filter(None, tallies) for w in t._waiting.values())


@pytest.mark.parametrize("channels", ["root:9", "root:9:per=company:1"])
def test_channels_that_come_and_go_while_a_key_is_held_leave_nothing(channels):
    jobs = Queue(channels)
    jobs.put("runs", state="started", lock_key="k", company=1)
    for number in range(500):
        uuid, channel = f"job{number}", f"root.c{number}"
        jobs.put(uuid, channel=channel, lock_key="k", company=1)
        assert jobs.start() == []
        assert waiting(jobs.manager) == 1
        jobs.end(uuid)
    assert waiting(jobs.manager) == 0


def test_those_that_are_left_of_a_key_are_woken_though_the_one_asked_has_gone():
    jobs = Queue("root:9,root.line:1:sequential")
    jobs.put("runs", state="started", lock_key="k")
    jobs.put("a1", "a2", channel="root.a", lock_key="k")
    jobs.put("s1", "s2", channel="root.line", lock_key="k", priority=20)
    assert jobs.start() == []
    jobs.end("a1", "s1")
    assert jobs.start() == []
    jobs.end("runs")
    assert jobs.start() == ["a2"]
    jobs.end("a2")
    assert jobs.start() == ["s2"]


# --- batches: one after the other, in one slot


def test_jobs_of_a_key_follow_each_other_in_one_slot():
    jobs = Queue("root:3")
    jobs.put("k1", "k2", lock_key="k")
    jobs.put("x")
    jobs.put("k3", lock_key="k")
    assert jobs.batches(most=1) == [["k1", "k2"], ["x"]]
    assert jobs.start() == []
    jobs.end("k1")
    assert jobs.start() == [], "k2 is to run in the slot of k1"
    jobs.end("k2")
    assert jobs.start() == ["k3"]


def test_in_a_slot_the_order_is_that_of_one_by_one():
    jobs = Queue("root:1")
    jobs.put("k1", "k2", lock_key="k")
    jobs.put("x")
    jobs.put("k3", lock_key="k")
    assert jobs.batches() == [["k1", "k2", "x", "k3"]]


def test_a_member_does_not_take_what_another_slot_has():
    jobs = Queue("root:2")
    jobs.put("k1", lock_key="k")
    jobs.put("x")
    jobs.put("k2", lock_key="k")
    jobs.put("y")
    heads = list(jobs.manager.get_jobs_to_run(0))
    assert [job.uuid for job in heads] == ["k1", "x"]
    members = jobs.manager.get_batch_members(heads[1], 0, lambda job: True)
    assert [job.uuid for job in members] == ["y"]


# --- per=


def test_each_company_has_its_number_in_a_channel_and_those_below():
    jobs = Queue("root:9,root.api:9:per=company:2,root.api.x:9")
    jobs.put("a1", "a2", channel="root.api", company=1)
    jobs.put("a3", channel="root.api.x", company=1)
    jobs.put("b1", channel="root.api.x", company=2)
    jobs.put("elsewhere", company=1)
    assert sorted(jobs.start()) == ["a1", "a2", "b1", "elsewhere"]
    jobs.end("elsewhere")
    assert jobs.start() == []
    jobs.end("a1")
    assert jobs.start() == ["a3"]


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("user", {"user": 1}, {"user": 2}),
        ("model", {"function": "<a.b>.one"}, {"function": "<a.c>.one"}),
        ("function", {"function": "<a.b>.one"}, {"function": "<a.b>.two"}),
    ],
)
def test_jobs_are_told_apart_by(kind, same, other):
    jobs = Queue(f"root:9:per={kind}:1")
    jobs.put("first", "second", **same)
    jobs.put("third", **other)
    assert jobs.start() == ["first", "third"]


# --- fair=


def test_companies_take_turns():
    jobs = Queue("root:1:fair=company")
    jobs.put("a1", "a2", "a3", company=1)
    jobs.put("b1", "b2", company=2)
    order = []
    while started := jobs.start():
        order += started
        jobs.end(*started)
    assert order == ["a1", "b1", "a2", "b2", "a3"]


def test_who_comes_late_has_the_next_turn():
    jobs = Queue("root:1:fair=user")
    jobs.put(*(f"a{number}" for number in range(50)), user=1, priority=1)
    for _number in range(9):
        jobs.end(*jobs.start())
    assert jobs.start() == ["a9"]
    jobs.put("late", user=2, priority=20)
    jobs.end("a9")
    assert jobs.start() == ["late"]


def test_turns_of_those_that_wait_no_more_are_forgotten(monkeypatch):
    monkeypatch.setattr(groups, "MOST_REMEMBERED", 5)
    jobs = Queue("root:1:fair=key")
    for number in range(40):
        jobs.put(f"job{number}", lock_key=f"k{number}")
        jobs.end(*jobs.start())
    turns = jobs.manager.get_channel_by_name("root")._queue._turns._turns
    assert len(turns._last) <= 5


# --- why a job waits


def test_the_job_of_the_key_that_runs_is_named():
    jobs = Queue("root:1")
    jobs.put("runs", "waits", lock_key="k")
    assert jobs.start() == ["runs"]
    found = jobs.obstacle("waits")
    assert (found.obstacle, found.jobs) == (Obstacle.KEY, ("runs",))
    assert (found.of, found.limit) == (("key", "k"), 1)


def test_the_channel_that_runs_no_more_of_a_company_is_named():
    jobs = Queue("root:9,root.api:9:per=company:1")
    jobs.put("runs", "waits", channel="root.api", company=7)
    jobs.start()
    found = jobs.obstacle("waits")
    assert (found.obstacle, found.channel) == (Obstacle.PER, "root.api")
    assert (found.of, found.limit, found.jobs) == (("company", 7), 1, ("runs",))


def test_a_full_channel_says_that_it_is_fair():
    jobs = Queue("root:9,root.api:1:fair=company")
    jobs.put("runs", "waits", channel="root.api", company=7)
    jobs.start()
    found = jobs.obstacle("waits")
    assert (found.obstacle, found.channel) == (Obstacle.TURN, "root.api")
    assert (found.of, found.limit, found.jobs) == (("company", ""), 1, ("runs",))


# --- the grammar


@pytest.mark.parametrize(
    "entry",
    ["root:4:per=company:2", "root.a:4:fair=key", "root:9:throttle=1:per=user:1"],
)
def test_what_an_entry_says_is_said_again(entry):
    [config] = parse(entry)
    assert str(config) == entry
    assert parse(str(config)) == [config]


def test_the_number_of_an_entry_is_no_word_of_its_own():
    [config] = parse("root:4:per=company:2:paused")
    assert config == ChannelConfig("root", 4, paused=True, per=config.per)
    assert config.per == ("company", 2)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("root:4:per=country:2", ["country", "company, user, model, function"]),
        ("root:4:per=company", ["number of jobs is missing", "per=company:2"]),
        ("root:4:per=company:0", ["number of jobs is missing"]),
        ("root:4:per", ["True"]),
        ("root:4:fair=colour", ["colour", "company, user, model, function, key"]),
        ("root:1:sequential:fair=user", ["sequential", "leave out one"]),
        ("root:0:fair=user", ["without limit", "give it a capacity"]),
    ],
)
def test_a_wrong_word_is_named_with_its_cure(entry, words):
    with pytest.raises(ValueError, match="Invalid channel configuration") as raised:
        parse(entry)
    for word in words:
        assert word in str(raised.value)
