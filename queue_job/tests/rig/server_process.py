# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real Odoo server or standalone runner as a child process, and its log."""

import configparser
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from rig.addon_alone import ADDON
from rig.postgresql import PATIENCE
from rig.signals import signal_main_thread
from rig.surroundings import first_port

_LINE = re.compile(r"^\S+ \S+ (?P<pid>\d+) (?P<level>\w+) \S+ (?P<logger>[\w.]+): ")
_RAISED = re.compile(r"^[\w.]+(: |$)")
_BAD = ("WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Settings:
    """Where a process has its configuration, its log and its ports."""

    file: Path
    name: str
    port_offset: int


class ServerProcess:
    """Starts at once; :meth:`wait_for` follows the log.

    :param kind: ``prefork``, ``threaded`` or ``standalone``
    :param databases: what the ``db_name`` option says
    :param channels: the capacity string; ``None`` = not given
    :param section: more settings of ``[queue_job]``
    :param words: more words of the command line
    :param options: more of Odoo's options
    """

    def __init__(
        self, settings, kind, databases, channels="root:2", *,
        section=None, words=(), server_wide="base,web,queue_job", variables=None,
        options=None,
    ):  # fmt: skip
        base = first_port()
        self.port = base + 1 + settings.port_offset
        section = {"host": "127.0.0.1", "port": str(self.port), **(section or {})}
        if channels is not None:
            section["channels"] = channels
        names = ",".join(database.name for database in databases)
        options = {
            "db_name": names,
            "http_interface": "127.0.0.1",
            "http_port": str(self.port),
            "gevent_port": str(self.port + 1),
            "max_cron_threads": "0",
            "server_wide_modules": server_wide,
            "workers": "2" if kind == "prefork" else "0",
            **(options or {}),
        }
        _write(settings.file, options, section)
        self._file = str(settings.file)
        self.lines = []
        self._news = threading.Condition()
        self._command = [*_command(kind, settings.file), *words]
        search_paths = _search_paths(settings.file)
        self._variables = {
            **os.environ,
            **search_paths,
            **_place(databases),
            **(variables or {}),
        }
        self._name = settings.name
        self.start()

    def start(self):
        """Start, the first time or again after its end."""
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._variables,
        )
        output = self._process.stdout
        threading.Thread(target=self._follow, args=(output,), daemon=True).start()

    @property
    def pid(self):
        return self._process.pid

    def wait_for(self, pattern, timeout=PATIENCE, after=0):
        """Wait for a line of the log that a pattern is found in; returns it.

        :param after: only lines from this index on
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for line in self.lines[after:]:
                    if re.search(pattern, line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    tail = "\n".join(self.lines[-40:])
                    raise AssertionError(f"no {pattern!r} in {timeout} s:\n{tail}")

    def wait_until_ready(self):
        """Wait until the runner in it has its databases."""
        return self.wait_for("database connections ready")

    def messages(self, logger):
        """(level, message) of the lines of one logger."""
        found = ((_LINE.match(line), line) for line in list(self.lines))
        return [
            (match["level"], line[match.end() :].strip())
            for match, line in found
            if match and match["logger"] == logger
        ]

    def complaints(self):
        """Warnings and worse, whichever logger they are of, as far as the log goes now;
        each with the last line of its traceback, unless another process wrote in
        between.
        """
        found, is_bad = [], False
        for line in list(self.lines):
            if match := _LINE.match(line):
                is_bad = match["level"] in _BAD
                if is_bad:
                    found.append([line, ""])
            elif is_bad and _RAISED.match(line):
                found[-1][1] = line
        return [" … ".join(filter(None, lines)) for lines in found]

    def worker_pid(self, kind):
        """Process id of the latest worker of a class."""
        return self.worker_pids(kind)[-1]

    def worker_pids(self, kind):
        """Process ids of all workers of a class that were ever started."""
        lines = [x for x in self.lines if f"Worker {kind} (" in x and "alive" in x]
        return [int(re.search(r"\((\d+)\) alive", line)[1]) for line in lines]

    def is_alive(self):
        return self._process.poll() is None

    def signal(self, number):
        signal_main_thread(self._process, number)

    def stop(self, timeout=PATIENCE):
        """End as an operator would; returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout=PATIENCE):
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            tail = "\n".join(self.lines[-40:])
            raise AssertionError(f"still alive after {timeout} s:\n{tail}") from None

    def kill_all(self):
        """End the process and all it made, whatever they are at.

        Workers outlive a killed main process for seconds, as nobody's children; all
        name the configuration file in their command.
        """
        self._process.kill()
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if self._file in process.cmdline():
                    process.kill()
        self._process.wait(PATIENCE)

    def _follow(self, output):
        with _log_file(self._name) as log:
            for line in output:
                log.write(line)
                log.flush()
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()


def _place(databases):
    """Where databases are that are not on the usual server."""
    where = databases[0].where if databases else {}
    return {f"PG{key.upper()}": value for key, value in where.items()}


def _write(file, options, section):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(os.environ["QUEUE_JOB_SERVER_RC"])
    if not parser.has_section("options"):
        parser.add_section("options")
    for key, value in options.items():
        parser.set("options", key, value)
    parser["queue_job"] = section
    with file.open("w") as out:
        parser.write(out)


def _command(kind, file):
    program = [os.environ["ODOO_BIN"], "server"]
    if kind == "standalone":
        program = ["-m", "odoo.addons.queue_job.jobrunner"]
    return [sys.executable, *program, "-c", str(file)]


def _search_paths(file):
    """A folder in which Python finds the addon as an installed one would be."""
    place = file.parent / "site" / "odoo" / "addons"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "queue_job").exists():
        (place / "queue_job").symlink_to(ADDON)
    path = os.pathsep.join([str(place.parents[1]), os.environ.get("PYTHONPATH", "")])
    # Odoo's reload looks for the interpreter by its bare name.
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PATH": programs}


def _log_file(name):
    folder = Path(os.environ.get("QUEUE_JOB_LOG_DIR") or ".")
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.log").open("a")
