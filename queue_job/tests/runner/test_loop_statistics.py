# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The leader writes down what became of jobs, and no job waits for it."""

from datetime import datetime, timedelta, timezone

import pytest
from rig.loop import BEGIN, hold, let_go, looping

from odoo.addons.queue_job.jobrunner import statistics

SOON = statistics.FIRST_WRITING + 1
MINUTE = statistics.WRITE_INTERVAL + 1


def at(seconds):
    moment = datetime.fromtimestamp(BEGIN, timezone.utc) + timedelta(seconds=seconds)
    return moment.replace(tzinfo=None)


def totals(database):
    """What was written, all rows together."""
    [row] = database.rows(
        "SELECT coalesce(sum(done), 0)::int AS done, coalesce(sum(failed), 0)::int AS"
        " failed, coalesce(sum(retried), 0)::int AS retried FROM queue_job_statistics"
    )
    return row


def counts(done=0, failed=0, retried=0):
    return {"done": done, "failed": failed, "retried": retried}


def test_ends_are_written_by_channel_function_and_company(database):
    asked = {"date_created": at(-2), "company_id": 1, "channel": "root.x"}
    done, failed, again = database.delay(_count=3, **asked)
    with looping([database], "root:3") as loop:
        loop.round()
        loop.worker(done).writes(state="done").answers("done", seconds=0.5)
        loop.worker(failed).writes(state="failed").answers("failed", seconds=20)
        loop.worker(again).writes(state="pending", eta=at(9e5)).answers("postponed")
        loop.round(1)
        assert totals(database) == counts(), "nothing is written at once"
        loop.round(SOON)
        assert totals(database) == counts(1, 1, 1)
        rows = database.rows("SELECT * FROM queue_job_statistics")
        [row] = rows
        assert row["channel"] == "root.x"
        assert row["function"] == "<queue.job>._test_job"
        assert (row["company_id"], row["seconds"]) == (1, 60)
        assert row["period"] <= at(1.1) < row["period"] + timedelta(minutes=1)
        assert row["duration_seconds"] == pytest.approx(20.5)
        # due 2 seconds before the loop began; of the slow one it was not known when
        assert sum(row["waiting"].values()) == 3
        assert row["waiting_seconds"] == pytest.approx(2 + 1.1 - 0.5 + 0 + 3.1)


def test_they_are_written_about_once_a_minute(database):
    with looping([database], "root:1") as loop:

        def run():
            [uuid] = database.delay()
            loop.round_on_news()
            loop.worker(uuid).does()
            loop.round(1)

        run()
        loop.round(SOON)
        assert totals(database) == counts(done=1)
        run()
        run()
        loop.round(SOON)
        assert totals(database) == counts(done=1)
        assert loop.deadline <= MINUTE
        loop.round(MINUTE)
        assert totals(database) == counts(done=3)
        assert database.value("SELECT count(*) FROM queue_job_statistics") <= 3


def test_what_was_heard_is_written_when_the_runner_stops(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).does()
        loop.round()
        assert totals(database) == counts()
    assert totals(database) == counts(done=1)


def test_a_rescue_is_an_attempt_after_which_the_job_runs_again(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).writes(state="started")
        loop.round(5)  # and no worker holds its lock
        assert database.states([uuid]) != {uuid: "started"}
        loop.round(SOON)
        assert totals(database) == counts(retried=1)


def test_an_end_is_counted_whose_answer_was_lost(database):
    done, runs = database.delay(_count=2)
    with looping([database]) as loop:
        loop.round()
        for uuid in (done, runs):
            hold(database, uuid)
            loop.worker(uuid).writes(state="started").fails_to_answer()
        loop.round()
        loop.worker(done).writes(state="done", exec_time=3, date_done=at(1))
        loop.round(SOON)
        assert totals(database) == counts(done=1)
        assert database.value("SELECT duration_seconds FROM queue_job_statistics") == 3
        loop.worker(runs).writes(state="done", exec_time=3, date_done=at(9))
        let_go(database, done)
        let_go(database, runs)
        loop.round(MINUTE)
        assert totals(database) == counts(done=2)
        loop.round(MINUTE)
        assert totals(database) == counts(done=2), "each once"


def test_an_end_is_counted_that_another_runner_dispatched(database):
    [uuid] = database.delay(state="started", attempt=4)
    hold(database, uuid)
    with looping([database]) as loop:
        loop.round()
        database.rows("UPDATE queue_job SET state = 'failed' WHERE uuid = %s", uuid)
        let_go(database, uuid)
        loop.round(SOON)
        assert totals(database) == counts(failed=1)


def test_of_a_later_dispatch_no_waiting_time_is_known(database):
    [uuid] = database.delay(attempt=1, date_created=at(-9000))
    [child] = database.delay(graph_uuid="g", date_created=at(-9000))
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).does()
        loop.worker(child).does()
        loop.round()
    assert totals(database) == counts(done=2)
    assert database.value("SELECT sum(waiting_seconds) FROM queue_job_statistics") == 0


def test_a_table_that_is_missing_or_locked_keeps_no_job_waiting(database):
    first, second = database.delay(_count=2)
    with looping([database], "root:1") as loop:
        loop.round()
        loop.worker(first).does()
        assert loop.round() == [second]
        database.rows("ALTER TABLE queue_job_statistics RENAME TO gone")
        loop.round(SOON)
        loop.worker(second).does()
        loop.round()
        [third] = database.delay()
        assert loop.round(MINUTE) == [third]
        database.rows("ALTER TABLE gone RENAME TO queue_job_statistics")
        loop.worker(third).does()
        loop.round()
        loop.round(MINUTE)
        assert totals(database) == counts(done=1), "what could not be written is lost"


def test_they_can_be_switched_off(database, monkeypatch):
    monkeypatch.setenv("ODOO_QUEUE_JOB_STATISTICS", "False")
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).does()
        loop.round()
        loop.round(SOON)
    assert totals(database) == counts()
