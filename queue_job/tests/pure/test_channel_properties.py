# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What holds for any tree of channels and any course of events."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig.two_schedulers import TwoSchedulers, is_executing, lineage

from odoo.addons.queue_job.core.channels.own_rules import OwnRules
from odoo.addons.queue_job.core.channels.rate import Rate

pytestmark = pytest.mark.usefixtures("silent_channels")

NAMES = [
    "root",
    "root.a",
    "root.b",
    "root.a.x",
    "root.a.y",
    "root.b.x",
    "root.a.x.deep",
]
UUIDS = [f"job{number}" for number in range(9)]
DATABASES = ["ant", "bee"]
DATABASE_OF = {uuid: DATABASES[n % len(DATABASES)] for n, uuid in enumerate(UUIDS)}
FAR = 10**6
MANY = 3 * settings().max_examples


#: Of intervals that are the same number however they are added up.
RATES = [Rate(1, 4, 1), Rate(2, 4, 2), Rate(2, 5, 1), Rate(4, 2, 3)]


@st.composite
def _config(draw, name):
    sequential = draw(st.integers(0, 3)) == 0
    capacities = st.sampled_from([1, 1, 2, 2, 3, 0, None])
    return {
        "name": name,
        "capacity": 1 if sequential else draw(capacities),
        "sequential": sequential,
        "throttle": draw(st.sampled_from([0, 0, 0, 2, 5])),
        "rate": draw(st.sampled_from([None, None, *RATES])),
        "aging": None if sequential else draw(st.sampled_from([None, None, 0, 1, 3])),
        "paused": draw(st.integers(0, 9)) == 0,
    }


CONFIGS = st.tuples(*map(_config, NAMES)).map(list)
FACTS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(NAMES),
        "created": st.integers(1, 3),
        "priority": st.integers(1, 3),
        "eta": st.none() | st.integers(1, 40),
    }
)
STATES = st.sampled_from(
    ["pending"] * 4
    + ["done"] * 3
    + ["failed", "started", "enqueued", "cancelled", "wait_dependencies"]
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(UUIDS), FACTS),
        st.tuples(st.just("state"), st.sampled_from(UUIDS), STATES),
        st.tuples(st.just("start"), st.integers(0, 6), st.none()),
        st.tuples(
            st.just("capacity"),
            st.sampled_from(NAMES),
            st.sampled_from([1, 2, 3, 0, None, -1]),
        ),
        st.tuples(st.just("paused"), st.sampled_from(NAMES), st.booleans()),
        st.tuples(
            st.just("limit"),
            st.tuples(st.sampled_from(DATABASES), st.sampled_from(NAMES)),
            st.sampled_from([0, 0, 1, 1, 2, None]),
        ),
        st.tuples(
            st.just("own"),
            st.tuples(st.sampled_from(DATABASES), st.sampled_from(NAMES)),
            st.tuples(st.sampled_from([None, *RATES]), st.sampled_from([None, 0, 2])),
        ),
    ),
    max_size=40,
)


class World(TwoSchedulers):
    def __init__(self, configs):
        super().__init__(configs, DATABASE_OF)

    def assert_wakeup(self, event):
        """Before the next start a time in the past is as good as any: it means now."""
        wakeup = self.manager.get_wakeup_time()
        is_past = event[0] != "start" and 0 < wakeup <= self.now
        assert is_past or wakeup == self.naive.wakeup()

    def own(self, db_name, name, rate, aging):
        self.rule(db_name, name, OwnRules(rate, aging))
        self.naive.set_own(db_name, name, rate, aging)

    def assert_allowed(self, uuid):
        """It has a slot at every level."""
        db_name = DATABASE_OF[uuid]
        for name in lineage(self.rows[uuid]["channel"]):
            capacity = self.configs[name]["capacity"]
            assert not capacity or self.executing(name) <= capacity, name
            assert not self.configs[name]["paused"]
            limit = self.limits[db_name].get(name, FAR)
            assert self.executing(name, db_name) <= limit, (db_name, name)

    def executing(self, name, db_name=None):
        return sum(
            is_executing(row)
            and name in lineage(row["channel"])
            and db_name in (None, DATABASE_OF[uuid])
            for uuid, row in self.rows.items()
        )


@settings(max_examples=MANY)
@given(configs=CONFIGS, events=EVENTS)
def test_it_decides_as_the_plain_rules_do_and_within_capacity(configs, events):
    world = World(configs)
    for event in events:
        world.event(*event)
        world.assert_wakeup(event)
    world.start()


@given(configs=CONFIGS, events=EVENTS)
def test_nothing_is_lost(configs, events):
    world = World(configs)
    for event in events:
        world.event(*event)
    world.run_to_the_end()
    ends = {"done", "cancelled", "wait_dependencies"}
    assert {row["state"] for row in world.rows.values()} <= ends


@given(configs=CONFIGS, events=EVENTS, probe=st.floats(0, 0.99))
def test_nothing_can_start_before_the_wake_up_time(configs, events, probe):
    world = World(configs)
    for event in events:
        world.event(*event)
    world.start()
    wakeup = world.manager.get_wakeup_time()

    until = wakeup or FAR
    assert until > world.now
    world.now += (until - world.now) * probe
    assert world.start() == []
    assert world.manager.get_wakeup_time() == wakeup


@given(configs=CONFIGS, events=EVENTS)
def test_waking_up_starts_a_job_or_comes_nearer_to_it(configs, events):
    world = World(configs)
    for event in events:
        world.event(*event)
    started = world.start()
    while (wakeup := world.manager.get_wakeup_time()) and not started:
        world.now = wakeup
        started = world.start()
        later = world.manager.get_wakeup_time()
        assert started or later == 0 or later > wakeup


@given(
    jobs=st.lists(FACTS, min_size=1, max_size=len(UUIDS)),
    capacity=st.integers(1, 4),
)
def test_a_sequential_channel_keeps_its_order(jobs, capacity):
    configs = [{"name": name, "capacity": None} for name in NAMES]
    configs = [
        {"sequential": False, "throttle": 0, "paused": False, **config}
        for config in configs
    ]
    configs[0]["capacity"] = capacity
    configs[1].update(capacity=1, sequential=True)
    world = World(configs)
    for uuid, facts in zip(UUIDS, jobs, strict=False):
        world.tell(uuid, state="pending", **{**facts, "channel": "root.a"})

    order = []
    while started := world.start() or world.manager.get_wakeup_time():
        if isinstance(started, list):
            order += started
            for uuid in started:
                world.tell(uuid, state="done")
        else:
            world.now = started

    by_rank = sorted(
        world.rows,
        key=lambda uuid: (
            world.rows[uuid]["priority"],
            world.rows[uuid]["created"],
            UUIDS.index(uuid),
        ),
    )
    assert order == by_rank


@given(configs=CONFIGS, events=EVENTS, taken=st.integers(0, 3))
def test_jobs_nobody_took_from_the_answer_are_not_counted(configs, events, taken):
    world = World(configs)
    for event in events:
        world.event(*event)
    answer = world.manager.get_jobs_to_run(world.now)
    first = [job.uuid for job in itertools.islice(answer, taken)]
    answer.close()
    rest = [job.uuid for job in world.manager.get_jobs_to_run(world.now)]
    assert first + rest == world.naive.starts(world.now)
