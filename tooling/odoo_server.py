"""How Odoo is started: its configuration, its command line, its environment."""

import configparser
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .bootstrap import cache, packages, processes
from .bootstrap.odoo import Odoo
from .bootstrap.packages import Environment
from .postgresql import Server


class Installation(NamedTuple):
    """Everything a run needs: Odoo, its Python and a running PostgreSQL."""

    odoo: Odoo
    environment: Environment
    server: Server

    def addons_path(self) -> str:
        """Odoo's own addons first, then the checkout."""
        return ",".join(map(str, [*self.odoo.addons, cache.CHECKOUT]))

    def variables(self) -> dict[str, str]:
        """The process environment for Odoo and for tests that start it."""
        named = packages.variables(self.environment, self.odoo.python_path)
        named.pop("ODOO_RC", None)
        return {**named, **self.server.variables()}

    def command(self, *words: object) -> list[object]:
        """Odoo's own start script: the prefork server runs it again by itself."""
        return [self.environment.python, self.odoo.script, *words]


def write_configuration(
    path: Path,
    installation: Installation,
    options: Mapping[str, object] = {},
    queue_job: Mapping[str, object] = {},
) -> Path:
    """Write an ``odoo.conf`` that names the server and listens on loopback only."""
    server = installation.server
    data = path.parent / "data"
    data.mkdir(exist_ok=True)
    parser = configparser.RawConfigParser()
    parser["options"] = {
        "addons_path": installation.addons_path(),
        "data_dir": str(data),
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        **({"db_password": server.password} if server.password else {}),
        "http_interface": "127.0.0.1",
        "max_cron_threads": "0",
        **{key: str(value) for key, value in options.items()},
    }
    if queue_job:
        parser["queue_job"] = {key: str(value) for key, value in queue_job.items()}
    with open(path, "w", opener=_closed) as handle:
        parser.write(handle)
    return path


def _closed(path: str, flags: int) -> int:
    """The file may hold a password."""
    return os.open(path, flags, 0o600)


def run_odoo(
    installation: Installation,
    database: str,
    words: Sequence[object],
    log: Path,
    what: str,
    stdin: Path | None = None,
    subcommand: str | None = None,
) -> None:
    """Run Odoo on a database to its end.

    :raises Stop: if it ends with another status than 0.
    """
    runs = cache.folder() / "runs"
    runs.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=runs) as folder:
        conf = write_configuration(Path(folder) / "odoo.conf", installation)
        begin = subcommand.split() if subcommand else []
        command = installation.command(*begin, "-c", conf, "-d", database, *words)
        environment = installation.variables()
        processes.run(command, log, what, environment, stdin=stdin)
