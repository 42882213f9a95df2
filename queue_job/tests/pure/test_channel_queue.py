# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is next."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.priority_queue import PriorityQueue
from odoo.addons.queue_job.core.channels.queue import ChannelQueue
from odoo.addons.queue_job.core.channels.tree import Channel, ChannelJob


def job(uuid, priority=10, eta=None):
    return ChannelJob("db", Channel("root"), uuid, 1, 1, priority, eta)


def test_the_smallest_comes_first_and_nothing_comes_last():
    queue = PriorityQueue()
    for item in (2, 3, 3, 1):
        queue.add(item)
    assert len(queue) == 3
    assert queue.first() == 1
    assert 2 in queue
    queue.remove(2)
    queue.remove(2)
    assert 2 not in queue
    assert [queue.pop(), queue.pop(), queue.pop()] == [1, 3, None]
    assert queue.first_key() is None


def test_an_item_may_get_another_key():
    queue = PriorityQueue()
    queue.add("a", 1)
    queue.add("b", 2)
    queue.add("a", 3)
    assert len(queue) == 2
    assert [queue.pop(), queue.pop()] == ["b", "a"]


def test_forgotten_items_do_not_pile_up():
    queue = PriorityQueue()
    queue.add("stays", 0)
    for number in range(10_000):
        queue.add("moves", number)
        queue.add(number)
        queue.remove(number)
    assert len(queue._heap) < 200


@given(st.lists(st.tuples(st.sampled_from("apr"), st.integers(0, 9), st.integers())))
def test_it_gives_what_a_sorted_list_would_give(steps):
    queue, keys = PriorityQueue(), {}
    for step, item, key in steps:
        if step == "a":
            queue.add(item, (key, item))
            keys[item] = (key, item)
        elif step == "r":
            queue.remove(item)
            keys.pop(item, None)
        else:
            expected = min(keys.values(), default=(None, None))[1]
            assert queue.pop() == expected
            keys.pop(expected, None)
        assert len(queue) == len(keys)


def test_a_job_of_the_future_stands_aside():
    queue = ChannelQueue()
    early, late = job("early", eta=50), job("late", priority=20)
    queue.add(early)
    queue.add(late)
    assert len(queue) == 2
    assert early in queue
    assert queue.get_wakeup_time() == 50
    assert queue.pop(49) is late
    assert queue.pop(49) is None
    assert queue.pop(50) is early
    assert queue.get_wakeup_time() is None


def test_in_a_sequential_queue_the_best_job_holds_back_the_others():
    queue = ChannelQueue(sequential=True)
    best, other = job("best", priority=1, eta=50), job("other", eta=20)
    queue.add(other)
    queue.add(best)
    assert queue.get_wakeup_time() == 50
    assert queue.pop(49) is None
    assert queue.pop(50) is best
    assert queue.get_wakeup_time() == 20
    assert queue.pop(50) is other


def test_a_queue_may_become_sequential_and_back():
    queue = ChannelQueue()
    best, other = job("best", priority=1, eta=50), job("other")
    queue.add(best)
    queue.add(other)
    queue.sequential = True
    assert queue.pop(10) is None
    queue.sequential = False
    assert queue.pop(10) is other


def test_a_job_shows_its_uuid_database_and_priority():
    assert repr(job("u1")) == "<ChannelJob u1 of db, priority:10>"
