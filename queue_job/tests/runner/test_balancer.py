"""Two servers behind a real nginx that cuts idle requests and repeats them."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from finishes import count_finishes

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "nginx.conf"
PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(PROGRAM is None, reason="needs nginx: apt install nginx-light"),
]
MAIN = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    include {folder}/site.conf;
}}
"""


@pytest.fixture
def balancer(tmp_path):
    """Starts nginx as the documentation shows it, with other ports."""
    started = []

    def start(port, *to_ports):
        site = EXAMPLE.read_text()
        for written, meant in zip(
            ("8069", "8169", "8269"), (port, *to_ports), strict=True
        ):
            site = site.replace(f":{written};", f":{meant};")
        (tmp_path / "site.conf").write_text(site)
        (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path))
        command = [PROGRAM, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
        started.append(subprocess.Popen(command))
        deadline = time.monotonic() + 10
        while True:
            with closing(socket.socket()) as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    return tmp_path / "error.log"
            assert time.monotonic() < deadline, (tmp_path / "error.log").read_text()
            time.sleep(0.05)

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def test_long_jobs_run_on_once_though_their_requests_are_cut(
    servers, database, balancer
):
    count_finishes(database)
    port = int(os.environ["QUEUE_JOB_PORT_BASE"]) + 38
    section = {"port": str(port)}
    two = [servers("prefork", [database], "root:2", section=section) for _i in "ab"]
    log = balancer(port, *[server.port for server in two])
    for server in two:
        server.wait_for("HTTP service")
    long = database.delay(_count=2, _kwargs={"job_duration": 13})
    database.wait_for_state("started", long)
    quick = database.delay(_count=6, max_retries=1)
    database.wait_for_state("done", [*long, *quick], timeout=60)

    finishes = database.rows("SELECT uuid, attempt FROM finishes")
    assert len(finishes) == len({row["uuid"] for row in finishes}) == 8
    begun = database.rows("SELECT uuid FROM starts")
    assert len(begun) == 8, "each job was started once"
    assert database.value("SELECT max(retry) FROM queue_job") == 1
    assert database.value("SELECT max(running) FROM starts") <= 2
    assert "upstream timed out" in log.read_text(), "nginx cut requests"
