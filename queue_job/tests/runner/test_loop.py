# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The loop of the runner on real rows, with held time and held requests."""

from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED
from rig.databases import TestDatabase
from rig.loop import BEGIN, let_go, looping

#: How a job may call a channel.
spelled = pytest.mark.parametrize("channel", ["root.s", "s", " root.s", "root..s"])


def at(seconds):
    """A moment so many seconds after the loop's beginning, as stored."""
    moment = datetime.fromtimestamp(BEGIN, timezone.utc) + timedelta(seconds=seconds)
    return moment.replace(tzinfo=None)


def test_jobs_are_dispatched_by_rank_up_to_the_capacity(database):
    [late] = database.delay(priority=20, date_created=at(-9))
    first, second = database.delay(_count=2, priority=5)
    [best] = database.delay(priority=1)
    with looping([database], "root:2") as loop:
        assert loop.round() == [best, first]
        assert database.states([best, first, second]) == {
            best: "enqueued",
            first: "enqueued",
            second: "pending",
        }
        assert loop.round() == []
        loop.worker(best).does()
        assert loop.round() == [second]
        loop.worker(first).does()
        loop.worker(second).does()
        assert loop.round() == [late]


def test_each_dispatch_is_signed_under_its_own_number(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        request = loop.request(uuid)
        assert request.dispatched_jobs[0].attempt == 1
        assert f"job_uuid={uuid}&attempt=1&signature=" in request.signed_path
        assert "signature" not in request.path
        assert request.secret not in repr(request)
        loop.worker(uuid).writes(state="pending").answers("postponed")
        loop.round_on_news()
        assert loop.request(uuid).dispatched_jobs[0].attempt == 2


def test_a_notification_is_enough_to_look(database):
    with looping([database]) as loop:
        loop.round()
        assert loop.deadline > 1
        [uuid] = database.delay()
        assert loop.round_on_news() == [uuid]


def test_a_notification_that_came_with_an_answer_is_not_slept_over(database):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        loop.round()
        database.delay(priority=1)  # told while the round below asks the database
        loop.worker(first).does()
        loop.clock.passed += 0.1
        queue = loop.runner._databases.get(database.name)
        queue.database.status()
        assert loop.runner._deadline(0, 0) <= 0


def test_a_lost_notification_costs_seconds(database):
    with looping([database]) as loop:
        loop.round()
        database.rows("ALTER TABLE queue_job DISABLE TRIGGER USER")
        [uuid] = database.delay()
        assert loop.round() == []
        database.rows("ALTER TABLE queue_job ENABLE TRIGGER USER")
        assert loop.deadline <= 5
        assert loop.round(5) == [uuid]


def test_a_window_smaller_than_the_backlog_keeps_the_order(database):
    uuids = database.delay(_count=30)
    done = []
    with looping([database], "root:2", least_window=4) as loop:
        while len(done) < 30:
            for uuid in loop.round():
                assert (
                    len(loop.runner._databases.get(database.name).job_window.rows) <= 8
                )
                done.append(uuid)
                loop.worker(uuid).does()
    assert done == uuids


def test_an_eta_is_waited_for_and_then_gives_no_advantage(database):
    [better] = database.delay(priority=5, eta=at(60.5))
    [worse] = database.delay(priority=9, eta=at(60.2), channel="root.eta")
    with looping([database], "root:1,eta:1") as loop:
        assert loop.round() == []
        assert 0 < loop.deadline <= 5
        assert loop.round(59) == []
        assert loop.deadline < 2
        assert loop.round(1.5) == [better]  # both are due, this one ranks higher
        loop.worker(better).does()
        assert loop.round() == [worse]


def test_a_sequential_channel_waits_for_an_eta_behind_one_that_has_come(database):
    [come] = database.delay(priority=1, eta=at(-10), channel="root.s")
    [awaited] = database.delay(priority=2, eta=at(1000), channel="root.s")
    [behind] = database.delay(priority=3, channel="root.s")
    database.delay(priority=9, eta=at(500), channel="root.s")  # the next to become due
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [come]
        loop.worker(come).does()
        assert loop.round() == []
        assert loop.round(1000) == [awaited]
        loop.worker(awaited).does()
        assert loop.round() == [behind]


@spelled
def test_a_failed_job_of_its_own_halts_a_sequential_channel(database, channel):
    first, second = database.delay(_count=2, channel=channel)
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [first]
        loop.worker(first).writes(state="failed").answers("failed")
        assert loop.round() == []
        database.rows("UPDATE queue_job SET state='done' WHERE uuid=%s", first)
        assert loop.round_on_news() == [second]


def test_a_later_call_that_supersedes_a_failed_job_runs_in_its_sequential_channel(
    database,
):
    sequential = {"channel": "s", "identity_key": "k"}
    [first] = database.delay(**sequential)
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [first]
        loop.worker(first).writes(state="failed").answers("failed")
        [plain] = database.delay(**sequential)
        assert [loop.round(5) for _round in range(3)] == [[], [], []]

        [later] = database.delay(identity_supersedes=True, **sequential)
        assert loop.round_on_news() == [plain]
        assert database.states([first, later]) == {first: "cancelled", later: "done"}


def test_a_call_of_a_transaction_longer_than_the_failed_job_supersedes_it(database):
    rule = {"channel": "s", "identity_key": "k", "identity_supersedes": True}
    caller = TestDatabase(database.name)
    caller.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
    [late] = caller.delay(**rule)
    [first] = database.delay(**rule)
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [first]
        loop.worker(first).writes(state="failed").answers("failed")
        caller.connection.commit()
        assert [late] in [loop.round(5) for _round in range(3)]
    assert database.states([first]) == {first: "cancelled"}


def test_a_failed_job_halts_it_whatever_the_next_look_finds(database):
    first, second = database.delay(_count=2, channel="s")
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [first]
        loop.worker(first).writes(state="failed").answers("failed")
        assert [loop.round(5) for _round in range(3)] == [[], [], []]
        assert database.states([second]) == {second: "pending"}


@pytest.mark.parametrize("outcome", ["postponed", "not_taken"])
def test_in_a_sequential_channel_who_comes_back_comes_first(database, outcome):
    first, *_others = database.delay(_count=400, channel="root.s")
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round() == [first]
        # Given a look just now, after which the next one waits for a moment
        [other] = database.delay()
        assert loop.round_on_news() == [other]
        # when the job is not over
        worker = loop.worker(first)
        if outcome == "postponed":
            worker.writes(state="pending", eta=at(900))
        worker.answers(outcome)
        # then no job passes it
        assert set(loop.round(0.001)) <= {first}


@spelled
def test_a_better_ranked_eta_holds_back_a_sequential_channel(database, channel):
    [waits] = database.delay(priority=1, eta=at(100), channel=channel)
    [ready] = database.delay(priority=5, eta=at(50), channel=channel)
    with looping([database], "root:4,s:1:sequential") as loop:
        assert loop.round(60) == []
        assert loop.round(41) == [waits]
        loop.worker(waits).does()
        assert loop.round() == [ready]


def test_what_runs_already_counts_at_the_start(database):
    running = database.delay(_count=2, state="started", attempt=1)
    [waits] = database.delay()
    database.rows("SELECT pg_advisory_lock(719110719, id) FROM queue_job")
    with looping([database], "root:2") as loop:
        assert loop.round() == []
        database.rows("UPDATE queue_job SET state='done' WHERE uuid<>%s", waits)
        assert loop.round(5) == [], "their workers have not let go of them"
        let_go(database, running[0])
        let_go(database, running[1])
        assert loop.round(5) == [waits]


def test_an_old_answer_says_nothing_about_a_new_dispatch(database):
    [uuid] = database.delay()
    with looping([database], "root:1") as loop:
        loop.round()
        old = loop.worker(uuid)
        old.writes(state="pending")
        assert loop.round_on_news() == [uuid]  # the row was quicker than the answer
        old.answers("done")
        [other] = database.delay()
        assert loop.round_on_news() == [], "the new hand-out still takes the capacity"
        loop.worker(uuid).does()
        assert loop.round() == [other]


def test_a_request_left_open_long_after_its_job_is_dropped(database):
    [uuid] = database.delay()
    with looping([database], "root:1") as loop:
        loop.round()
        loop.worker(uuid).writes(state="done")
        loop.round(6)
        assert not loop.dispatcher.dropped
        loop.round(6)
        loop.round(10)
        assert loop.dispatcher.dropped == [loop.request(uuid)]


def test_a_channel_name_without_end_stops_nobody(database):
    deep = ".".join(["root", *"a" * 999])
    jobs = [*database.delay(channel=deep), *database.delay()]
    with looping([database], "root:4") as loop:
        assert sorted(loop.round()) == sorted(jobs)
