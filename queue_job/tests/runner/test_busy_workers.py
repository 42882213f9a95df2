# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that is busy with the end of a job takes a place, whatever the row says."""

import psycopg2
import pytest
from rig.addons import make_trouble
from rig.loop import hold, learn, let_go, looping
from rig.postgresql import end_session, wait_until


def fail(loop, database, *uuids):
    """What workers do that have written the failure, and go on with messages."""
    for uuid in uuids:
        hold(database, uuid)
        loop.worker(uuid).writes(state="started").writes(state="failed")


def test_workers_busy_with_the_ends_of_failed_jobs_count(database):
    first, second, *others = database.delay(_count=4)
    with looping([database], "root:2") as loop:
        assert loop.round() == [first, second]
        fail(loop, database, first, second)
        # whatever is looked at meanwhile
        assert [loop.round(5) for _look in range(5)] == [[]] * 5
        assert not loop.dispatcher.dropped
        # Until one has told
        let_go(database, first)
        loop.worker(first).answers("failed")
        assert loop.round() == others[:1]
        # or has let go, and its answer is lost
        let_go(database, second)
        assert [*loop.round(2), *loop.round()] == others[1:]
        assert [*loop.round(10), *loop.round(10)] == []
        assert loop.dispatcher.dropped == [loop.request(second)]


def test_it_does_so_in_the_channel_of_the_job_alone(database):
    [failed] = database.delay(channel="root.one")
    with looping([database], "root:4,root.one:1") as loop:
        assert loop.round() == [failed]
        fail(loop, database, failed)
        [behind] = database.delay(channel="root.one")
        others = database.delay(_count=5)
        assert loop.round(5) == others[:3]
        let_go(database, failed)
        loop.worker(failed).answers("failed")
        assert loop.round() == [behind]


def test_a_sequential_channel_halts_at_the_failure_all_the_same(database):
    first, second = database.delay(_count=2, channel="root.one")
    with looping([database], "root:4,root.one:1:sequential") as loop:
        assert loop.round() == [first]
        fail(loop, database, first)
        assert loop.round(5) == []
        let_go(database, first)
        loop.worker(first).answers("failed")
        assert loop.round(5) == []
        database.rows("UPDATE queue_job SET state = 'done' WHERE uuid = %s", first)
        assert loop.round(5) == [second]


def test_the_rest_of_its_run_takes_no_place_of_its_own(database):
    with looping([database], "root:1") as loop:
        learn(database, loop)
        first, second, *_others = database.delay(_count=4)
        loop.round_on_news()
        assert loop.request(second) is loop.request(first)
        fail(loop, database, first)
        # when the rest was taken back
        assert loop.round(0.6) == [] == loop.round(5)
        assert database.states([second]) == {second: "pending"}
        let_go(database, first)
        assert second in [*loop.round(2), *loop.round()]


@pytest.mark.parametrize("is_locked", [True, False])
def test_a_request_that_was_cut_leaves_its_worker_at_it(database, is_locked):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        assert loop.round() == [first]
        fail(loop, database, first)
        if not is_locked:
            let_go(database, first)
        loop.worker(first).fails_to_answer()
        found = [*loop.round(), *loop.round(1)]
        assert found == ([] if is_locked else [second])
        let_go(database, first)
        assert found or [*loop.round(2), *loop.round()] == [second]


def test_a_request_that_was_returned_leaves_no_worker(database):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        assert loop.round() == [first]
        loop.worker(first).fails_to_answer()
        assert loop.round() == [second]


def test_a_new_leader_counts_workers_that_another_one_left_busy(database):
    [failed] = database.delay()
    with looping([database], "root:1") as former:
        assert former.round() == [failed]
        fail(former, database, failed)
    [waits] = database.delay()
    with looping([database], "root:1") as loop:
        assert [loop.round(), loop.round(5)] == [[], []]
        let_go(database, failed)
        assert [*loop.round(2), *loop.round()] == [waits]


def test_a_new_leader_counts_those_who_become_so(database):
    running = database.delay(_count=2, state="started", attempt=1)
    [waits] = database.delay()
    sessions = [psycopg2.connect(dbname=database.name) for _worker in running]
    for session, uuid in zip(sessions, running, strict=True):
        session.cursor().execute(
            "SELECT pg_advisory_lock(719110719, id) FROM queue_job WHERE uuid = %s",
            (uuid,),
        )
    with looping([database], "root:2") as loop:
        assert loop.round() == []
        database.rows("UPDATE queue_job SET state = 'failed' WHERE uuid <> %s", waits)
        assert loop.round(5) == []
        end_session(sessions[0])
        assert [*loop.round(2), *loop.round()] == [waits]
    sessions[1].close()


def test_a_database_that_was_out_of_reach_counts_them_once(database):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        assert loop.round() == [first]
        fail(loop, database, first)
        assert loop.round(5) == []
        end_session(loop.runner._databases.get(database.name).database._connection)
        assert [loop.round(1) for _round in range(4)] == [[]] * 4
        let_go(database, first)
        loop.worker(first).answers("failed")
        assert [*loop.round(), *loop.round(1)] == [second]


@pytest.mark.expects("job .* failed")
def test_slow_messages_take_no_more_workers_than_jobs_may(servers, database, tmp_path):
    database.rows("CREATE TABLE messages (at_once int)")
    server = servers(
        "prefork",
        [database],
        "root:2",
        server_wide=make_trouble(tmp_path, "slow_messages"),
        options={"workers": "4"},
    )
    server.wait_until_ready()
    jobs = database.delay(_count=8, _kwargs={"failure_rate": 1})

    def are_sent():
        database.rows("NOTIFY queue_job")  # the runner looks at the rows all the time
        return database.value("SELECT count(*) FROM messages") >= len(jobs)

    wait_until(are_sent, True, lambda _found: "not every message was sent")
    # a slow machine may send them one after the other
    assert database.value("SELECT max(at_once) FROM messages") <= 2
    database.wait_for_state("failed", jobs)
