# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases that share channels take turns."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.by_database import TurnQueue
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")

CHANNELS = ["root:1", "root:3", "root:2,root.a:1", "root:0,root.a:2", "root:2,root.a"]
#: Per database: how many jobs, and their priorities.
BACKLOGS = st.dictionaries(
    st.sampled_from(["ant", "bee", "cat", "dog"]),
    st.lists(st.integers(0, 20), min_size=1, max_size=12),
    min_size=1,
)


class Shared:
    """Channels that several databases share; every started job is told in order."""

    def __init__(self, channels, name="root.a"):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self.name = name
        self.waiting = Counter()
        self.started = []
        self._facts = {}

    def add(self, db_name, priority=10, eta=None):
        number = len(self._facts)
        uuid = f"{db_name}{number}"
        facts = (db_name, self.name, uuid, number, 0, priority, eta)
        self._facts[uuid] = facts
        self.waiting[db_name] += 1
        self.manager.notify(*facts, "pending")
        return uuid

    def start(self):
        """Start what may; returns the new jobs."""
        jobs = list(self.manager.get_jobs_to_run(1))
        self.waiting.subtract(job.db_name for job in jobs)
        self.started += jobs
        for job in jobs:
            self.manager.notify(*self._facts[job.uuid], "enqueued")
        return [job.uuid for job in jobs]

    def end(self, uuid):
        self.manager.notify(*self._facts[uuid], "done")

    def run(self, backlogs):
        """Add these jobs, and let one after the other end."""
        for db_name, priorities in backlogs.items():
            for priority in priorities:
                self.add(db_name, priority)
        running = self.start()
        while running:
            self.end(running.pop(0))
            running += self.start()


@given(st.sampled_from(CHANNELS), BACKLOGS)
def test_who_waits_longest_for_a_turn_is_next(channels, backlogs):
    shared = Shared(channels)
    shared.run(backlogs)

    left = Counter({db_name: len(jobs) for db_name, jobs in backlogs.items()})
    assert Counter(job.db_name for job in shared.started) == left
    taken = Counter()
    for job in shared.started:
        wanting = [db_name for db_name in left if left[db_name]]
        assert taken[job.db_name] == min(taken[db_name] for db_name in wanting)
        taken[job.db_name] += 1
        left[job.db_name] -= 1


@given(st.sampled_from(CHANNELS), BACKLOGS)
def test_within_a_database_the_best_ranked_is_first(channels, backlogs):
    shared = Shared(channels)
    shared.run(backlogs)

    for db_name in backlogs:
        ranks = [job.rank for job in shared.started if job.db_name == db_name]
        assert ranks == sorted(ranks)


def test_a_newcomer_does_not_wait_behind_the_backlog_of_another():
    shared = Shared("root:1")
    for _job in range(1000):
        shared.add("big", priority=0)
    [running] = shared.start()
    late = shared.add("small", priority=99)
    shared.end(running)
    assert shared.start() == [late]


def test_a_database_that_wanted_nothing_has_no_turns_saved_up():
    shared = Shared("root:1")
    first = shared.add("idle")
    for _job in range(9):
        shared.add("busy")
    order = []
    running = shared.start()
    while running:
        order.append(running[0].rstrip("0123456789"))
        if len(order) == 6:
            for _job in range(3):
                shared.add("idle")
        shared.end(running.pop())
        running = shared.start()
    assert first == "idle0"
    assert order[6:12] == ["idle", "busy", "idle", "busy", "idle", "busy"]


def test_a_sequential_channel_is_one_line_for_all():
    shared = Shared("root:9,root.a:1:sequential")
    jobs = [shared.add("big", priority=1) for _job in range(3)]
    last = shared.add("small", priority=2)
    order = []
    while running := shared.start():
        order += running
        shared.end(running[0])
    assert order == [*jobs, last]


def test_batch_members_are_of_the_same_database():
    shared = Shared("root:1")
    for db_name in ["big", "small"] * 3:
        shared.add(db_name)
    [head] = list(shared.manager.get_jobs_to_run(1))
    members = shared.manager.get_batch_members(head, 1, lambda job: True)
    assert [job.db_name for job in members] == [head.db_name] * 2


@dataclass(frozen=True)
class Waiting:
    """A job as a queue knows it."""

    db_name: str
    value: str
    rank: tuple[int]
    eta: float | None = None
    is_due: bool = True
    claims: tuple = ()


def test_who_was_taken_out_of_his_turn_leaves_the_place_of_the_next():
    queue = TurnQueue(lambda job: True, lambda job: job.rank)
    queue.be_fair(lambda job: job.value, lambda db_name: db_name == "fair")

    def add(*facts):
        queue.add(job := Waiting(*facts), job.rank)
        return job

    # Given a value that has had its turn, so that another one's worse job is first
    queue.take(add("fair", "b", (1,)))
    worse, better = add("fair", "a", (10,)), add("fair", "b", (5,))
    add("plain", "", (7,))
    assert queue.first("fair") is worse
    # when that job goes with a batch
    queue.take(worse)
    # then the database stands where its next job has it stand
    assert queue.pop() is better
