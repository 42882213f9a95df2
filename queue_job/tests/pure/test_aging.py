# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who waits rises; see also ``test_channel_properties.py``."""

from hypothesis import given
from hypothesis import strategies as st
from rig.simulated_queue import SimulatedQueue as Queue

from odoo.addons.queue_job.core.channels.config import aging_in, parse
from odoo.addons.queue_job.core.channels.own_rules import OwnRules
from odoo.addons.queue_job.core.runner.aged_channels import MOST_AGED, AgedChannels


def test_who_has_waited_long_enough_goes_before_a_better_priority():
    queue = Queue("root:1:aging=100")
    queue.put("old", created=1, p=12)
    queue.put("young", created=200, p=10)
    queue.put("late", created=202, p=10)
    assert queue.starts(300) == ["young"]
    queue.done("young")
    assert queue.starts(300) == ["old"]


def test_it_has_waited_since_its_time_came():
    queue = Queue("root:1:aging=100")
    queue.put("slept", created=1, p=12, eta=500)
    queue.put("young", created=600, p=10)
    assert queue.starts(700) == ["young"]


def test_channels_below_do_the_same_unless_they_say_otherwise():
    text = "root:1:aging=60,a:1,b:1:aging=0,c:1:sequential,b.x:1:aging=5"
    queue = Queue(text)
    names = ["root", "root.a", "root.a.x", "root.b", "root.c", "root.b.x", "root.b.y"]
    aging = [60, 60, 60, 0, 0, 5, 0]
    assert [queue.manager.aging_of(name) for name in names] == aging
    assert [aging_in(parse(text), name) for name in names] == aging
    assert queue.manager.has_aging()
    assert not Queue("root:1,a:1:aging=0").manager.has_aging()


def test_a_database_may_say_it_for_itself():
    queue = Queue("root:1:aging=100")
    queue.manager.set_own_rules("db", {"root.a": OwnRules(aging=5)})
    assert queue.manager.has_aging("db")
    assert queue.manager.aging_of("root.a.x", "db") == 5
    assert queue.manager.aging_of("root.a.x", "other") == 100
    assert queue.manager.aging_of("root", "db") == 100
    queue.manager.set_own_rules("db", {})
    assert queue.manager.aging_of("root.a.x", "db") == 100


def test_it_may_be_said_of_a_channel_after_those_below():
    queue = Queue("root:4,root.a:1:aging=7,root.b:1")
    queue.manager.simple_configure("root:4:aging=9")
    assert queue.manager.aging_of("root.a") == 7
    assert queue.manager.aging_of("root.b") == 9


def test_channels_of_which_not_all_is_read_are_asked_for_anew_once():
    aged = AgedChannels({"root.a": 60, "root.b": 0}.get)
    assert not aged.learn(["root.a"] * 9 + ["root.b"] * 10, 10)
    assert aged.learn(["root.a"] * 10 + ["root.b"] * 10, 10)
    assert aged.seconds == {"root.a": 60}
    assert not aged.learn(["root.a"] * 10, 10)
    assert not aged.learn(["root.a"], 10)
    assert aged.seconds == {}


def test_so_many_channels_are_asked_for_at_the_most():
    aged = AgedChannels(lambda _name: 60)
    assert aged.learn([f"root.c{n}" for n in range(2 * MOST_AGED)], 1)
    assert len(aged.seconds) == MOST_AGED


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.integers(1, 20),
)
def test_nobody_is_overtaken_for_ever(priorities, aging):
    """Jobs of the best priority come as fast as one is run; the others have their
    turn."""
    queue = Queue(f"root:1:aging={aging}")
    for number, priority in enumerate(priorities):
        queue.put(f"old{number}", created=1, p=priority)
    left, now = set(queue._facts), 1
    while left:
        now += 1
        queue.put(f"new{now}", created=now, p=0)
        [begun] = queue.starts(now)
        queue.done(begun)
        left.discard(begun)
        # at the latest when all that is older, or of a better priority, has been
        assert now <= 2 + 3 * aging + 2 * len(priorities) + 3 * aging
