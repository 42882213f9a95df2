# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A copy of a database does not run the jobs of the original."""

import logging
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from rig.loop import looping
from rig.postgresql import create_database

from odoo.addons.queue_job.store import copy_guard

RUNNER = "odoo.addons.queue_job.jobrunner.runner"
NEUTRALIZE = Path(copy_guard.__file__).parents[1] / "data" / "neutralize.sql"


@pytest.fixture
def queue(database):
    """A database whose jobs a runner has served."""
    with looping([database]) as loop:
        loop.round()
    return database


@pytest.fixture
def copy_of(databases):
    @contextmanager
    def copied(database):
        """A copy as PostgreSQL makes it: its uuid was not changed."""
        database.connection.close()
        name = f"{database.name}_copy"
        create_database(name, database.name)
        copy = type(database)(name)
        try:
            yield copy
        finally:
            databases.drop(copy)

    return copied


def change_uuid(database):
    database.rows(
        "UPDATE ir_config_parameter SET value = %s WHERE key = 'database.uuid'",
        str(uuid.uuid4()),
    )


def warnings(caplog):
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


def test_the_jobs_of_a_copy_do_not_run_and_the_log_says_how_to_go_on(
    queue, copy_of, caplog
):
    caplog.set_level(logging.DEBUG, RUNNER)
    queue.delay(_count=2)
    with copy_of(queue) as copy, looping([copy]) as loop:
        for _round in range(4):
            assert loop.round(6) == []
        assert set(copy.states().values()) == {"pending"}
    [told] = warnings(caplog)
    assert copy.name in told
    assert "database.uuid" in told and "Adopt Jobs" in told


def test_they_run_when_the_uuid_was_changed(queue, copy_of):
    [job] = queue.delay()
    with copy_of(queue) as copy, looping([copy]) as loop:
        assert loop.round() == []
        change_uuid(copy)
        assert loop.round(6) == [job]
        assert not _look(copy).is_copy


def test_they_run_when_a_manager_adopted_them(queue, copy_of):
    [job] = queue.delay()
    with copy_of(queue) as copy, looping([copy]) as loop:
        assert loop.round() == []
        with copy.connection.cursor() as cr:
            copy_guard.remember(cr)
        assert loop.round(6) == [job]


def test_many_copies_are_looked_into_more_and_more_rarely(queue, copy_of):
    [job] = queue.delay()
    with copy_of(queue) as copy, looping([copy]) as loop:
        loop.round()
        known = loop.runner._databases.get(copy.name)
        poll_schedule = 0
        for _second in range(600):
            poll_schedule += known.may_open(loop.clock.monotonic() + 1)
            loop.round(1)
        assert 20 <= poll_schedule <= 40
        change_uuid(copy)
        loop.runner._databases.look_into(copy.name, loop.clock.monotonic())
        assert loop.round(0) == [job], "unless a notification came"


def test_another_uuid_in_the_same_database_changes_nothing(queue):
    with looping([queue]) as loop:
        change_uuid(queue)
        [job] = queue.delay()
        assert loop.round(6) == [job]
    assert not _look(queue).is_copy


def test_a_database_that_no_runner_served_is_nobodys_original(database, copy_of):
    [job] = database.delay()
    with copy_of(database) as copy, looping([copy]) as loop:
        assert loop.round() == [job]


def test_in_a_neutralized_copy_no_job_of_the_original_runs(queue, copy_of):
    for state in ("wait_dependencies", "pending", "enqueued", "started"):
        queue.delay(state=state, attempt=1)
    kept = {}
    for state in ("done", "failed", "cancelled"):
        [kept[state]] = queue.delay(state=state)
    with copy_of(queue) as copy:
        copy.rows(NEUTRALIZE.read_text())
        states = list(copy.states().values())
        assert sorted(states) == ["cancelled"] * 5 + ["done", "failed"]
        assert copy.states(kept.values()) == {job: s for s, job in kept.items()}
        undated = "SELECT count(*) FROM queue_job WHERE result LIKE 'Cancelled:%%'"
        assert copy.value(f"{undated} AND date_cancelled IS NOT NULL") == 4
        with looping([copy]) as loop:
            assert loop.round(6) == []
            [new] = copy.delay()
            assert loop.round(6) == [new], "its own jobs run"


@pytest.fixture
def other_cluster(own_cluster, queue, monkeypatch):
    """The database restored elsewhere, where its object id happens to be the same."""
    copy = own_cluster.copy(queue)
    for key, value in own_cluster.where.items():
        monkeypatch.setenv(f"ODOO_QUEUE_JOB_JOBRUNNER_DB_{key.upper()}", value)
    oid = copy.value("SELECT oid FROM pg_database WHERE datname = current_database()")
    copy.rows(
        "UPDATE ir_config_parameter SET value = regexp_replace(value, '^[0-9]+', %s)"
        " WHERE key = 'queue_job.home'",
        str(oid),
    )
    yield copy
    copy.close()


def test_a_restore_in_another_cluster_is_a_copy(other_cluster, caplog):
    other_cluster.delay()
    with looping([other_cluster]) as loop:
        for _round in range(3):
            assert loop.round(6) == []
    [told] = warnings(caplog)
    assert "its PostgreSQL cluster is " in told and "upgrade of PostgreSQL" in told


def test_who_may_not_ask_for_the_cluster_is_served(other_cluster):
    other_cluster.rows("CREATE ROLE plain")
    other_cluster.rows("GRANT ALL ON ir_config_parameter TO plain")
    other_cluster.rows("GRANT ALL ON SEQUENCE ir_config_parameter_id_seq TO plain")
    change_uuid(other_cluster)
    other_cluster.rows("SET ROLE plain")
    assert _look(other_cluster).here.cluster.isdigit(), "all users may, as a rule"
    other_cluster.rows("RESET ROLE")
    other_cluster.rows("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    other_cluster.rows("SET ROLE plain")
    assert _look(other_cluster).here.cluster == "-"
    with other_cluster.connection.cursor() as cr:
        copy_guard.remember(cr)
    found = _look(other_cluster)
    assert found.here == found.remembered


def test_what_an_earlier_version_remembered_is_completed(queue):
    before = str(_look(queue).remembered)
    queue.rows(
        "UPDATE ir_config_parameter SET value = %s WHERE key = 'queue_job.home'",
        " ".join(before.split()[:2]),
    )
    with looping([queue]) as loop:
        [job] = queue.delay()
        assert loop.round() == [job]
    assert str(_look(queue).remembered) == before


def test_the_clone_of_an_installation_with_a_name_is_a_copy(queue, monkeypatch, caplog):
    name = "ODOO_QUEUE_JOB_INSTALLATION"
    monkeypatch.setenv(name, "production")
    with looping([queue]) as loop:
        [job] = queue.delay()
        assert loop.round() == [job], "the name is new"
    for clone in ("staging", ""):
        monkeypatch.setenv(name, clone)
        with looping([queue]) as loop:
            queue.delay()
            assert loop.round() == []
    assert "its installation is staging, it was production" in warnings(caplog)[0]
    monkeypatch.setenv(name, "production")
    with looping([queue]) as loop:
        assert loop.round()


def _look(database):
    with database.connection.cursor() as cr:
        return copy_guard.look(cr)
