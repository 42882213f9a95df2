"""A prefork server with one of the addons, and what is seen of it from outside."""

import contextlib
import re
import secrets
import time
from collections.abc import Iterator
from typing import Any

import psutil
import requests

from tooling import databases, ports
from tooling.bootstrap import cache, processes
from tooling.bootstrap.console import Stop
from tooling.odoo_server import Installation, write_configuration

from .cpu import Meter, memory
from .subjects import Subject

WORKERS = 4
CHANNELS = f"root:{WORKERS}"
_PATIENCE = 120.0  # seconds
_ALIVE = re.compile(r"Worker (\w+) \((\d+)\) alive")
_RUNNER = "WorkerJobRunner"
#: A proxy of the user's has nothing to do with loopback.
_DIRECT = {"http": ""}


class Bench:
    """An addon under measurement: its databases, and its server while it runs.

    :param more: further databases that the server serves
    """

    def __init__(
        self,
        installation: Installation,
        subject: Subject,
        channels: str = CHANNELS,
        more: int = 0,
    ) -> None:
        self._plain = installation
        self.installation = subject.installed(installation)
        self.subject = subject
        self.name = subject.name
        prefix = f"bench_{secrets.token_hex(3)}"
        self.databases = [f"{prefix}_{number}" for number in range(1 + more)]
        self.channels = channels
        self._folder = cache.folder() / "bench" / prefix
        self._process: Any = None
        self._log = self._folder / "server.log"
        self._connections: dict[str, Any] = {}
        self._port = 0

    @contextlib.contextmanager
    def open(self) -> Iterator["Bench"]:
        """The databases exist for as long as the block lasts."""
        self._folder.mkdir(parents=True)
        source = self.subject.template(self._plain)
        server = self.installation.server
        try:
            for name in self.databases:
                databases.create(server, name, source)
            yield self
        finally:
            self.stop()
            for connection in self._connections.values():
                connection.close()
            for name in self.databases:
                databases.drop(server, name)
            cache.forget(self._folder)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._port = ports.free_range(2)
        conf = write_configuration(
            self._folder / "odoo.conf",
            self.installation,
            {
                "addons_path": self.subject.addons_path(self.installation),
                "http_port": self._port,
                "gevent_port": self._port + 1,
                "workers": WORKERS,
                "server_wide_modules": "web,queue_job",
                "db_name": ",".join(self.databases),
                "list_db": False,
                "limit_time_real": 3600,
                "limit_time_cpu": 3600,
                "limit_request": 10_000_000,
                "limit_memory_soft": 0,
                "limit_memory_hard": 0,
                "log_handler": ":WARNING,werkzeug:WARNING,odoo.service.server:INFO",
            },
            {
                "channels": self.channels,
                "host": "127.0.0.1",
                "port": self._port,
                "delay_any_method": True,
            },
        )
        self._log.write_bytes(b"")
        command = self.installation.command("-c", conf)
        self._process = processes.start(
            command, self._log, self.installation.variables()
        )
        self._wait(lambda: self._answers(), "the server does not answer")

    def stop(self) -> None:
        if self._process is not None:
            processes.stop(self._process, patience=30)
            self._process = None

    def ask(self, what: str, database: str | None = None) -> Any:
        """What a route of the bench's own addon answers."""
        answer = requests.get(
            f"http://127.0.0.1:{self._port}/queue_job_bench/{what}",
            headers={"X-Odoo-Database": database or self.databases[0]},
            proxies=_DIRECT,
            timeout=600,
        )
        answer.raise_for_status()
        return answer.json()

    def query(self, sql: str, params: Any = None, database: str | None = None) -> Any:
        """Rows of a statement, committed; ``None`` when it has none."""
        name = database or self.databases[0]
        if name not in self._connections:
            self._connections[name] = self.installation.server.connect(name)
        with self._connections[name].cursor() as cr:
            cr.execute(sql, params)
            return cr.fetchall() if cr.description else None

    def pids(self, role: str) -> list[int]:
        """Processes by role: ``workers``, ``runner`` or ``postgresql``."""
        if role == "postgresql":
            found = self.query(
                "SELECT pid FROM pg_stat_activity WHERE datname = ANY(%s)"
                " AND application_name <> 'queue_job tooling'",
                (self.databases,),
            )
            return [pid for (pid,) in found]
        text = self._log.read_text(errors="replace")
        return [
            int(pid)
            for kind, pid in _ALIVE.findall(text)
            if (kind == _RUNNER) is (role == "runner") and psutil.pid_exists(int(pid))
        ]

    def meters(self) -> dict[str, Meter]:
        """Counts the CPU time of each role from now on."""
        return {role: Meter(self.pids(role)) for role in ROLES}

    def runner_memory(self) -> int:
        """Resident bytes of the runner."""
        return sum(memory(pid) for pid in self.pids("runner"))

    def _answers(self) -> bool:
        try:
            self.ask("one")
        except requests.HTTPError as error:
            raise Stop(f"the server answers {error} (log: {self._log})") from error
        except requests.RequestException:
            return False
        return bool(self.pids("runner"))

    def _wait(self, is_so, problem: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not is_so():
            if time.monotonic() > deadline or self._process.poll() is not None:
                why = processes.culprit(self._log)
                raise Stop(f"{self.name}: {problem}: {why} (log: {self._log})")
            time.sleep(0.1)


ROLES = ("workers", "postgresql", "runner")
