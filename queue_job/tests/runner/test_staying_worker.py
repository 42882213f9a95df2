# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that has answered stays on the line; the test is the runner."""

import http.client
import json
import os
import select
import signal

import pytest
from rig.addons import make_trouble
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.protocol import LINE, STAY_SECONDS
from odoo.addons.queue_job.jobrunner.request import Request
from odoo.addons.queue_job.store import dispatch

_SECRET = "SELECT value FROM ir_config_parameter WHERE key = 'database.secret'"
_SIGNALS = "SELECT max(id) FROM orm_signaling_default"
_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'
"""


class Runner:
    """Dispatches jobs and asks one worker to run them."""

    def __init__(self, database, server):
        self._database = database
        self._server = server
        self._secret = database.value(_SECRET)
        self._connection = None
        self._answers = None

    def path(self, *uuids):
        """Dispatch jobs; return what asks for them."""
        ids = self._database.rows(
            "SELECT id FROM queue_job WHERE uuid = ANY(%s) ORDER BY id", list(uuids)
        )
        with self._database.connection.cursor() as cr:
            marked = dispatch.enqueue(cr, [row["id"] for row in ids])
        return Request(self._database.name, marked, self._secret).signed_path

    def get(self, path, upgrade=LINE, connection="Upgrade"):
        """Make a request; return its status, and its text unless it is upgraded."""
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", self._server.port, timeout=PATIENCE
        )
        headers = {"Connection": connection, "Upgrade": upgrade} if upgrade else {}
        self._connection.connect()
        self._socket = self._connection.sock
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        if response.status == 101:
            self._answers = response.fp
            return 101, None
        return response.status, response.read()

    def send(self, path):
        self._socket.sendall(path.encode() + b"\n")

    def hear(self):
        """The next line that the worker says."""
        return self._answers.readline().decode()

    def outcomes(self):
        return list(json.loads(self.hear())["outcomes"].values())

    def hang_up(self):
        self._connection.close()


@pytest.fixture
def server(servers, database, tmp_path):
    made = servers(
        "prefork", [database], "root:0", options={"workers": "1"},
        server_wide=make_trouble(tmp_path, "patient"),
    )  # fmt: skip
    made.wait_for("HTTP service")
    return made


@pytest.fixture
def runner(database, server):
    return Runner(database, server)


def begin(runner, database):
    """Have a worker stay after its first job."""
    [job] = database.delay()
    assert runner.get(runner.path(job)) == (101, None)
    assert runner.outcomes() == ["done"]


def has_left(runner):
    return runner.hear().startswith("HTTP/1.0 204")


def test_batches_follow_each_other_on_the_line(database, runner):
    begin(runner, database)
    for count in (1, 3):
        jobs = database.delay(_count=count)
        runner.send(runner.path(*jobs))
        assert runner.outcomes() == ["done"] * count
        assert set(database.states(jobs).values()) == {"done"}


def test_who_does_not_offer_a_line_gets_an_answer_like_any_other(database, runner):
    offers = [(None, "close"), ("websocket2", "Upgrade"), (LINE, "close")]
    for upgrade, connection in offers:
        [job] = database.delay()
        status, text = runner.get(runner.path(job), upgrade, connection)
        assert (status, json.loads(text)["outcomes"]) == (200, {job: "done"})


def test_a_request_that_comes_again_keeps_no_worker(database, runner):
    [job] = database.delay()
    path = runner.path(job)
    assert runner.get(path, upgrade=None)[0] == 200
    status, text = runner.get(path)
    assert (status, json.loads(text)["outcomes"]) == (200, {job: "not_taken"})


@pytest.mark.expects("ValueError: no")
def test_a_job_of_a_batch_ends_as_that_of_a_request(database, runner):
    """Nothing is left to the end of a request that comes later: no transaction, and no
    word to other processes."""
    begin(runner, database)
    before = database.value(_SIGNALS)
    [job] = database.delay(method_name="_clear_and_fail")
    runner.send(runner.path(job))
    assert runner.outcomes() == ["failed"]
    database.wait_for(_SESSIONS, expected=0)
    assert database.value(_SIGNALS) > before


def test_the_only_worker_is_there_for_other_clients_at_once(database, server, runner):
    begin(runner, database)
    other = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    other.request("GET", "/queue_job/session")
    assert other.getresponse().status == 200
    assert has_left(runner)


def test_a_runner_that_hangs_up_frees_the_worker(database, server, runner):
    begin(runner, database)
    runner.hang_up()
    server.wait_for('GET /queue_job/runjob.*" 204')


def test_a_worker_leaves_by_itself_when_the_runner_says_nothing(servers, database):
    server = servers("prefork", [database], "root:0", options={"workers": "1"})
    server.wait_for("HTTP service")
    runner = Runner(database, server)
    begin(runner, database)
    assert has_left(runner)


def test_a_worker_that_waits_leaves_at_a_stop(database, server, runner):
    begin(runner, database)
    server.stop()
    assert has_left(runner)


@pytest.mark.parametrize("change", [("signature=", "signature=0"), ("?", "?db=x&")])
def test_nothing_is_run_that_is_not_signed(database, runner, change):
    begin(runner, database)
    [job] = database.delay()
    path = runner.path(job)
    runner.send(path.replace(*change))
    if "signature" in change[0]:
        assert has_left(runner)
        assert database.states([job]) == {job: "enqueued"}
    else:  # what is signed are jobs; they are this database's
        assert runner.outcomes() == ["done"]


def test_a_worker_whose_registry_is_replaced_begins_nothing(database, runner):
    begin(runner, database)
    [job] = database.delay()
    path = runner.path(job)
    database.rows("INSERT INTO orm_signaling_registry DEFAULT VALUES")
    runner.send(path)
    assert has_left(runner)
    assert database.states([job]) == {job: "enqueued"}
    assert runner.get(path)[0] == 101  # and a request of its own is served
    assert runner.outcomes() == ["done"]


def test_caches_are_as_fresh_as_for_a_request(database, server, runner):
    begin(runner, database)
    [job] = database.delay()
    before = len(server.lines)
    database.rows("INSERT INTO orm_signaling_default DEFAULT VALUES")
    runner.send(runner.path(job))
    assert runner.outcomes() == ["done"]
    server.wait_for("Invalidating caches after database signaling", after=before)


@pytest.mark.expects("bad query")  # as any work says that meets it
def test_a_worker_whose_session_is_gone_begins_nothing(database, runner):
    begin(runner, database)
    [job] = database.delay()
    path = runner.path(job)
    with database.connection.cursor() as cr:
        cr.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    runner.send(path)
    assert has_left(runner)
    assert database.states([job]) == {job: "enqueued"}
    assert runner.get(path)[0] == 101
    assert runner.outcomes() == ["done"]


def test_a_child_of_a_job_does_not_hide_the_end_of_its_worker(database, server, runner):
    [job] = database.delay(method_name="_leave_child")
    assert runner.get(runner.path(job)) == (101, None)
    assert runner.outcomes() == ["done"]
    child = int(database.value("SELECT result FROM queue_job WHERE uuid = %s", job))
    try:
        os.kill(server.worker_pid("WorkerHTTP"), signal.SIGKILL)
        assert runner.hear() == ""
    finally:
        os.kill(child, signal.SIGKILL)


def test_jobs_that_come_one_after_the_other_go_to_the_same_worker(servers, database):
    server = servers("prefork", [database], "root:2")
    jobs = []
    for _number in range(20):
        jobs += database.delay()
        database.wait_for_state("done", jobs)
        select.select([], [], [], 2 * STAY_SECONDS)
    server.stop()
    assert 0 < len(server.messages("werkzeug")) < len(jobs)


def test_a_runner_asks_a_worker_that_has_stayed(servers, database):
    """Jobs that go alone, because of how long they take."""
    server = servers("prefork", [database], "root:1")
    jobs = database.delay(_count=20, _kwargs={"job_duration": 0.06})
    database.wait_for_state("done", jobs)
    server.stop()
    assert 0 < len(server.messages("werkzeug")) < len(jobs)
