"""Python queues without Odoo, for comparison: no ORM, no HTTP, one process each."""

import json
import secrets
import subprocess
import sys
from pathlib import Path

from tooling import databases
from tooling.bootstrap import cache, packages, processes
from tooling.bootstrap.console import Stop, say
from tooling.odoo_server import Installation

from .rows import Figures

_PACKAGES = ("procrastinate==3.*", "psycopg[binary]", "pgqueuer==1.*", "asyncpg")
PEERS = ("procrastinate", "pgqueuer")
_SCRIPT = Path(__file__).with_name("peer_worker.py")


def measure(
    installation: Installation, pairs: int, count: int
) -> dict[str, list[Figures]]:
    """Drain no-op jobs, four at a time, in turns."""
    python = _python()
    found: dict[str, list[Figures]] = {name: [] for name in PEERS}
    for _turn in range(pairs):
        for name in PEERS:
            found[name].append(_drain(installation, python, name, count))
    return found


def _python() -> Path:
    """The Python that has them, in an environment of its own."""
    folder = cache.folder() / "bench" / "peers"
    python = folder / "bin" / "python"
    mark = folder / ".complete"
    if not mark.exists():
        say("fetching procrastinate and pgqueuer from the package index (once)")
        cache.forget(folder)
        log = cache.log_file("bench-peers")
        words = [sys.executable, "-m", "venv", "--without-pip", folder]
        processes.run(words, log, "making a virtual environment")
        own = packages.Environment(folder)
        pip = packages.pip_command(own, log)
        processes.run([*pip, "install", *_PACKAGES], log, "fetching packages")
        mark.touch()
    return python


def _drain(installation: Installation, python: Path, name: str, count: int) -> Figures:
    server = installation.server
    database = f"bench_{secrets.token_hex(3)}"
    databases.create(server, database, None)
    try:
        variables = {
            **installation.variables(),
            **server.variables(),
            "PGDATABASE": database,
        }
        variables.pop("PYTHONPATH", None)
        done = subprocess.run(
            [str(python), str(_SCRIPT), name, str(count)],
            env=variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no output"]
            raise Stop(f"{name}: {lines[-1]}")
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        databases.drop(server, database)
