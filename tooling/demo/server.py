"""The demo's database and its prefork server."""

import contextlib
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import databases, ports, results
from ..bootstrap import cache, processes
from ..bootstrap.console import Stop, complain, say
from ..odoo_server import Installation, write_configuration
from . import front

ADDONS = ("queue_job", "queue_job_demo")
KIND = "queue_job_demo_"
CHANNELS = "root:4,root.mail:3,root.heavy:1,root.export:2,root.rates:2"
# More than the jobs at a time, as for any server: the others serve people.
WORKERS = 6


class Demo(NamedTuple):
    """A running demo."""

    installation: Installation
    database: str
    address: str
    shell: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def alive(self) -> bool:
        return self.process.poll() is None


def template(installation: Installation) -> str:
    """A database with the addons as they are now; made if need be."""
    base = databases.template(installation)
    content = cache.digest_of_tree(*(cache.CHECKOUT / name for name in ADDONS))
    name = f"{KIND}{cache.digest([base, content])}"
    with cache.lock("demo template"):
        if not databases.exists(installation.server, name):
            say("installing queue_job in the demo's database (once per version)")
            words = ["-i", ",".join(ADDONS)]
            databases.make_template(installation, name, base, words)
            databases.forget_oldest(installation.server, KIND)
    return name


@contextlib.contextmanager
def running(
    installation: Installation, database: str, port: int, folder: Path
) -> Iterator[Demo]:
    """A prefork server on a database of its own, which is gone afterwards.

    :param port: where browsers find it
    """
    source = template(installation)
    databases.create(installation.server, database, source)
    try:
        with _server(installation, database, port, folder) as demo:
            yield demo
    finally:
        databases.drop(installation.server, database)


@contextlib.contextmanager
def _server(
    installation: Installation, database: str, port: int, folder: Path
) -> Iterator[Demo]:
    http_port, gevent_port = ports.free_range(1), ports.free_range(1)
    options = {
        "http_port": http_port,
        "gevent_port": gevent_port,
        "workers": WORKERS,
        "server_wide_modules": "web,queue_job",
        "db_name": database,
        "list_db": False,
        "limit_time_real": 600,
        "limit_time_cpu": 600,
    }
    queue_job = {"channels": CHANNELS}
    conf = write_configuration(folder / "odoo.conf", installation, options, queue_job)
    log = folder / "server.log"
    command = installation.command("-c", conf)
    process = processes.start(command, log, installation.variables())
    address = f"http://127.0.0.1:{port}"
    shell = shell_command(installation, conf)
    try:
        with front.listening(port, http_port, gevent_port):
            yield Demo(installation, database, address, shell, log, process)
    finally:
        processes.stop(process, patience=30)


def shell_command(installation: Installation, conf: Path) -> str:
    """A shell on the demo's database, to be pasted into any terminal: its environment
    knows nothing of where Odoo is."""
    path = installation.variables().get("PYTHONPATH")
    begin = ["env", f"PYTHONPATH={path}"] if path else []
    command = installation.command("shell", "-c", conf, "--no-http")
    return shlex.join([*begin, *map(str, command)])


def report_log(demo: Demo, expected: tuple[str, ...] = ()) -> int:
    """Show what the server's log should not hold; return how many lines."""
    text = demo.log.read_text(errors="replace")
    lines = [
        line
        for line in results.unexpected(text)
        if not any(word in line for word in expected)
    ]
    for line in lines[:20]:
        complain(f"unexpected in the log: {line}")
    return len(lines)


def wait_for_end(demo: Demo, seconds: float) -> None:
    """Let that time pass, unless the server ends.

    :raises Stop: if it does.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if processes.wait(demo.process, min(left, 0.5)) is not None:
            why = processes.culprit(demo.log)
            raise Stop(f"the Odoo server ended by itself: {why} (log: {demo.log})")
