# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An Odoo that knows the addon from its wheel alone, with a database of its own."""

import os
import signal
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

import requests
from rig.odoo_command import run_odoo
from rig.postgresql import (
    PATIENCE,
    connect,
    create_database,
    drop_database,
    wait_until,
)
from rig.signals import signal_main_thread
from rig.surroundings import database_prefix, first_port


class InstalledAddon:
    """Runs Odoo where the wheel is installed."""

    def __init__(self, python, folder):
        self.folder = folder
        self.database = f"{database_prefix()}wheel{os.getpid()}"
        self.port = first_port()
        self._python = python
        self._has_database = False

    def create_database(self):
        """A fresh database with the addon."""
        template = os.environ["QUEUE_JOB_TEMPLATE_DB"]
        create_database(self.database, template)
        self._has_database = True
        self.run("server", "-i", "queue_job", "--stop-after-init")

    def drop(self):
        if self._has_database:
            drop_database(self.database)

    def run(self, command, *words, script=None):
        """Run one command of Odoo to its end; return what it printed."""
        return run_odoo(
            command, self.database, f"--addons-path={_odoo_addons()}", *words,
            script=script, python=self._python, env=self._variables(),
        )  # fmt: skip

    @contextmanager
    def serving(self):
        """A threaded server with the runner inside."""
        log = Path(os.environ["QUEUE_JOB_LOG_DIR"], "wheel.log")
        words = ["--load=base,web,queue_job", f"--http-port={self.port}"]
        words += ["--http-interface=127.0.0.1", "--max-cron-threads=0"]
        with log.open("w") as output:
            server = subprocess.Popen(
                self._command("server", *words),
                env={**self._variables(), "ODOO_QUEUE_JOB_CHANNELS": "root:2"},
                stdout=output,
                stderr=output,
            )
        try:
            yield log
        finally:
            signal_main_thread(server, signal.SIGINT)
            try:
                server.wait(PATIENCE)
            finally:
                server.kill()

    def fetch(self, path):
        """What the server answers: status and body."""
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = {"X-Odoo-Database": self.database}
        answer = requests.get(url, headers=headers, timeout=PATIENCE)
        return answer.status_code, answer.content

    def wait_for(self, query, *parameters, expected=True):
        """Wait until the database says what is expected."""
        with closing(connect(self.database)) as connection:
            with connection.cursor() as cr:

                def look():
                    cr.execute(query, parameters)
                    return (cr.fetchone() or [None])[0]

                wait_until(look, expected, lambda found: f"{query}: {found!r}")

    def _command(self, command, *words):
        odoo = [self._python, os.environ["ODOO_BIN"], command]
        conf = os.environ["QUEUE_JOB_SERVER_RC"]
        own = ["-c", conf, "-d", self.database, f"--addons-path={_odoo_addons()}"]
        return [*map(str, odoo), *own, *words]

    def _variables(self):
        """The environment without any way to the checkout."""
        checkout = Path(__file__).resolve().parents[3]
        paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        kept = [path for path in paths if path and Path(path).resolve() != checkout]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(kept)}


def _odoo_addons():
    paths = os.environ["ODOO_ADDONS_PATH"].split(",")
    return ",".join(p for p in paths if not Path(p, "queue_job").exists())
