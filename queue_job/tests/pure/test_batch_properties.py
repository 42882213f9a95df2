# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever the channels and jobs: in runs they start in the order, and overlap no more,
than one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig.naive_scheduler import NaiveScheduler

from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")

NAMES = ["root", "root.a", "root.b", "root.a.x", "root.a.y", "root.b.x", "root.a.x.z"]


@st.composite
def _config(draw, name, capacities=(1, 2, 3, 0, None)):
    sequential = draw(st.integers(0, 3)) == 0
    return {
        "name": name,
        "capacity": 1 if sequential else draw(st.sampled_from(capacities)),
        "sequential": sequential,
        "throttle": 0,
        "paused": draw(st.integers(0, 9)) == 0,
        "limit": draw(st.sampled_from([None] * 5 + [1, 2])),
    }


def configs(*root_capacities):
    root = _config("root", root_capacities)
    return st.tuples(root, *map(_config, NAMES[1:])).map(list)


JOBS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.integers(1, 2),
        st.integers(1, 3),
        st.sampled_from([None, "k", "l"]),
    ),
    max_size=14,
)
#: How many jobs may come along with the next one.
LENGTHS = st.lists(st.integers(0, 5), min_size=30, max_size=30)


def limits(made_of):
    """What the database allows itself."""
    return {c["name"]: c["limit"] for c in made_of if c["limit"] is not None}


def scheduler(made_of, jobs):
    manager = ChannelManager()
    for config in made_of:
        manager.get_channel_from_config(config)
    manager.set_limits("db", limits(made_of))
    for number, (channel, created, priority, key) in enumerate(jobs):
        facts = (f"job{number}", number, created, priority, None)
        manager.notify("db", channel, *facts, "pending", Traits(key))
    return manager


def next_runs(manager, lengths):
    for head in list(manager.get_jobs_to_run(1)):
        left = iter(range(lengths.pop()))
        members = manager.get_batch_members(
            head, 1, lambda _job, left=left: next(left, None) is not None
        )
        yield [head, *members]


@given(configs(1), JOBS, LENGTHS)
def test_with_one_place_the_order_is_that_of_one_by_one(made_of, jobs, lengths):
    # while a key is taken, others of a channel below go up past those that wait for it;
    # in a run, it is not taken in between
    if {channel for channel, *_rest in jobs} != {"root"}:
        jobs = [
            (channel, created, priority, None) for channel, created, priority, _ in jobs
        ]
    plain = NaiveScheduler(made_of)
    for name, limit in limits(made_of).items():
        plain.set_limit("db", name, limit)
    for number, (channel, created, priority, key) in enumerate(jobs):
        facts = (f"job{number}", number, created, priority, None)
        plain.notify("db", channel, *facts, "pending", {"key": key, "limit": 1})
    expected = []
    while started := plain.starts(1):
        expected += started
        for uuid in started:
            channel, created, priority, key = jobs[int(uuid[3:])]
            facts = (uuid, int(uuid[3:]), created, priority, None)
            plain.notify("db", channel, *facts, "done", {"key": key, "limit": 1})

    manager = scheduler(made_of, jobs)
    found = []
    while runs := list(next_runs(manager, lengths)):
        for job in [job for run in runs for job in run]:
            found.append(job.uuid)
            manager.remove_job(job.uuid)

    assert found == expected


class Server:
    """Workers that run what they are given, one job of a run after the other."""

    def __init__(self, made_of, jobs, lengths):
        self.configs = {config["name"]: config for config in made_of}
        self.jobs = jobs
        self.manager = scheduler(made_of, jobs)
        self.lengths = lengths
        self.runs = []
        self.begun = []
        self.failed = set()

    def start(self):
        for run in next_runs(self.manager, self.lengths):
            self.runs.append(run)
            self.begin(run[0])

    def begin(self, job):
        home = job.channel.fullname
        assert not (self.configs[home]["sequential"] and home in self.failed)
        self.begun.append(job.uuid)
        keys = [key for run in self.runs if (key := run[0].traits.lock_key)]
        assert len(keys) == len(set(keys))
        for name in NAMES:
            capacity = self.configs[name]["capacity"]
            lineages = [run[0].channel.fullname + "." for run in self.runs]
            overlaps = sum(lineage.startswith(name + ".") for lineage in lineages)
            limit = self.configs[name]["limit"]
            assert not capacity or overlaps <= capacity, name
            assert limit is None or overlaps <= limit, name
            assert not (overlaps and self.configs[name]["paused"]), name

    def end(self, number, fails):
        """The job at which a worker is ends; the next of its run begins."""
        run = self.runs[number]
        job = run.pop(0)
        stops = any(self.configs[j.channel.fullname]["sequential"] for j in (job, *run))
        if fails:
            self.failed.add(job.channel.fullname)
            self.tell(job, "failed")
        else:
            self.tell(job, "done")
        if fails and stops:
            for rest in run:
                self.tell(rest, "pending")
            run.clear()
        if run:
            self.begin(run[0])
        else:
            self.runs.pop(number)

    def tell(self, job, state):
        channel, created, priority, key = self.jobs[job.seq]
        facts = (job.uuid, job.seq, created, priority, None)
        self.manager.notify("db", channel, *facts, state, Traits(key))


@given(
    configs(1, 2, 3),
    JOBS,
    LENGTHS,
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=40),
)
def test_what_really_overlaps_never_exceeds_a_capacity(made_of, jobs, lengths, ends):
    server = Server(made_of, jobs, lengths)
    server.start()
    for which, luck in ends:
        if server.runs:
            server.end(which % len(server.runs), fails=luck == 0)
            server.start()
    assert len(set(server.begun)) == len(server.begun)


@given(configs(1, 2, 3), JOBS, LENGTHS)
def test_nobody_is_left_behind_where_nothing_is_paused(made_of, jobs, lengths):
    for config in made_of:
        config["paused"] = False
    server = Server(made_of, jobs, lengths)
    server.start()
    while server.runs:
        server.end(0, fails=False)
        server.start()
    assert sorted(server.begun) == sorted(f"job{n}" for n in range(len(jobs)))
