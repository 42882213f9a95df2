# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database allows itself more than a channel's capacity, as far as is permitted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.config import root_capacity, root_most
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")

DATABASES = ["ant", "bee"]


class Shared:
    """Channels in which each database has more jobs than may run."""

    def __init__(self, channels, limits):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self.running = dict.fromkeys(DATABASES, 0)
        for db_name in DATABASES:
            self.manager.set_limits(db_name, limits.get(db_name, {}))
            for number in range(20):
                self.tell(db_name, number, "pending")

    def tell(self, db_name, number, state):
        facts = (f"{db_name}{number}", number, 0, 10, None, state)
        self.manager.notify(db_name, "root.a", *facts)

    def start(self):
        for job in self.manager.get_jobs_to_run(1):
            self.running[job.db_name] += 1
        return self.running


def test_a_raised_channel_has_room_for_who_raised_it():
    shared = Shared("root:2:max=8", {"ant": {"root": 5}})
    assert shared.start() == {"ant": 3, "bee": 2}
    assert shared.manager.capacity == 5


def test_nobody_raises_it_beyond_the_maximum():
    assert Shared("root:2:max=8", {"ant": {"root": 99}}).manager.capacity == 8
    shared = Shared("root:2", {"ant": {"root": 99}})
    assert sum(shared.start().values()) == 2


def test_a_channel_below_is_raised_within_those_above():
    shared = Shared("root:6,root.a:1:max=9", {"ant": {"root.a": 8}})
    assert shared.start() == {"ant": 5, "bee": 1}


def test_it_falls_back_when_nobody_wants_it_any_more():
    shared = Shared("root:2:max=8", {"ant": {"root": 5}})
    shared.manager.set_limits("ant", {})
    assert shared.manager.capacity == 2
    assert sum(shared.start().values()) == 2
    shared = Shared("root:2:max=8", {"ant": {"root": 5}})
    shared.manager.remove_db("ant")
    assert shared.manager.capacity == 2


def test_a_ceiling_holds_whatever_is_raised():
    shared = Shared("root:2:max=8", {"ant": {"root": 5}})
    shared.manager.set_ceiling(3)
    assert shared.manager.capacity == 3
    shared.manager.set_limits("bee", {"root": 7})
    assert shared.manager.capacity == 3
    shared.manager.set_ceiling(None)
    assert shared.manager.capacity == 7
    unlimited = Shared("root:0,root.b:1", {})
    unlimited.manager.set_ceiling(4)
    assert sum(unlimited.start().values()) == 4


def test_how_many_the_runner_has_to_be_ready_for():
    assert root_capacity("root:4:max=16") == 4
    assert root_most("root:4:max=16,a:2:max=99") == 16
    assert root_most("a:2") == 1
    assert root_most("root:4") == 4


LIMITS = st.dictionaries(st.sampled_from(["root", "root.a"]), st.integers(0, 12))


@given(
    st.integers(1, 4),
    st.integers(0, 6),
    st.none() | st.integers(1, 4),
    st.fixed_dictionaries({name: LIMITS for name in DATABASES}),
)
def test_each_has_what_it_says_and_all_what_is_permitted(capacity, more, below, limits):
    maximum = capacity + more
    channels = f"root:{capacity}:max={maximum},root.a:{below or 0}"
    shared = Shared(channels, limits)
    running = shared.start()
    for db_name, own in limits.items():
        assert running[db_name] <= own.get("root", capacity)
        assert running[db_name] <= own.get("root.a", 99)
    raised = max([capacity, *(own.get("root", 0) for own in limits.values())])
    assert sum(running.values()) <= min(maximum, raised, below or 99)
