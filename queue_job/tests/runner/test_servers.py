# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The runner inside of real Odoo servers, and beside them."""

import signal

import pytest
import requests
from rig.postgresql import PATIENCE, SOON

RUNNER = "odoo.addons.queue_job.jobrunner.runner"
JOBRUNNER = "odoo.addons.queue_job.jobrunner"
STARTED_IN = {
    "threaded": "starting jobrunner thread (in threaded server)",
    "prefork": "starting jobrunner worker (in prefork server)",
}


def texts(server, logger):
    return [message for _level, message in server.messages(logger)]


@pytest.mark.parametrize("kind", ["threaded", "prefork"])
def test_a_server_runs_the_jobs_of_its_database(servers, database, kind):
    done = database.delay(_count=3)
    server = servers(kind, [database], "root:1")
    server.wait_until_ready()
    database.wait_for_state("done", done)
    more = database.delay()
    database.wait_for_state("done", more, timeout=SOON)

    assert texts(server, JOBRUNNER) == [STARTED_IN[kind]]
    assert texts(server, RUNNER)[:4] == [
        "starting",
        "initializing database connections",
        f"queue job runner ready for db {database.name}",
        "database connections ready",
    ]
    asked = f"asking Odoo to run job {done[0]} on db {database.name}"
    assert ("INFO", asked) in server.messages(RUNNER)

    assert server.stop() == 0
    assert texts(server, RUNNER)[-2:] == ["graceful stop requested", "stopped"]
    bad = [x for x in server.messages(RUNNER) if x[0] in ("WARNING", "ERROR")]
    assert not bad


@pytest.mark.parametrize("kind", ["threaded", "prefork"])
def test_a_server_serves_three_databases_with_one_capacity(servers, databases, kind):
    three = [databases.create() for _i in range(3)]
    jobs = {database: database.delay(_count=3) for database in three}
    server = servers(kind, three, "root:1")
    for database, uuids in jobs.items():
        database.wait_for_state("done", uuids)
    ready = [t for t in texts(server, RUNNER) if t.startswith("queue job runner ready")]
    names = sorted(database.name for database in three)
    assert ready == [f"queue job runner ready for db {name}" for name in names]
    assert server.stop() == 0
    for database in three:
        databases.drop(database)


def test_a_standalone_runner_asks_a_server_that_runs_none(servers, database):
    server = servers("threaded", [database], " root : 0 ")
    server.wait_for("NOT started, because the root channel's capacity is set to 0")
    section = {"port": str(server.port)}
    runner = servers("standalone", [database], "root:2", section=section)
    runner.wait_until_ready()
    jobs = database.delay(_count=4)
    database.wait_for_state("done", jobs)
    assert runner.stop() == 0
    assert texts(runner, RUNNER)[-2:] == ["graceful stop requested", "stopped"]
    assert not texts(server, RUNNER)


@pytest.mark.expects("exception in GET")
def test_a_standalone_runner_waits_for_odoo_to_answer(servers, database):
    jobs = database.delay(_count=2)
    runner = servers("standalone", [database], "root:2")  # at its own port: nobody
    runner.wait_for("exception in GET /queue_job/runjob")
    database.wait_for_state("pending", jobs)
    tries = database.value("SELECT sum(retry) FROM queue_job")
    assert tries == 0, "what no worker took had no attempt"
    assert runner.is_alive()


def test_a_standalone_runner_tells_how_it_is_called(servers):
    runner = servers("standalone", [], words=["--help"])
    assert runner.wait() == 0
    runner.wait_for("usage: python -m odoo.addons.queue_job.jobrunner -c FILE")


@pytest.mark.expects("the job runner cannot start")
def test_a_standalone_runner_names_the_wrong_word_and_ends(servers, database):
    runner = servers("standalone", [database], "root:4,a:b")
    assert runner.wait() == 2
    line = runner.wait_for("the job runner cannot start")
    assert " ERROR " in line and "'a:b'" in line
    assert not any("Traceback" in line for line in runner.lines)


@pytest.mark.expects("the job runner stays off")
@pytest.mark.parametrize("words", ["root:x:sequential", "root:4,:2"])
def test_a_wrong_channel_string_stops_the_runner_alone(servers, database, words):
    server = servers("threaded", [database], words)
    line = server.wait_for("the job runner stays off")
    assert " ERROR " in line and words.split(",")[-1] in line
    server.wait_for("HTTP service")
    assert _get(server, "/queue_job/session") == 200


def test_a_server_that_only_installs_starts_no_runner(servers, database):
    server = servers("threaded", [database], words=["--stop-after-init"])
    assert server.wait() == 0
    assert not texts(server, JOBRUNNER) and not texts(server, RUNNER)


def test_the_addon_without_being_server_wide_starts_no_runner(servers, database):
    server = servers("threaded", [database], server_wide="base,web")
    server.wait_for("Registry loaded")
    assert _get(server, "/queue_job/session") == 200
    assert not texts(server, JOBRUNNER) and not texts(server, RUNNER)


@pytest.mark.parametrize("kind", ["threaded", "prefork"])
def test_behind_a_long_job_of_a_run_others_go_on(servers, database, kind):
    server = servers(kind, [database], "root:2")
    server.wait_until_ready()
    quick = database.delay(_count=100)  # now the function is known as quick
    database.wait_for_state("done", quick)
    database.rows("BEGIN")  # the runner sees all of them at once
    [long] = database.delay(_kwargs={"job_duration": 600}, priority=1)
    behind = database.delay(_count=60)
    database.rows("COMMIT")
    database.wait_for_state("started", [long])
    database.wait_for_state("done", behind)
    assert database.states([long]) == {long: "started"}


@pytest.mark.parametrize("kind", ["threaded", "prefork"])
def test_a_reload_starts_a_new_runner(servers, database, kind):
    server = servers(kind, [database])
    server.wait_until_ready()
    before = len(server.lines)
    server.signal(signal.SIGHUP)
    server.wait_for("database connections ready", after=before)
    jobs = database.delay(_count=2)
    database.wait_for_state("done", jobs)


def _get(server, path):
    server.wait_for("HTTP service")
    url = f"http://127.0.0.1:{server.port}{path}"
    return requests.get(url, timeout=PATIENCE).status_code
