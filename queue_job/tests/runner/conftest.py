# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the tests of the runner share: databases with the addon, and real servers.

They need a PostgreSQL and an Odoo, named by environment variables; ``script/test``
sets them.
"""

import os
import re
from pathlib import Path

import pytest
from rig.addon_alone import use_addon_alone
from rig.databases import Databases
from rig.own_postgresql import OwnPostgresql
from rig.server_process import ServerProcess, Settings
from rig.surroundings import database_prefix, need
from rig.worker_process import WorkerProcess

#: What a busy machine makes any server say: a request that waits for a worker for more
#: than half a second finds that what it carried was taken back, but for the first job.
#: And the servers of tests have as few workers as they can. The first request takes
#: seconds on it, so of two servers one may let the other try.
_ALWAYS = "was requested to run job|root's capacity is|gives up the lead"


def pytest_sessionstart(session):
    need("runner", "ODOO_ADDONS_PATH", "QUEUE_JOB_PORT_BASE")
    use_addon_alone()
    # The runners within this process are a group of their own, beside those of other
    # runs on the same PostgreSQL.
    from odoo.tools import config

    config["db_name"] = [f"{database_prefix()}group"]


def pytest_generate_tests(metafunc):
    """Repeat what is marked ``faults``; the schedule of many kills is long enough."""
    rounds = int(os.environ.get("QUEUE_JOB_FAULTS_ROUNDS", "1"))
    is_fault = metafunc.definition.get_closest_marker("faults")
    if rounds > 1 and is_fault and "random" not in metafunc.module.__name__:
        metafunc.fixturenames.append("fault_round")
        metafunc.parametrize("fault_round", range(rounds))


@pytest.fixture(scope="session")
def databases():
    """Makes databases with the addon installed, in less than a second each."""
    made = Databases()
    yield made
    made.drop_all()


@pytest.fixture
def database(databases):
    """A database with the addon and no job."""
    made = databases.create()
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def worker_database(databases):
    """The database of :func:`work`: each script begins with an empty table of jobs."""
    made = databases.create()
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def work(worker_database, tmp_path_factory):
    """Runs a script in a worker process of Odoo; see ``worker_process``."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    log.touch()
    worker = WorkerProcess(worker_database, log)
    yield worker
    worker.stop()


@pytest.fixture(scope="session")
def own_cluster():
    """A PostgreSQL that a test may stop and kill."""
    programs = os.environ.get("PGBIN")
    if not programs or not (Path(programs) / "initdb").exists():
        pytest.skip("no initdb in PGBIN: no PostgreSQL of the tests' own")
    made = OwnPostgresql(programs)
    yield made
    made.remove()


@pytest.fixture
def own_database(own_cluster, databases):
    """A database with the addon and no job, in a PostgreSQL of the test's own."""
    original = databases.create()
    original.connection.close()
    yield own_cluster.copy(original)
    databases.drop(original)


@pytest.fixture
def servers(tmp_path, request):
    """Starts Odoo processes; whatever still runs at the end is killed.

    A warning or an error in their logs fails the test, unless the test is marked
    with what it ``expects``.
    """
    if "database" in request.fixturenames:
        request.getfixturevalue("database")  # it is to outlive the servers
    started: list[ServerProcess] = []

    def start(*arguments, **settings):
        number = len(started)
        name = f"{request.node.name}-{number}".replace("/", "_")[:80]
        place = Settings(tmp_path / f"odoo{number}.conf", name, 3 * number)
        server = ServerProcess(place, *arguments, **settings)
        started.append(server)
        return server

    yield start
    complaints = [line for server in started for line in server.complaints()]
    for server in started:
        server.kill_all()
    marks = request.node.iter_markers("expects")
    expected = [_ALWAYS, *(pattern for mark in marks for pattern in mark.args)]
    unexpected = [
        line for line in complaints if not any(re.search(p, line) for p in expected)
    ]
    told = "\n".join(unexpected)
    assert not unexpected, f"unexpected warnings and errors in the log:\n{told}"
