# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the loop does about workers, databases and rows that do not do their part."""

import logging

import pytest
from rig.loop import let_go, looping
from rig.postgresql import end_session

RUNNER = "odoo.addons.queue_job.jobrunner.runner"


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.DEBUG, RUNNER)
    return lambda level: [
        r.getMessage() for r in caplog.records if r.levelname == level
    ]


def test_nobody_listening_means_pause_and_untried(database, told):
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]
        loop.worker(uuid).fails_to_answer(reached=False)
        assert loop.round() == []
        assert database.rows("SELECT state, retry FROM queue_job") == [
            {"state": "pending", "retry": 0}
        ]
        assert loop.deadline < 0.21
        assert loop.round(0.21) == [uuid]
    assert any(
        m.startswith("exception in GET /queue_job/runjob") for m in told("ERROR")
    )


def test_a_request_that_ends_with_the_server_is_no_error(database, told):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.runner.stop()
        loop.worker(uuid).fails_to_answer(reached=False)
        loop.round()
    assert told("ERROR") == []
    assert any(m.startswith("exception in GET") for m in told("INFO"))


def test_the_pause_grows_while_nobody_listens_and_ends_with_an_answer(database):
    [uuid] = database.delay()
    pauses = []
    with looping([database]) as loop:
        loop.round()
        for _try in range(7):
            loop.worker(uuid).fails_to_answer(reached=False)
            waited = 0.0
            while not loop.round(0.05):
                waited += 0.05
            pauses.append(round(waited, 1))
        loop.worker(uuid).does()
        loop.round()
        assert loop.runner._pause == 0.2
    assert pauses == sorted(pauses) and 2.9 <= pauses[-1] <= 3.2


def test_a_job_that_breaks_its_requests_lets_others_pass(database):
    [bad] = database.delay(priority=1)
    [good] = database.delay(priority=5)
    with looping([database], "root:1") as loop:
        assert loop.round() == [bad]
        loop.worker(bad).fails_to_answer()
        assert loop.round() == [good]
        loop.worker(good).does()
        assert loop.round() == []
        assert loop.round(2) == [bad], "tried again later"


def test_a_cut_request_leaves_a_started_job_alone(database):
    [uuid] = database.delay()
    with looping([database], "root:1") as loop:
        loop.round()
        loop.worker(uuid).writes(state="started")
        database.rows("SELECT pg_advisory_lock(719110719, id) FROM queue_job")
        loop.worker(uuid).fails_to_answer()
        [other] = database.delay()
        assert loop.round_on_news() == [], "it runs, and takes its capacity"
        assert database.states([uuid]) == {uuid: "started"}
        loop.worker(uuid).writes(state="done")
        let_go(database, uuid)
        assert loop.round(5) == [other]


def test_a_job_whose_worker_died_is_dispatched_again(database, told):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).writes(state="started")  # and no lock: no worker has it
        loop.worker(uuid).fails_to_answer()
        loop.round()
        assert loop.round() == [uuid]
        assert database.value("SELECT retry FROM queue_job") == 1
    assert f"Re-queued dead job with uuid: {uuid}" in told("WARNING")


def test_a_rescued_job_does_not_wait_for_the_end_of_its_first_request(database):
    [uuid] = database.delay()
    with looping([database], "root:1") as loop:
        loop.round()
        loop.worker(uuid).writes(state="started")  # by a worker that hangs, say
        assert [*loop.round(3), *loop.round()] == [uuid]
        open_requests = len(loop.dispatcher.sent)
        assert open_requests == 2 <= loop.dispatcher.limit


def test_what_a_former_runner_dispatched_in_vain_is_put_back_untried(database):
    [uuid] = database.delay(state="enqueued", attempt=3)
    with looping([database]) as loop:
        loop.round()
        assert loop.round() == [uuid]
        assert loop.request(uuid).dispatched_jobs[0].attempt == 4
        assert database.value("SELECT retry FROM queue_job") == 0


def test_a_job_taken_by_hand_meanwhile_is_not_dispatched(database):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        loop.round()
        database.rows("ALTER TABLE queue_job DISABLE TRIGGER USER")
        database.rows("UPDATE queue_job SET state='cancelled' WHERE uuid=%s", second)
        [third] = database.delay()
        loop.worker(first).does()
        assert [*loop.round(), *loop.round(0.5)] == [third]


def test_a_stopping_runner_puts_back_what_nobody_began(database):
    running, waiting = database.delay(_count=2)
    with looping([database]) as loop:
        loop.round()
        loop.worker(running).writes(state="started")
    assert database.states() == {running: "started", waiting: "pending"}
    assert database.value("SELECT max(retry) FROM queue_job") == 0


def test_a_broken_database_is_set_aside_and_the_others_go_on(databases, database, told):
    broken = databases.create()
    rename = "ALTER TABLE queue_job RENAME COLUMN {} TO {}"
    with looping([database, broken], "root:1") as loop:
        loop.round()
        broken.rows(rename.format("eta", "lost"))
        [uuid] = database.delay()
        assert uuid in loop.round(6)
        loop.worker(uuid).does()
        [uuid] = database.delay()
        assert uuid in loop.round_on_news()
        loop.worker(uuid).does()
        for _second in range(10):
            loop.round(1)
        [warning] = told("WARNING")
        assert warning.startswith(f"database {broken.name} is set aside: column")
        broken.rows(rename.format("lost", "eta"))
        [uuid] = broken.delay()
        rounds = [loop.round(1) for _second in range(10)]
        assert [uuid] in rounds
    databases.drop(broken)


def test_a_lost_connection_keeps_the_count_of_what_runs(database):
    running, waiting = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        loop.round()
        queue = loop.runner._databases.get(database.name)
        end_session(queue.database._connection)
        assert loop.round() == []
        assert queue.database is None
        assert str(loop.runner.channel_manager._root_channel).startswith(
            "root(C:1,Q:0,R:1"
        )
        loop.worker(running).does()
        assert loop.round(1) == [waiting]


def test_a_dropped_database_frees_what_it_took(databases, database):
    gone = databases.create()
    gone.delay()
    with looping([database, gone], "root:1") as loop:
        assert len(loop.round()) == 1
        [uuid] = database.delay()
        assert loop.round() == []
        del loop.databases[gone.name]
        loop.runner._databases.get(gone.name).database.close()
        databases.drop(gone)
        assert loop.round(5) == [uuid]


def test_a_new_database_is_served_without_a_restart(databases, database):
    with looping([database]) as loop:
        loop.round()
        new = databases.create()
        [uuid] = new.delay()
        loop.databases[new.name] = new
        assert loop.round(5) == [uuid]
    databases.drop(new)


@pytest.mark.parametrize("state", ["to upgrade", "to remove"])
def test_jobs_wait_while_the_addon_is_changed(database, state):
    change = "UPDATE ir_module_module SET state = %s WHERE name = 'queue_job'"
    with looping([database]) as loop:
        loop.round()
        database.rows(change, state)
        loop.round(5)
        [uuid] = database.delay()
        assert loop.round() == []
        database.rows(change, "installed")
        assert loop.round(5) == [uuid]


def test_what_runs_in_a_database_that_changes_counts_at_the_start(databases, database):
    running = database.delay(_count=2, state="started", attempt=1)
    database.rows("SELECT pg_advisory_lock(719110719, id) FROM queue_job")
    change = "UPDATE ir_module_module SET state = %s WHERE name = 'queue_job'"
    database.rows(change, "to upgrade")
    other = databases.create()
    [waits] = other.delay()
    with looping([database, other], "root:2") as loop:
        assert [*loop.round(), *loop.round(5)] == []
        database.rows("UPDATE queue_job SET state='done' WHERE uuid=%s", running[0])
        let_go(database, running[0])
        assert [*loop.round(5), *loop.round(1)] == [waits]
    databases.drop(other)


def test_a_runner_that_cannot_even_recover_goes_on(database, monkeypatch, told):
    with looping([database]) as loop:
        runner, calls = loop.runner, []

        def wait(*_args):
            calls.append(1)
            if len(calls) == 3:
                runner.stop()
            raise OSError(24, "Too many open files")

        monkeypatch.setattr(runner, "_select", wait)
        monkeypatch.setattr(runner, "_initialize", lambda: None)
        monkeypatch.setattr(runner, "cycle", lambda: 0.0)
        runner.run()
    assert len(calls) == 3
    assert any("while recovering" in line for line in told("ERROR"))


def test_a_database_without_the_addon_is_skipped(databases, told):
    bare = databases.bare()
    with looping([bare]) as loop:
        assert loop.round() == []
    assert any("is skipped: queue_job is not installed" in m for m in told("DEBUG"))
    assert not told("WARNING") and not told("ERROR")
    databases.drop(bare)


def test_a_missing_trigger_is_said_once_and_healed(database, told):
    database.rows("ALTER TABLE queue_job DISABLE TRIGGER USER")
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == []
        assert loop.round(5) == []
        missing = f"queue_job_notify trigger is missing in db {database.name}"
        assert told("ERROR") == [missing]
        database.rows("ALTER TABLE queue_job ENABLE TRIGGER USER")
        assert loop.round(5) == [uuid]


def test_a_database_led_by_another_runner_is_left_alone(database, told):
    [uuid] = database.delay()
    database.rows("SELECT pg_advisory_lock(2293787760715711918)")
    with looping([database]) as loop:
        assert loop.round() == []
        assert any(m.startswith("master election lost") for m in told("DEBUG"))
        database.rows("SELECT pg_advisory_unlock(2293787760715711918)")
        assert loop.round(1) == [uuid]
