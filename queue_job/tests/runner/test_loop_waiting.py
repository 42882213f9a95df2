# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that wait for others, as the loop finds them."""

import psycopg2
from rig.loop import looping

from odoo.addons.queue_job.store import dependencies, unreleased


def link(database, parent, child, if_failed="wait"):
    database.rows(
        "INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " SELECT parent.id, child.id, %s FROM queue_job parent, queue_job child"
        " WHERE parent.uuid = %s AND child.uuid = %s",
        if_failed,
        parent,
        child,
    )


def test_who_was_not_released_by_a_dying_worker_goes_on_at_start(database):
    [parent] = database.delay(state="done")
    [child] = database.delay(state="wait_dependencies")
    link(database, parent, child)
    with looping([database]) as loop:
        loop.round()
        loop.round()
        assert database.states([child]) == {child: "enqueued"}


def test_and_now_and_then(database):
    [parent] = database.delay()
    [child] = database.delay(state="wait_dependencies")
    link(database, parent, child)
    with looping([database]) as loop:
        loop.round()
        loop.worker(parent).does()  # and dies before it looks after the child
        loop.round()
        assert database.states([child]) == {child: "wait_dependencies"}
        loop.round(seconds=10)
        loop.round_on_news()
        assert database.states([child]) == {child: "enqueued"}


def test_a_search_for_them_that_takes_too_long_stops_nobody(database, monkeypatch):
    def release_some(*_args):
        raise psycopg2.errors.QueryCanceled("canceling statement due to timeout")

    monkeypatch.setattr(unreleased, "release_some", release_some)
    [job] = database.delay()
    with looping([database]) as loop:
        ran = [uuid for _round in range(4) for uuid in loop.round(seconds=1)]
    assert ran == [job]


def test_thousands_are_looked_through_part_by_part(database, monkeypatch):
    monkeypatch.setattr(unreleased.release_some, "__defaults__", (2,))
    [parent] = database.delay(state="done")
    children = database.delay(_count=5, state="wait_dependencies")
    for child in children:
        link(database, parent, child)
    with looping([database]) as loop:
        loop.round()
        assert set(database.states(children[2:]).values()) == {"wait_dependencies"}
        for _round in range(3):
            loop.round(seconds=1)
    assert "wait_dependencies" not in database.states(children).values()


def test_a_search_for_them_pauses_the_longer_the_more_it_costs(database, monkeypatch):
    searches = []

    def release_some(_cr, search):
        searches.append(loop.clock.passed)
        loop.clock.passed += cost
        search.has_more = has_more
        return dependencies.Followed([], [])

    monkeypatch.setattr(unreleased, "release_some", release_some)
    with looping([database]) as loop:
        for case in ((0, False, 10), (0.01, True, 1), (2, False, 40), (3, True, 60)):
            cost, has_more, pause = case
            loop.round()
            ended = searches.pop() + cost
            loop.round(seconds=pause - 0.5)
            assert not searches
            loop.clock.passed = ended + pause
        loop.round()
        assert searches


def test_whoever_asked_for_it_goes_down_with_a_failed_job(database):
    [parent] = database.delay(state="failed")
    [child] = database.delay(state="wait_dependencies")
    link(database, parent, child, "cancel")
    with looping([database]) as loop:
        loop.round()
        assert database.states([child]) == {child: "cancelled"}


def test_who_waits_for_a_deleted_job_goes_on(database):
    [parent] = database.delay(state="failed")
    [child] = database.delay(state="wait_dependencies")
    link(database, parent, child)
    with looping([database]) as loop:
        loop.round()
        assert database.states([child]) == {child: "wait_dependencies"}
        database.rows("DELETE FROM queue_job WHERE uuid = %s", parent)
        loop.round(seconds=10)
        loop.round()
        assert database.states([child]) == {child: "enqueued"}
