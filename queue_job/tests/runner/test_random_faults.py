"""Jobs of all kinds under a random, but repeatable, schedule of kills and restarts.

Nothing is lost, nothing ends twice, capacity holds. ``QUEUE_JOB_FAULTS_JOBS`` says how
many jobs, ``QUEUE_JOB_FAULTS_SEED`` which schedule.
"""

import json
import os
import random
import signal
import time
from contextlib import suppress

import psutil
import pytest
from finishes import count_finishes
from recovery import note_recovery

pytestmark = pytest.mark.faults

CAPACITY = 4
JOBS = int(os.environ.get("QUEUE_JOB_FAULTS_JOBS", "300"))
SEED = int(os.environ.get("QUEUE_JOB_FAULTS_SEED", "1"))
#: At most twice as many jobs end between two faults.
JOBS_PER_FAULT = max(15, JOBS // 200)
#: Longest time without any job ending, in seconds.
PATIENCE = 90
#: Share of each kind, and what its rows say beyond an ordinary test job.
KINDS = {
    "quick": (60, {}),
    "slow": (10, {"_kwargs": {"job_duration": 0.4}}),
    "failing": (8, {"_kwargs": {"failure_rate": 1}}),
    "retrying": (
        8,
        {"_kwargs": {"failure_rate": 0.5, "failure_retry_seconds": 1}},
    ),
    "half-way": (8, {"_kwargs": {"job_duration": 0.1, "commit_within_job": True}}),
    "conflicting": (6, {"model_name": "res.partner", "method_name": "write"}),
}


class Chaos:
    """A server, its PostgreSQL, and all that may befall them."""

    def __init__(self, server, cluster, database, dice):
        self.server, self.cluster, self.database = server, cluster, database
        self.dice = dice
        self.faults = {
            "worker killed": lambda: self.kill("WorkerHTTP"),
            "runner killed": lambda: self.kill("WorkerJobRunner"),
            "worker stopped for a while": self.freeze,
            "sessions ended": self.end_sessions,
            "server killed": self.kill_server,
            "server stopped": self.stop_server,
            "PostgreSQL restarted": lambda: self.restart_postgresql(signal.SIGINT),
            "PostgreSQL killed": lambda: self.restart_postgresql(signal.SIGQUIT),
        }
        self.happened = []
        self._frozen = []

    def strike(self):
        """One fault, drawn at random."""
        self.wake()
        name = self.dice.choice(sorted(self.faults))
        self.faults[name]()
        self.happened.append(name)
        return name

    def supervise(self):
        """Start a server that ended by itself: it does when PostgreSQL is away at a
        bad moment."""
        if not self.server.is_alive():
            self.server.kill_all()
            self.server.start()

    def wake(self):
        for pid in self._frozen:
            _send(pid, signal.SIGCONT)
        self._frozen = []

    def kill(self, kind):
        for pid in self._workers(kind):
            _send(pid, signal.SIGKILL)

    def freeze(self):
        """A worker stands still; PostgreSQL takes its host for gone."""
        for pid in self._workers("WorkerHTTP"):
            _send(pid, signal.SIGSTOP)
            self._frozen.append(pid)
        self.end_sessions()

    def end_sessions(self):
        self.database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() AND random() < 0.5",
            self.database.name,
        )

    def kill_server(self):
        self.server.kill_all()
        self.server.start()

    def stop_server(self):
        self.server.signal(signal.SIGTERM)
        with suppress(AssertionError):
            self.server.wait(15)
        self.server.kill_all()
        self.server.start()

    def restart_postgresql(self, way):
        self.cluster.stop(way)
        self.cluster.start()

    def _workers(self, kind):
        """Process ids of workers of a class: one for most, drawn at random."""
        titles = [f"Worker {kind} ("]
        alive = [
            int(line.partition(f"{titles[0]}")[2].partition(")")[0])
            for line in self.server.lines
            if titles[0] in line and line.rstrip().endswith("alive")
        ]
        alive = [pid for pid in dict.fromkeys(alive) if _is_odoo(pid)]
        return [self.dice.choice(alive)] if alive else []


def _is_odoo(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _send(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def delay_mixed(database, dice, count):
    """Jobs of all kinds, in random order; returns the uuids by kind."""
    [partners] = database.rows("SELECT array_agg(id) AS ids FROM res_partner")
    made = {kind: [] for kind in KINDS}
    weights = [share for share, _columns in KINDS.values()]
    for kind in dice.choices(list(KINDS), weights, k=count):
        columns = dict(KINDS[kind][1], max_retries=0)
        if kind == "conflicting":
            columns["records"] = _partner(dice.choice(partners["ids"]))
            columns["args"] = json.dumps([{"comment": f"<p>{count}</p>"}])
        made[kind] += database.delay(**columns)
    return made


def _partner(number):
    return json.dumps(
        {
            "_type": "odoo_recordset",
            "model": "res.partner",
            "ids": [number],
            "uid": 1,
            "su": False,
            "context": {},
        }
    )


def finished(database):
    return database.value("SELECT count(DISTINCT uuid) FROM finishes")


def test_mixed_jobs_under_random_kills(servers, own_cluster, own_database):
    database, dice = own_database, random.Random(SEED)
    count_finishes(database)
    made = delay_mixed(database, dice, JOBS)
    server = servers(
        "prefork", [database], f"root:{CAPACITY}", options={"workers": str(CAPACITY)}
    )
    chaos = Chaos(server, own_cluster, database, dice)
    mark = 5
    while (done := wait_for_finishes(chaos, mark)) < JOBS:
        mark = done + dice.randint(1, 2 * JOBS_PER_FAULT)
        begun = time.monotonic()
        name = chaos.strike()
        wait_for_finishes(chaos, finished(database) + 1)
        note_recovery(f"{name} (random)", time.monotonic() - begun)
    chaos.wake()
    check(database, made)
    assert chaos.happened


def wait_for_finishes(chaos, count):
    """Wait until so many jobs, or all, have ended; returns how many."""
    begun = time.monotonic()
    while (done := finished(chaos.database)) < min(count, JOBS):
        waited = time.monotonic() - begun
        assert waited < PATIENCE, f"{done} of {JOBS} after {chaos.happened}"
        if waited > 8:
            chaos.wake()
        chaos.supervise()
        time.sleep(0.05)
    return done


def check(database, made):
    finishes = "SELECT uuid FROM finishes GROUP BY uuid HAVING count(*) > 1"
    assert database.rows(finishes) == [], "ended twice"
    states = database.states()
    for kind, uuids in made.items():
        expected = "failed" if kind == "failing" else "done"
        wrong = {u: states.get(u) for u in uuids if states.get(u) != expected}
        assert not wrong, kind
    assert database.value("SELECT max(running) FROM starts") <= CAPACITY
    number = "SELECT count(*) FROM starts GROUP BY uuid, attempt HAVING count(*) > 1"
    assert database.rows(number) == [], "one hand-out started twice"
