# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL goes away, politely or not, and comes back."""

import os
import select
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from rig.chaos import LOST, because
from rig.finishes import check_accounts, count_finishes
from rig.postgresql import SOON
from rig.recovery import note_recovery
from rig.worker_process import WorkerProcess

from odoo.addons.queue_job.store import dispatch

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects(
        "Re-queued dead job",
        "is lost to this worker",
        "exception in GET",
        "database .* is set aside",
        "ended the session of a silent",
        "Database or registry unusable",
        "odoo.sql_db: bad query",
        because("Exception during request handling", LOST),
        f"odoo.service.server: .*{LOST}",
        because("exception: sleeping", LOST),
    ),
]


@pytest.mark.parametrize("way", ["SIGINT", "SIGQUIT"])
@pytest.mark.parametrize("kind", ["prefork", "threaded"])
def test_jobs_go_on_after_a_restart(servers, own_cluster, own_database, kind, way):
    database = own_database
    count_finishes(database)
    server = servers(kind, [database], "root:2")
    server.wait_until_ready()
    if kind == "prefork":  # Odoo ends when a process cannot reach PostgreSQL at first
        server.wait_for("Evented Service")
    long = database.delay(_kwargs={"job_duration": 4})
    jobs = database.delay(_count=100, _kwargs={"job_duration": 0.02})
    database.wait_for("SELECT count(*) >= 5 FROM finishes")

    own_cluster.stop(signal.Signals[way])
    time.sleep(2)
    own_cluster.start()
    begun = time.monotonic()
    before = database.value("SELECT count(*) FROM finishes")
    database.wait_for("SELECT count(*) > %s FROM finishes", before, timeout=SOON)
    note_recovery(f"PostgreSQL restarted ({way}, {kind})", time.monotonic() - begun)

    database.wait_for_state("done", [*long, *jobs])
    check_accounts(database, capacity=2)
    failed = "SELECT count(*) FROM finishes WHERE state = 'failed'"
    assert database.value(failed) == 0


def test_a_crash_between_two_transactions_of_a_job_is_no_failure(
    own_cluster, own_database, tmp_path, monkeypatch
):
    """psycopg2 may take the dead connection for a good one then: it rolls back without
    asking a server."""
    for key, value in own_database.where.items():
        monkeypatch.setenv(f"PG{key.upper()}", value)
    (tmp_path / "worker.log").touch()
    worker = WorkerProcess(own_database, tmp_path / "worker.log")
    postmaster = own_cluster.pid

    def script(told, delay, run, name, elsewhere):
        def is_there():
            try:
                elsewhere().close()
                return True
            except psycopg2.OperationalError:
                return False

        def crash(self):
            self.env.cr.commit()
            os.kill(postmaster, signal.SIGQUIT)
            for expected in (False, True):
                while is_there() is not expected:
                    select.select([], [], [], 0.02)
            self.name = "half"

        told["outcome"] = run(delay(crash))
        told["name"] = name()

    with closing(worker), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(worker, script)
        own_cluster.start_again()
        assert answer.result().told == {"outcome": "lost", "name": "A"}
    [job] = own_database.rows("SELECT state, exc_name FROM queue_job")
    assert job["exc_name"] is None
    with own_database.connection.cursor() as cr:
        # that it had begun was perhaps not on the disk yet
        assert len(dispatch.rescue(cr)) + len(dispatch.return_orphans(cr, [])) == 1
