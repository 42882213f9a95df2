# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two servers behind a real balancer that cuts idle requests and repeats them."""

import os
import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from rig.finishes import check_accounts, count_finishes
from rig.postgresql import PATIENCE, wait_until
from rig.surroundings import first_port

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects("exception in GET"),
]
EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    include {folder}/nginx.conf;
}}
"""
#: Logs how often each request was tried again.
HAPROXY = """
    log stdout format raw local0
    log-format "%HM %HU retries=%rc ended=%ts"
"""


@pytest.fixture(params=["nginx", "haproxy"])
def balancer(request, tmp_path):
    """Starts a balancer as the documentation shows it, with other ports; returns what
    tells how many requests it repeated."""
    name, started = request.param, []
    program = find(name)
    if program is None:
        pytest.skip(f"needs {name}: apt install {name}")

    def start(port, *to_ports):
        site = example(name, port, *to_ports)
        command, log = {"nginx": nginx, "haproxy": haproxy}[name](tmp_path, site)
        with log.open("a") as out:
            process = subprocess.Popen(
                [program, *command], stdout=out, stderr=out, env=surroundings()
            )
        started.append(process)
        wait_for_port(port, log)
        return lambda: REPEATED[name](log.read_text())

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)


def find(name):
    place = os.environ.get("QUEUE_JOB_BALANCERS", "")
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:{place}")


def surroundings():
    libraries = os.environ.get("QUEUE_JOB_BALANCERS_LIBRARIES", "")
    return {**os.environ, "LD_LIBRARY_PATH": libraries}


def nginx(folder, site):
    (folder / "main.conf").write_text(NGINX.format(folder=folder))
    (folder / "nginx.conf").write_text(site)
    return ["-p", folder, "-c", folder / "main.conf"], folder / "error.log"


def haproxy(folder, site):
    logged = site.replace("defaults\n", f"defaults{HAPROXY}")
    (folder / "haproxy.cfg").write_text(logged)
    return ["-db", "-f", folder / "haproxy.cfg"], folder / "haproxy.log"


REPEATED = {
    "nginx": lambda log: log.count("upstream timed out"),
    "haproxy": lambda log: sum(
        "runjob" in line and "retries=0" not in line for line in log.splitlines()
    ),
}


def example(name, *ports):
    [documented] = EXAMPLES.glob(f"{name}.*")
    text = documented.read_text()
    for written, meant in zip(("8069", "8169", "8269"), ports, strict=True):
        assert f":{written}" in text
        text = text.replace(f":{written}", f":{meant}")
    return text


def wait_for_port(port, log):
    def answer():
        with closing(socket.socket()) as client:
            return client.connect_ex(("127.0.0.1", port))

    wait_until(answer, 0, lambda _found: log.read_text())


def test_long_jobs_run_on_once_though_their_requests_are_cut(
    servers, database, balancer
):
    count_finishes(database)
    port = first_port() + 38
    section = {"port": str(port)}
    two = [servers("prefork", [database], "root:2", section=section) for _i in "ab"]
    repeated = balancer(port, *[server.port for server in two])
    for server in two:
        server.wait_for("HTTP service")
    long = database.delay(_count=2, _kwargs={"job_duration": 13})
    database.wait_for_state("started", long)
    quick = database.delay(_count=6, max_retries=1)
    database.wait_for_state("done", [*long, *quick])

    check_accounts(database, capacity=2)
    assert database.value("SELECT count(*) FROM starts") == 8, "each began once"
    assert database.value("SELECT max(retry) FROM queue_job") == 1
    # haproxy logs a request at its end
    wait_until(
        lambda: bool(repeated()), True, lambda _found: "no request was cut and repeated"
    )
