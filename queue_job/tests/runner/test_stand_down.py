# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leader that cannot reach Odoo lets another runner lead."""

import contextlib
import os
import signal
import time

import psycopg2
import pytest
from rig.loop import hold, looping
from rig.recovery import note_recovery

from odoo.addons.queue_job.jobrunner.database import MasterElectionLost
from odoo.addons.queue_job.jobrunner.leader import Leadership
from odoo.addons.queue_job.jobrunner.stand_down import OdooOutOfReach

LONG = 70.0  # seconds; more than the longest patience


def rival(loop):
    """Another runner of the group tries to lead."""
    with contextlib.suppress(MasterElectionLost):
        Leadership().take(loop.runner._group)
        pytest.fail("no runner leads")


def rounds(loop, seconds, has_rival):
    """Rounds with one second between them, as a runner makes that is told of rivals."""
    loop.round(0)
    for _second in range(int(seconds)):
        if has_rival:
            rival(loop)
        loop.round(1)


def without_group(loop):
    """The maintenance database cannot be reached."""

    def refused(_name):
        raise psycopg2.OperationalError("permission denied")

    loop.runner._leadership.leave()
    loop.runner._leadership._connect = refused


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_leader_whose_requests_nobody_takes_lets_another_lead(database, is_refused):
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]
        if is_refused:
            loop.worker(uuid).fails_to_answer(reached=False)
        with pytest.raises(OdooOutOfReach):
            rounds(loop, 10, has_rival=True)
        loop.runner._close()
        assert database.states() == {uuid: "pending"}
        assert database.value("SELECT retry FROM queue_job") == 0


def test_one_that_is_alone_goes_on(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]
        rounds(loop, LONG, has_rival=False)
        loop.worker(uuid).does()
        loop.round()
        assert database.states() == {uuid: "done"}


def test_one_whose_workers_have_all_its_jobs_goes_on(database):
    first, second = database.delay(_count=2)
    with looping([database]) as loop:
        assert loop.round() == [first, second]
        hold(database, first)  # just begun, which no look has seen
        hold(database, second)
        loop.worker(second).writes(state="started")
        rounds(loop, LONG, has_rival=True)


def test_one_that_has_nothing_to_send_goes_on(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        loop.round()
        loop.worker(uuid).does()
        rounds(loop, LONG, has_rival=True)
        assert not loop.runner._leadership._watches_rivals


def test_an_answer_ends_the_doubt(database):
    first, second = database.delay(_count=2)
    with looping([database]) as loop:
        assert loop.round() == [first, second]
        rounds(loop, 10, has_rival=False)
        loop.worker(first).does()
        rounds(loop, 3, has_rival=True)
        assert database.states([second]) == {second: "enqueued"}


def test_a_rival_of_another_group_is_none(database):
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert loop.round() == [uuid]
        for _second in range(10):
            loop.runner._leadership._ask(
                "SELECT pg_notify('queue_job_rivals', 'another')"
            )
            loop.round(1)


@pytest.mark.parametrize("is_busy", [False, True])
def test_without_a_group_it_goes_on_as_long_as_jobs_run(database, is_busy):
    first, second = database.delay(_count=2)
    with looping([database]) as loop:
        without_group(loop)
        assert loop.round() == [first, second]
        if is_busy:
            hold(database, first)
            loop.worker(first).writes(state="started")
            rounds(loop, LONG, has_rival=False)
        else:
            with pytest.raises(OdooOutOfReach):
                rounds(loop, 10, has_rival=False)


@pytest.mark.faults
def test_another_server_runs_the_jobs_of_one_whose_workers_are_frozen(
    servers, database
):
    leader = servers("prefork", [database], "root:2")
    leader.wait_until_ready()
    follower = servers("prefork", [database], "root:2")
    follower.wait_for("Worker WorkerHTTP")
    database.wait_for_state("done", database.delay(_count=4))
    frozen = leader.worker_pids("WorkerHTTP")
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        jobs = database.delay(_count=20)
        database.wait_for_state("done", jobs)
        took = time.monotonic() - begun
        note_recovery("takeover: HTTP workers of the leading server frozen", took)
        print(f"run elsewhere {took:.1f} s after the workers froze")
        leader.wait_for("gives up the lead")
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
