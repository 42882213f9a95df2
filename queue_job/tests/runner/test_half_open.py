# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Connections that still acknowledge every packet, but bring no answer any more."""

import contextlib
import signal
import time

import psycopg2
import pytest
from rig.postgresql import SOON, wait_until
from rig.recovery import note_recovery
from rig.silent_proxy import SilentProxy
from rig.surroundings import first_port

from odoo.addons.queue_job.jobrunner.database import LEADER_KEY, Database
from odoo.addons.queue_job.jobrunner.leader import GROUP_LEADER_SILENT_AFTER, Leadership
from odoo.addons.queue_job.jobrunner.session import open_session

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects("database .* is set aside", "ended the session of a silent"),
]
DEBUG = ["--log-handler=odoo.addons.queue_job.jobrunner:DEBUG"]


@pytest.fixture
def proxy():
    made = SilentProxy(first_port() + 39)
    yield made
    made.close()


@pytest.fixture
def through_proxy(proxy, monkeypatch):
    monkeypatch.setenv("ODOO_QUEUE_JOB_JOBRUNNER_DB_HOST", "127.0.0.1")
    monkeypatch.setenv("ODOO_QUEUE_JOB_JOBRUNNER_DB_PORT", str(proxy.port))
    return proxy


def test_a_statement_without_an_answer_ends_in_seconds(through_proxy, database):
    connection = open_session(database.name)
    through_proxy.go_silent()
    begun = time.monotonic()
    with pytest.raises(psycopg2.OperationalError), connection.cursor() as cr:
        cr.execute("SELECT 1")
    assert time.monotonic() - begun < SOON
    connection.close()


def test_to_connect_without_an_answer_ends_in_seconds(through_proxy, database):
    through_proxy.go_silent()
    begun = time.monotonic()
    with pytest.raises(psycopg2.OperationalError):
        open_session(database.name)
    assert time.monotonic() - begun < SOON


def test_no_statement_of_the_runner_lasts(database):
    connection = open_session(database.name)
    with connection.cursor() as cr:
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cr.execute("SELECT pg_sleep(10)")
        other = psycopg2.connect(dbname=database.name)
        other.cursor().execute("LOCK TABLE queue_job")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            cr.execute("SELECT count(*) FROM queue_job")
        other.close()
    connection.close()


def test_a_leader_without_a_sign_of_life_is_succeeded(database):
    leader, successor = Leadership(), Leadership()
    names = [database.name]
    leader.take(names)

    def succeed():
        with contextlib.suppress(Exception):
            successor.take(names)
        return successor.is_leader

    wait_until(succeed, True, lambda _found: "still led", pause=0.2)
    with pytest.raises(Exception, match="lost the lock"):
        leader.check()
    successor.leave()


def test_a_leader_that_shows_life_is_left_alone(database):
    leader, follower = Leadership(), Leadership()
    names = [database.name]
    leader.take(names)
    until = time.monotonic() + GROUP_LEADER_SILENT_AFTER + 1
    while time.monotonic() < until:
        leader.check()
        with pytest.raises(Exception, match="another runner"):
            follower.take(names)
        time.sleep(0.3)
    leader.leave()


def test_a_runner_of_another_group_is_never_ended(database):
    stranger = psycopg2.connect(dbname=database.name)
    stranger.cursor().execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
    mine = Database(database.name)
    with pytest.raises(Exception, match="has another runner"):
        mine.lead(leads_group=True)
    stranger.cursor().execute("SELECT 1")
    stranger.close()
    mine.close()


def test_a_runner_on_silent_connections_gets_new_ones(servers, database, proxy):
    server = servers("threaded", [database], "root:2", section=_through(proxy))
    server.wait_until_ready()
    before, begun = len(server.lines), time.monotonic()
    proxy.go_silent()
    proxy.mend()
    jobs = database.delay(_count=2)
    server.wait_for("queue job runner ready for db", after=before, timeout=SOON)
    database.wait_for_state("done", jobs, timeout=SOON)
    note_recovery("half-open connections", time.monotonic() - begun)


def test_another_runner_takes_over_from_one_that_is_cut_off(servers, database, proxy):
    server = servers("threaded", [database], "root:0")
    port = {"port": str(server.port)}
    leader = servers(
        "standalone", [database], section={**port, **_through(proxy)}, words=DEBUG
    )
    leader.wait_until_ready()
    follower = servers("standalone", [database], section=port, words=DEBUG)
    follower.wait_for("master election lost")
    begun = time.monotonic()
    proxy.go_silent()
    follower.wait_for(f"queue job runner ready for db {database.name}", timeout=SOON)
    took = time.monotonic() - begun
    leader.wait_for("master election lost", timeout=SOON)
    jobs = database.delay(_count=2)
    database.wait_for_state("done", jobs)
    assert database.value("SELECT max(attempt) FROM queue_job") == 1
    note_recovery("takeover from a silent leader", took)


def test_another_runner_takes_over_from_a_stopped_process(servers, database):
    server = servers("threaded", [database], "root:0")
    port = {"port": str(server.port)}
    leader = servers("standalone", [database], section=port, words=DEBUG)
    leader.wait_until_ready()
    follower = servers("standalone", [database], section=port, words=DEBUG)
    follower.wait_for("master election lost")
    begun = time.monotonic()
    leader.signal(signal.SIGSTOP)
    follower.wait_for(f"queue job runner ready for db {database.name}", timeout=SOON)
    note_recovery("takeover from a stopped leader", time.monotonic() - begun)
    jobs = database.delay(_count=4)
    leader.signal(signal.SIGCONT)
    leader.wait_for("master election lost")
    database.wait_for_state("done", jobs)
    assert database.value("SELECT max(attempt) FROM queue_job") == 1
    assert not any("asking Odoo" in line for line in leader.lines)


def _through(proxy):
    return {"jobrunner_db_host": "127.0.0.1", "jobrunner_db_port": str(proxy.port)}
