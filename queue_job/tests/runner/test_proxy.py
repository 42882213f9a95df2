# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The runner before a proxy that wants https and a password."""

import select
import time
from base64 import b64encode

import pytest
from rig.postgresql import PATIENCE
from rig.reverse_proxy import https_proxy, write_certificate
from rig.surroundings import first_port


@pytest.mark.expects("exception in GET")
def test_jobs_run_through_https_with_basic_authentication(servers, database, tmp_path):
    certificate = tmp_path / "localhost.pem"
    write_certificate(certificate)
    port = first_port() + 20
    section = {
        "scheme": "https",
        "host": "localhost",
        "port": str(port),
        "http_auth_user": "queue",
        "http_auth_password": "per%cent: jobs",
    }
    known = "Basic " + b64encode(b"queue:per%cent: jobs").decode()
    server = servers("threaded", [database], "root:0")
    server.wait_for("HTTP service")
    with https_proxy(port, server.port, certificate, known) as asked:
        trusted = {"SSL_CERT_FILE": str(certificate)}
        runner = servers(
            "standalone", [database], "root:2", section=section, variables=trusted
        )
        jobs = database.delay(_count=3)
        database.wait_for_state("done", jobs)
        deadline = time.monotonic() + PATIENCE
        while len(asked) < len(jobs):  # an answer is behind the end of its job
            assert time.monotonic() < deadline
            select.select([], [], [], 0.02)
        assert [status for _path, status in asked] == [200, 200, 200]

        wrong = {**section, "http_auth_password": "wrong"}
        runner.stop()
        refused = servers(
            "standalone", [database], "root:2", section=wrong, variables=trusted
        )
        [job] = database.delay()
        refused.wait_for("exception in GET /queue_job/runjob.*: HTTP 401")
        database.wait_for_state("pending", [job])
        assert "signature" not in "".join(refused.lines)


def test_jobs_run_through_a_proxy_that_spoils_the_upgrade(servers, database, tmp_path):
    certificate = tmp_path / "localhost.pem"
    write_certificate(certificate)
    port = first_port() + 20
    section = {"scheme": "https", "host": "localhost", "port": str(port)}
    server = servers("threaded", [database], "root:0")
    server.wait_for("HTTP service")
    careless = https_proxy(port, server.port, certificate, None, is_careful=False)
    with careless as asked:
        trusted = {"SSL_CERT_FILE": str(certificate)}
        servers("standalone", [database], "root:1", section=section, variables=trusted)
        jobs = database.delay(_count=3)
        database.wait_for_state("done", jobs)
    statuses = [status for _path, status in asked]
    assert statuses[0] == 101 and set(statuses[1:]) == {200}
