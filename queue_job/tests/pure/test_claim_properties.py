# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lock keys, ``per=`` and ``fair=`` in any tree of channels, whatever happens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig.two_schedulers import TwoSchedulers, is_executing, lineage

from odoo.addons.queue_job.core.channels.own_rules import OwnRules
from odoo.addons.queue_job.core.channels.shares import per as read_per

pytestmark = pytest.mark.usefixtures("silent_channels")

NAMES = ["root", "root.a", "root.b", "root.a.x"]
UUIDS = [f"job{number}" for number in range(10)]
DATABASES = ["ant", "bee"]
DATABASE_OF = {uuid: DATABASES[n % 3 == 0] for n, uuid in enumerate(UUIDS)}
MANY = 5 * settings().max_examples


PER = [None, None, "company:1", "user:1", "company:2"]
FAIR = ["company", "key", None]


@st.composite
def _config(draw, name):
    sequential = draw(st.integers(0, 9)) == 9
    capacity = 1 if sequential else draw(st.sampled_from([2, 1, 3, 0]))
    is_fair = capacity and not sequential
    return {
        "name": name,
        "capacity": capacity,
        "sequential": sequential,
        "throttle": draw(st.sampled_from([0] * 9 + [2])),
        "paused": draw(st.integers(0, 14)) == 14,
        "per": draw(st.sampled_from(PER)),
        "fair": draw(st.sampled_from(FAIR)) if is_fair else None,
    }


CONFIGS = st.tuples(*map(_config, NAMES)).map(list)
FACTS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(NAMES),
        "created": st.integers(1, 3),
        "priority": st.integers(1, 3),
        "eta": st.sampled_from([None] * 6 + [5, 9]),
        "key": st.sampled_from([None, "k", "l"]),
        "limit": st.sampled_from([1, 1, 2]),
        "company": st.sampled_from([1, 2]),
        "user": st.sampled_from([1, 2]),
    }
)
STATES = st.sampled_from(
    ["pending"] * 3 + ["done"] * 5 + ["failed", "started", "enqueued", "cancelled"]
)
#: Those that wait from the beginning.
FIRST = st.lists(FACTS, min_size=3, max_size=len(UUIDS))
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(UUIDS), FACTS),
        *[st.tuples(st.just("state"), st.sampled_from(UUIDS), STATES)] * 3,
        *[st.tuples(st.just("start"), st.integers(0, 6), st.none())] * 2,
        st.tuples(st.just("capacity"), st.sampled_from(NAMES), st.integers(1, 3)),
        st.tuples(st.just("paused"), st.sampled_from(NAMES), st.booleans()),
        st.tuples(
            st.just("limit"),
            st.tuples(st.sampled_from(DATABASES), st.sampled_from(NAMES)),
            st.sampled_from([0, 1, None]),
        ),
        st.tuples(
            st.just("own"),
            st.tuples(st.sampled_from(DATABASES), st.sampled_from(NAMES)),
            st.tuples(st.sampled_from(PER), st.sampled_from(FAIR)),
        ),
    ),
    max_size=30,
)


class World(TwoSchedulers):
    def __init__(self, configs, first):
        super().__init__(configs, DATABASE_OF)
        for uuid, facts in zip(UUIDS, first, strict=False):
            self.tell(uuid, state="pending", **facts)

    def told_of(self, config):
        return {name: value for name, value in config.items() if value is not None}

    def traits(self, row):
        return {name: row[name] for name in ("key", "limit", "company", "user")}

    def own(self, db_name, name, per, fair):
        self.rule(db_name, name, OwnRules(per=read_per(name, per), fair=fair))
        self.naive.set_own_shares(db_name, name, per, fair)

    def assert_allowed(self, uuid):
        """No more run of its lock key, and of its company or user, than may."""
        row = self.rows[uuid]
        if row["key"]:
            running = list(self.executing("root", uuid, "key"))
            assert len(running) <= min(other["limit"] for other in running)
        for name in lineage(row["channel"]):
            own = self.own_rules[DATABASE_OF[uuid]].get(name, OwnRules()).per
            for per in filter(None, (read_per(name, self.configs[name]["per"]), own)):
                running = list(self.executing(name, uuid, per.kind))
                assert len(running) <= per.limit

    def executing(self, name, uuid, kind):
        """The jobs that run in a channel and agree with one."""
        for other, row in self.rows.items():
            if (
                is_executing(row)
                and name in lineage(row["channel"])
                and row[kind] == self.rows[uuid][kind]
                and DATABASE_OF[other] == DATABASE_OF[uuid]
            ):
                yield row


@settings(max_examples=MANY)
@given(configs=CONFIGS, first=FIRST, events=EVENTS)
def test_it_decides_as_the_plain_rules_do_and_never_exceeds_a_number(
    configs, first, events
):
    world = World(configs, first)
    for event in events:
        world.event(*event)
        assert_none_is_told_in_vain(world.manager)
    world.start()
    assert (world.manager.get_wakeup_time() or 0) == world.naive.wakeup()


def assert_none_is_told_in_vain(manager):
    """A channel is told of free slots as long as it has jobs that wait for one."""
    for counting in manager._channels.values():
        for waiting in counting._tally._waiting.values() if counting._tally else ():
            for channel, alike in waiting:
                stand_there = channel._queue.of(alike.db_name)
                assert alike.claims in {job.claims for job in stand_there}


@given(configs=CONFIGS, first=FIRST, events=EVENTS)
def test_every_job_runs_in_the_end(configs, first, events):
    world = World(configs, first)
    for event in events:
        world.event(*event)
    # A job that was passed on, and sent home for another one's claim, has had its turn:
    # the rules leave open how many are, and so who has the next one.
    world.run_to_the_end(is_compared=False)
    assert {row["state"] for row in world.rows.values()} <= {"done", "cancelled"}
    assert_nothing_is_kept(world.manager)


def assert_nothing_is_kept(manager):
    """Of values that no job has any more nothing is remembered."""
    for channel in manager._channels.values():
        if channel._tally is not None:
            assert not channel._tally._slots
            assert not channel._tally._limits
            assert not channel._tally._passing
            assert not channel._tally._waiting


@given(configs=CONFIGS, first=FIRST, events=EVENTS)
def test_nothing_can_start_before_the_wake_up_time(configs, first, events):
    world = World(configs, first)
    for event in events:
        world.event(*event)
    world.start()
    wakeup = world.manager.get_wakeup_time()

    world.now += ((wakeup or 10**6) - world.now) * 0.99
    assert world.start() == []
    assert world.manager.get_wakeup_time() == wakeup
