# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users first: the runner lowers itself, says so, and comes back."""

import logging

import pytest
from rig.loop import hold, looping
from rig.postgresql import end_session

from odoo.addons.queue_job.config import SettingError
from odoo.addons.queue_job.core.runner.load_control import Cause
from odoo.addons.queue_job.jobrunner.load_watch import machine_load
from odoo.addons.queue_job.jobrunner.runner import QueueJobRunner
from odoo.addons.queue_job.store import ceiling


def thresholds(monkeypatch, **numbers):
    for name, number in numbers.items():
        monkeypatch.setenv(f"ODOO_QUEUE_JOB_USERS_FIRST_{name.upper()}", str(number))


def told(database):
    with database.connection.cursor() as cr:
        return ceiling.read(cr)


def rounds(loop, seconds):
    for _round in range(seconds):
        loop.round(1.0)
    return loop.runner.channel_manager.capacity


def test_fewer_jobs_run_while_the_machine_is_overloaded(database, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "odoo.addons.queue_job.jobrunner.runner")
    thresholds(monkeypatch, load=1.5)
    with looping([database], "root:8") as loop:
        loop.runner._load_watch._machine = lambda: 3.0
        assert rounds(loop, 60) == 1
        assert told(database) == (1, [Cause.MACHINE])
        jobs = database.delay(_count=3)
        assert loop.round_on_news() == jobs[:1]
        loop.runner._load_watch._machine = lambda: 0.5
        assert rounds(loop, 200) == 8
        assert told(database) == (None, [])
    lines = [r.getMessage() for r in caplog.records if "jobs" in r.getMessage()]
    assert sum("fewer jobs run" in line for line in lines) == 1
    assert sum("calm again" in line for line in lines) == 1


def test_fewer_jobs_run_while_requests_wait_for_workers(database, monkeypatch):
    thresholds(monkeypatch, wait=2)
    jobs = database.delay(_count=4)
    with looping([database], "root:4") as loop:
        assert loop.round() == jobs
        assert rounds(loop, 20) < 4
        assert told(database)[1] == [Cause.WORKERS]


def test_jobs_that_run_long_are_no_reason(database, monkeypatch):
    thresholds(monkeypatch, wait=2)
    [job] = database.delay()
    with looping([database], "root:4") as loop:
        assert loop.round() == [job]
        hold(database, job)
        loop.worker(job).writes(state="started")
        assert rounds(loop, 20) == 4
        loop.worker(job).writes(state="done").answers("done", seconds=20.0)
        assert rounds(loop, 5) == 4


def test_an_answer_that_does_not_say_how_long_jobs_took_is_no_reason(
    database, monkeypatch
):
    thresholds(monkeypatch, wait=2)
    [job] = database.delay()
    with looping([database], "root:4") as loop:
        assert loop.round() == [job]
        hold(database, job)
        loop.worker(job).writes(state="started")
        assert rounds(loop, 20) == 4
        loop.worker(job).fails_to_answer()
        assert rounds(loop, 1) == 4


def test_a_job_that_waited_for_a_worker_and_was_quick_is_one(database, monkeypatch):
    thresholds(monkeypatch, wait=2)
    [job] = database.delay()
    with looping([database], "root:4") as loop:
        assert loop.round() == [job]
        loop.worker(job).writes(state="done").answers("done", seconds=1.0)
        loop.round(4.0)
        assert told(database) == (3, [Cause.WORKERS])


def test_fewer_jobs_run_while_postgresql_is_overloaded(database, monkeypatch):
    thresholds(monkeypatch, sessions=10)
    with looping([database], "root:4") as loop:
        queue = loop.runner._databases.get(database.name)
        assert queue.active_backends() >= 0
        queue.active_backends = lambda: 11
        assert rounds(loop, 10) < 4
        assert told(database)[1] == [Cause.POSTGRESQL]


def test_a_ceiling_of_any_height_can_be_told(database):
    with looping([database], "root:8") as loop:
        [queue] = loop.runner._databases
        for most, shown in ((1, 1), (8, 8), (10**12, 2**28 - 1)):
            queue.tell_ceiling(most, sum(cause.value for cause in Cause))
            assert told(database) == (shown, list(Cause))
        queue.tell_ceiling(None, 0)
        assert told(database) == (None, [])


def test_what_is_told_ends_with_the_session_of_the_runner(database, monkeypatch):
    thresholds(monkeypatch, load=1.5)
    with looping([database], "root:8") as loop:
        loop.runner._load_watch._machine = lambda: 3.0
        rounds(loop, 3)
        assert told(database)[0] == 6
        [queue] = loop.runner._databases
        end_session(queue.database._connection)
        assert told(database) == (None, [])


def test_nothing_is_read_where_nothing_is_asked_for(database):
    with looping([database], "root:8") as loop:
        [queue] = loop.runner._databases
        loop.runner._load_watch._machine = lambda: pytest.fail("was read")
        queue.active_backends = lambda: pytest.fail("was asked")
        queue.tell_ceiling = lambda *_args: pytest.fail("was told")
        assert rounds(loop, 5) == 8
        assert loop.runner._load_watch.deadline == float("inf")


@pytest.mark.parametrize("word", ["x", "0", "-1", "inf", "nan"])
def test_a_threshold_that_is_none_is_refused_by_name(monkeypatch, word):
    thresholds(monkeypatch, load=word)
    with pytest.raises(SettingError, match=f"users_first_load: '{word}'"):
        QueueJobRunner.from_environ_or_config()


def test_the_load_of_this_machine_can_be_read():
    assert machine_load() >= 0
