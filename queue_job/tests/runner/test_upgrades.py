# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs wait while modules of their database change, and not for ever."""

import logging

import pytest
from rig.addons import make_module
from rig.loop import looping

from odoo.addons.queue_job.core.runner.upgrade_watch import MARKS_COUNT_FOR

RUNNER = "odoo.addons.queue_job.jobrunner.runner"
SLOW = "slow (to install)"
MARK = "UPDATE ir_module_module SET state = %s WHERE name = %s"
#: Taken by the test for as long as the installation shall last; see ``wait_for_gate``.
GATE = 20_711


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.DEBUG, RUNNER)
    return lambda level: [
        r.getMessage() for r in caplog.records if r.levelname == level
    ]


@pytest.fixture
def two_modules(tmp_path):
    """One that is installed at once, and one that takes as long as the test wants."""
    make_module(tmp_path, None, "quick", depends=["base"])
    gate = {"depends": ["quick"], "post_init_hook": "wait"}
    make_module(tmp_path, "wait_for_gate", "slow", **gate)


@pytest.fixture
def installation(servers, database, two_modules):
    """A real installation of modules that is half-way through."""
    database.rows("SELECT pg_advisory_lock(%s)", GATE)
    words = ["-i", "quick,slow", "--stop-after-init"]
    server = servers("threaded", [database], words=words)
    server.wait_for("half-way through")
    return server


def rounds(loop, seconds, step=30):
    """What is asked for in rounds of so many seconds together."""
    return [loop.round(step) for _round in range(int(seconds / step))]


def test_jobs_wait_as_long_as_an_installation_takes(database, installation, told):
    [uuid] = database.delay()
    with looping([database]) as loop:
        assert not any(rounds(loop, 10 * MARKS_COUNT_FOR))
        [waits] = [m for m in told("INFO") if "wait while its modules change" in m]
        assert waits.endswith(f"{database.name} wait while its modules change: {SLOW}")
        again = [m.partition("jobs of ")[2] for m in told("WARNING")]
        assert [m.split(" minutes ")[0] for m in again] == [
            f"database {database.name} have waited for {minutes}"
            for minutes in range(10, 101, 10)
        ]
        assert all(f"{SLOW}; session of PostgreSQL that is at it: " in m for m in again)
        assert all(" of odoo-" in m for m in again), "the process of the server"
        database.rows("SELECT pg_advisory_unlock(%s)", GATE)
        assert installation.wait() == 0
        assert loop.round(5) == [uuid]


def test_an_installation_that_was_killed_does_not_hold_jobs_for_ever(
    database, installation, told
):
    with looping([database]) as loop:
        loop.round(5)
        assert not any(rounds(loop, MARKS_COUNT_FOR))
        installation.kill_all()
        database.wait_for(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()",
            expected=0,
        )
        [uuid] = database.delay()
        found = rounds(loop, MARKS_COUNT_FOR + 90)
    warnings = [m for m in told("WARNING") if SLOW in m and "have waited" not in m]
    assert [m.partition(database.name)[2][:20] for m in warnings] == [
        " wait for modules th",
        " do not wait any lon",
    ]
    assert found.count([uuid]) == 1
    assert found.index([uuid]) >= MARKS_COUNT_FOR / 30 - 1


@pytest.mark.parametrize("state", ["to install", "to upgrade", "to remove"])
def test_the_jobs_wait_whichever_module_changes(database, state):
    with looping([database]) as loop:
        loop.round()
        database.rows(MARK, state, "mail")
        loop.round(5)
        [uuid] = database.delay()
        assert loop.round() == []
        database.rows(MARK, "installed", "mail")
        assert loop.round(5) == [uuid]


def test_a_mark_that_was_there_before_the_runner_ends_too(database, told):
    database.rows(MARK, "to upgrade", "queue_job")
    [uuid] = database.delay()
    with looping([database]) as loop:
        found = rounds(loop, 2 * MARKS_COUNT_FOR)
    assert found.count([uuid]) == 1
    assert len(told("WARNING")) == 2


def test_a_mark_that_is_left_over_ends_though_somebody_works_all_night(
    database, databases, told
):
    database.rows(MARK, "to upgrade", "mail")
    other = type(database)(database.name)
    other.rows("BEGIN")
    other.rows("UPDATE res_partner SET comment = 'in an import' WHERE id = 1")
    other.rows("CREATE TEMP TABLE imported (line text)")
    try:
        [uuid] = database.delay()
        with looping([database]) as loop:
            found = rounds(loop, MARKS_COUNT_FOR + 90)
    finally:
        other.close()
    assert found.count([uuid]) == 1
    assert len(told("WARNING")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ir_module_module SET demo = demo WHERE name = 'base'",
        "ALTER TABLE res_partner ADD COLUMN x_new integer",
    ],
)
def test_what_an_upgrade_does_is_a_sign_of_life(database, told, statement):
    database.rows(MARK, "to upgrade", "mail")
    other = type(database)(database.name)
    other.rows("BEGIN")
    other.rows(statement)
    try:
        database.delay()
        with looping([database]) as loop:
            assert not any(rounds(loop, 2 * MARKS_COUNT_FOR))
    finally:
        other.close()
    assert not [m for m in told("WARNING") if "do not wait any longer" in m]


def test_the_log_names_some_of_many_modules(database, told):
    database.rows(
        "UPDATE ir_module_module SET state = 'to upgrade' WHERE state = 'installed'"
    )
    marked = database.value(
        "SELECT count(*) FROM ir_module_module WHERE state = 'to upgrade'"
    )
    with looping([database]) as loop:
        loop.round()
    [waits] = [m for m in told("INFO") if "wait while its modules change" in m]
    assert waits.endswith(f" and {marked - 10} more")
    assert waits.count(" (to upgrade)") == 10
