# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A runner whose time, requests and list of databases a test holds."""

import contextlib

from odoo.addons.queue_job.core.protocol import RunAnswer
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.jobrunner.request import Answer
from odoo.addons.queue_job.jobrunner.runner import QueueJobRunner
from odoo.addons.queue_job.jobrunner.wakeup import Wakeup
from odoo.addons.queue_job.store.dispatch import LOCK_CLASS

BEGIN = 1_800_000_000.0  # seconds since 1970
QUICK = 0.001  # seconds that a short job takes


class HeldClock:
    """Time that passes when told to."""

    def __init__(self):
        self.passed = 0.0

    def wall(self):
        return BEGIN + self.passed

    def follow(self, read):
        read()  # time passes when told to

    def monotonic(self):
        return 1000.0 + self.passed


class HeldDispatcher:
    """Requests that end when told to."""

    def __init__(self, config, limit, slots):
        self.config = config
        self.limit = limit
        self.sent = []
        self.dropped = []
        self._answers = []
        self._news = Wakeup()

    def fileno(self):
        return self._news.fileno()

    def send(self, request):
        self.sent.append(request)

    def answers(self):
        found, self._answers = self._answers, []
        return found

    def drop(self, request):
        self.dropped.append(request)

    def close(self):
        pass

    def answer(self, answer):
        self._answers.append(answer)


class Loop:
    """Rounds of a runner, one by one.

    :param databases: those the server lists; may be changed
    :param connect: what opens the runner's sessions
    :param bounds: ``least_window``, ``most_channels``: bounds of what the runner holds
    """

    def __init__(
        self, databases, channels="root:2", clock=None, connect=connect, **bounds
    ):
        self.clock = clock or HeldClock()
        self.databases = {database.name: database for database in databases}
        self.runner = QueueJobRunner(
            channel_config_string=channels,
            clock=self.clock,
            connect=connect,
            list_databases=lambda: sorted(self.databases),
            dispatcher=HeldDispatcher,
        )
        if "least_window" in bounds:
            self.runner._window = bounds["least_window"]
        if "most_channels" in bounds:
            self.runner._most_channels = bounds["most_channels"]
        # those of other runs of the tests, on the same PostgreSQL, lead other groups
        self.runner._group = [*self.databases]
        self.runner._initialize()
        self.dispatcher = self.runner._dispatcher

    def round(self, seconds=0.1):
        """Let time pass, then one round; returns the uuids of new requests."""
        before = len(self.dispatcher.sent)
        self.clock.passed += seconds
        self.deadline = self.runner.cycle() - self.clock.monotonic()
        return [
            h.uuid for r in self.dispatcher.sent[before:] for h in r.dispatched_jobs
        ]

    def round_on_news(self, seconds=0.1):
        """Wait until a database tells something, then one round."""
        sources = [queue.database for queue in self.runner._databases]
        if self.runner._deadline(0, 0) > 0:
            assert self.runner._select(10, sources), "nothing was told"
        for database in sources:  # older news may have come first
            database._scalar("SELECT 1")
        return self.round(seconds)

    def request(self, uuid):
        """The latest request for a job."""
        found = [r for r in self.dispatcher.sent if uuid in _uuids(r)]
        return found[-1]

    def worker(self, uuid):
        """Act as the Odoo worker that got the latest request for a job."""
        request = self.request(uuid)
        return Worker(self, request, self.databases[request.db_name], uuid)

    def close(self):
        self.runner._close()


class Worker:
    """What a worker writes of a job, and what it answers to its request."""

    def __init__(self, loop, request, database, uuid):
        self._loop = loop
        self._request = request
        self._database = database
        [self._dispatched_job] = [h for h in request.dispatched_jobs if h.uuid == uuid]

    def writes(self, **columns):
        changes = ", ".join(f"{name} = %s" for name in columns)
        self._database.rows(
            f"UPDATE queue_job SET {changes} WHERE uuid = %s AND attempt = %s",
            *columns.values(),
            self._dispatched_job.uuid,
            self._dispatched_job.attempt,
        )
        return self

    def answers(self, outcome, seconds=0.0, **others):
        """:param others: outcome of the other jobs of the request, by uuid"""
        outcomes = {**others, self._dispatched_job.uuid: outcome}
        took = dict.fromkeys(outcomes, seconds)
        self._loop.dispatcher.answer(Answer(self._request, RunAnswer(outcomes, took)))

    def fails_to_answer(self, reached=True):
        problem = "HTTP 500" if reached else "ConnectionRefusedError"
        answer = Answer(self._request, problem=problem, reached=reached)
        self._loop.dispatcher.answer(answer)

    def does(self, **columns):
        """Run the job to its end."""
        self.writes(state="started")
        self.writes(**{"state": "done", **columns}).answers("done")


def _uuids(request):
    return [dispatched_job.uuid for dispatched_job in request.dispatched_jobs]


@contextlib.contextmanager
def looping(databases, channels="root:2", **settings):
    loop = Loop(databases, channels, **settings)
    try:
        yield loop
    finally:
        loop.close()


def learn(database, loop, seconds=QUICK, **columns):
    """Let the runner see how long the jobs of a function take."""
    [uuid] = database.delay(**columns)
    loop.round()
    loop.worker(uuid).writes(state="done").answers("done", seconds=seconds)
    loop.round()


def hold(database, uuid):
    """Hold a job as a live worker does."""
    query = "SELECT pg_advisory_lock(%s, id) FROM queue_job WHERE uuid = %s"
    database.rows(query, LOCK_CLASS, uuid)


def let_go(database, uuid):
    """Do what a worker does when nothing is left to do for a job."""
    query = "SELECT pg_advisory_unlock(%s, id) FROM queue_job WHERE uuid = %s"
    database.rows(query, LOCK_CLASS, uuid)
