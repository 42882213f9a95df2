"""PostgreSQL goes away, politely or not, and comes back."""

import signal
import time

import pytest
from chaos import LOST
from finishes import check_accounts, count_finishes
from recovery import note_recovery

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
        f"Exception during request handling.* … .*{LOST}",
        f"odoo.service.server: .*{LOST}",
        f"exception: sleeping.* … .*{LOST}",
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
    database.wait_for("SELECT count(*) > %s FROM finishes", before, timeout=15)
    note_recovery(f"PostgreSQL restarted ({way}, {kind})", time.monotonic() - begun)

    database.wait_for_state("done", [*long, *jobs], timeout=60)
    check_accounts(database, capacity=2)
    failed = "SELECT count(*) FROM finishes WHERE state = 'failed'"
    assert database.value(failed) == 0
