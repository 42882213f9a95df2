# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What may befall servers and their PostgreSQL, drawn by lot."""

import os
import signal
import time
from contextlib import suppress

import psutil
from rig.recovery import note_recovery

#: A lost connection, in the words of the code that uses it next; a pattern.
LOST = (
    "(closed the connection|connection already closed|cursor already closed"
    "|connection to server|terminating connection|SSL SYSCALL|no connection)"
)


def because(line, cause):
    """A pattern of lines whose traceback, as far as it is known, ends with a cause."""
    return f"{line}[^…]*(… .*{cause}.*)?$"


#: What servers say that are struck.
SAID = [
    because("job .* failed: .*JobError in ", "JobError: Job failed"),
    "Re-queued dead job",
    "exception in GET",
    "job .* is lost to this worker",
    "database .* is set aside",
    "ended the session of a silent runner",
    "cannot list databases",
    "Database or registry unusable, trying without",
    because("Exception during request handling", LOST),
    because(
        "what follows the end of an attempt has failed",
        f"({LOST}|rendering the template)",
    ),
    "Gevent Parent changed",
    "odoo.sql_db: bad query",
    rf"odoo.service.server: .*{LOST}",
    because("exception: sleeping", LOST),
    because("jobs that wait for job .* are not released", LOST),
    "odoo.registry: Failed to load registry",
    "odoo.modules.loading: Transient module states were reset",
    "odoo.sql_db: Cursor not closed explicitly",
]

#: Longest time without any job ending, in seconds.
PATIENCE = 180


class Chaos:
    """Strikes one of some servers at a time.

    :param servers: prefork servers
    :param cluster: the PostgreSQL of their database
    :param dice: source of chance
    """

    def __init__(self, servers, cluster, database, dice):
        self.servers, self.cluster, self.database = servers, cluster, database
        self.dice = dice
        self.faults = {
            "worker killed": lambda server: self.kill(server, "WorkerHTTP"),
            "runner killed": lambda server: self.kill(server, "WorkerJobRunner"),
            "worker stopped for a while": self.freeze,
            "sessions ended": lambda _server: self.end_sessions(),
            "server killed": self.kill_server,
            "main process killed": self.kill_main_process,
            "server stopped": self.stop_server,
            "server reloaded": lambda server: server.signal(signal.SIGHUP),
            "PostgreSQL restarted": lambda _server: self.restart(signal.SIGINT),
            "PostgreSQL killed": lambda _server: self.restart(signal.SIGQUIT),
        }
        self.happened = []
        self._frozen = []

    def strike(self):
        """One fault, drawn at random."""
        self.wake()
        name = self.dice.choice(sorted(self.faults))
        server = self.dice.choice(self.servers)
        self.faults[name](server)
        self.happened.append(name)
        return name

    def supervise(self):
        """Start servers that ended by themselves: one does when PostgreSQL is away at a
        bad moment."""
        for server in self.servers:
            if not server.is_alive():
                server.kill_all()
                server.start()

    def wake(self):
        for pid in self._frozen:
            _send(pid, signal.SIGCONT)
        self._frozen = []

    def kill(self, server, kind):
        for pid in self._one_worker(server, kind):
            _send(pid, signal.SIGKILL)

    def freeze(self, server):
        """A worker stands still; PostgreSQL takes its host for gone."""
        for pid in self._one_worker(server, "WorkerHTTP"):
            _send(pid, signal.SIGSTOP)
            self._frozen.append(pid)
        self.end_sessions()

    def end_sessions(self):
        self.database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() AND random() < 0.5",
            self.database.name,
        )

    def kill_server(self, server):
        server.kill_all()
        server.start()

    def kill_main_process(self, server):
        """What it leaves behind goes on for a while, with its port."""
        left = []
        with suppress(psutil.NoSuchProcess):
            left = psutil.Process(server.pid).children(recursive=True)
        server.signal(signal.SIGKILL)
        psutil.wait_procs(left, timeout=10)
        server.kill_all()
        server.start()

    def stop_server(self, server):
        server.signal(signal.SIGTERM)
        with suppress(AssertionError):
            server.wait(15)
        server.kill_all()
        server.start()

    def restart(self, way):
        self.cluster.stop(way)
        self.cluster.start()

    def _one_worker(self, server, kind):
        """Process id of a worker of a class, drawn at random; none while there is
        none."""
        title = f"Worker {kind} ("
        alive = [
            int(line.partition(title)[2].partition(")")[0])
            for line in server.lines
            if title in line and line.rstrip().endswith("alive")
        ]
        alive = [pid for pid in dict.fromkeys(alive) if _is_alive(pid)]
        return [self.dice.choice(alive)] if alive else []


def _is_alive(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _send(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def finished(database):
    return database.value("SELECT count(DISTINCT uuid) FROM finishes")


def wait_for_finishes(chaos, mark, count):
    """Wait until so many jobs, or all, have ended; returns how many."""
    begun = time.monotonic()
    while (done := finished(chaos.database)) < min(mark, count):
        waited = time.monotonic() - begun
        assert waited < PATIENCE, f"{done} of {count} after {chaos.happened}"
        if waited > 8:
            chaos.wake()
        chaos.supervise()
        time.sleep(0.05)
    return done


def strike_until_all_ended(chaos, count, per_fault):
    """Strike again and again until so many jobs have ended, and note how long it took
    each time until others ended.

    :param per_fault: so many end between two, on average
    """
    mark = 5
    while (done := wait_for_finishes(chaos, mark, count)) < count:
        mark = done + chaos.dice.randint(1, 2 * per_fault)
        begun = time.monotonic()
        name = chaos.strike()
        wait_for_finishes(chaos, finished(chaos.database) + 1, count)
        note_recovery(f"{name} (random)", time.monotonic() - begun)
    chaos.wake()
