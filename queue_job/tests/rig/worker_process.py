# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A process of its own that runs dispatched jobs as an Odoo worker does."""

import inspect
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass

from rig.odoo_command import SCRIPTS
from rig.postgresql import PATIENCE


@dataclass
class Answer:
    """How a script ended.

    :param status: of the process; ``None`` while it lives
    :param told: what its script had to say; empty when it was killed
    :param log: what it logged
    """

    status: int | None
    told: dict
    log: str


class WorkerProcess:
    """Runs scripts in a process of Odoo, and starts another one if it died."""

    def __init__(self, database, log):
        self._database = database
        self._log = log
        self._process = None

    def __call__(self, function):
        """Run a function there to its end, or to that of the process.

        Its parameters are what it uses of ``scripts/worker.py``. What else it names
        must be there as well, or be plain data of the test around it, or one of its
        parameters that is a function of the same kind.
        """
        if self._process is None:
            self._start()
        begin = self._log.stat().st_size
        self._commands.write(_command_of(function) + "\n")
        self._commands.flush()
        told = next((x for x in self._process.stdout if x.startswith("TOLD ")), None)
        status = None
        if told is None:
            status = self._process.wait(PATIENCE)
            self.stop()
        log = self._log.read_text()[begin:]
        answer = Answer(status, json.loads(told[5:]) if told else {}, log)
        if "raised" in answer.told or (status or 0) > 0:
            raise AssertionError(f"{answer.told.get('raised')}\n{log[-3000:]}")
        return answer

    def close(self):
        self.stop()

    def stop(self):
        if self._process is not None:
            self._commands.close()
            self._process.stdout.close()
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def _start(self):
        theirs, ours = os.pipe()
        command = [
            sys.executable, os.environ["ODOO_BIN"], "shell", "--no-http",
            "-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", self._database.name,
            "--log-level=warn",
        ]  # fmt: skip
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True, pass_fds=[theirs],
                env={**os.environ, "QUEUE_JOB_TEST_COMMANDS": str(theirs)},
            )  # fmt: skip
        os.close(theirs)
        self._commands = os.fdopen(ours, "w")
        self._process.stdin.write((SCRIPTS / "worker.py").read_text())
        self._process.stdin.close()


def _command_of(function):
    """The source of a function and what it needs, as ``scripts/worker.py`` reads it."""
    around = inspect.getclosurevars(function)
    plain = {k: v for k, v in around.globals.items() if isinstance(v, str | int)}
    given = {**plain, **around.nonlocals}
    functions = {k: v for k, v in given.items() if inspect.isfunction(v)}
    command = {
        **_sent(function),
        "parameters": list(inspect.signature(function).parameters),
        "given": {k: v for k, v in given.items() if k not in functions},
        "functions": {k: _sent(v) for k, v in functions.items()},
    }
    return json.dumps(command)


def _sent(function):
    """A function as it is sent: its name, and its source without decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    return {"name": function.__name__, "source": source[source.index("def ") :]}
