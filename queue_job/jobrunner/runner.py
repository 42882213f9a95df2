# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The loop of the runner: wait, poll, rescue, dispatch.

The runner decides which jobs run when and asks Odoo over HTTP to run them. It runs
nothing itself, and it writes nothing but dispatches.
"""

import logging
import math
import os
import select
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg2

from odoo.modules.module import Manifest
from odoo.tools import config

from ..config import users_first
from ..core.channels.config import parse, root_most
from ..core.channels.lanes import Lanes
from ..core.complaints import Complaints
from ..core.runner import sign_of_life
from ..core.runner.channel_part import MOST_CHANNELS
from ..core.runner.fetch_window import Window
from ..db.connection import connection_parameters, databases
from .channels import ChannelManager
from .clock import Clock
from .config import RunnerConfig
from .database import Database, MasterElectionLost
from .database_queue import DatabaseQueue
from .databases import Databases
from .dispatcher import Dispatcher
from .leader import Leadership
from .load_watch import LoadWatch
from .request import Answer
from .session import open_session
from .stand_by import StandBy
from .stand_down import OdooOutOfReach, StandDown
from .wakeup import Wakeup

__all__ = ["Database", "MasterElectionLost", "QueueJobRunner"]

_logger = logging.getLogger(__name__)

SELECT_TIMEOUT = 60  # seconds
ERROR_RECOVERY_DELAY = 5  # seconds
ELECTION_INTERVAL = 1  # seconds
#: Seconds in which others may take the lead that was given up.
STAND_BACK = 3
#: Due jobs to keep per channel and database, at least.
LEAST_WINDOW = 500
#: Open requests at a time where the root channel sets no limit.
_REQUESTS = 100
#: Seconds to wait when no server answers at Odoo's address: at first, and at most.
_PAUSE, _LONGEST_PAUSE = 0.2, 3.0


def _channels() -> str:
    return RunnerConfig.from_environ_or_config().channels


def _about(settings: RunnerConfig) -> str:
    manifest = Manifest.for_addon("queue_job", display_warning=False)
    return sign_of_life.spell(
        version=manifest["version"] if manifest else "",
        host=socket.gethostname(),
        pid=os.getpid(),
        address=f"{settings.scheme}://{settings.host}:{settings.port}",
        channels=settings.channels,
    )


def _connection_info_for(db_name: str) -> dict[str, Any]:
    return connection_parameters(db_name)


def listed_databases() -> list[str]:
    """Return the databases to serve: the ``db_name`` option, else all there are."""
    return sorted(config["db_name"] or databases())


class QueueJobRunner:
    """Serves the jobs of all databases until :meth:`stop`.

    :param channel_config_string: what may run, ``root:4,...``; none = as configured
    :param clock: the time
    :param connect: opens a connection to a database
    :param list_databases: names the databases there are now
    :param dispatcher: called with config, limit and slots, sends requests to Odoo
    :raise ValueError: when the channels are malformed, naming the wrong word
    """

    def __init__(
        self,
        scheme: str = "http",
        host: str = "localhost",
        port: int = 8069,
        user: str | None = None,
        password: str | None = None,
        channel_config_string: str | None = None,
        *,
        clock: Clock | None = None,
        connect: Callable[[str], Any] = open_session,
        list_databases: Callable[[], Sequence[str]] = listed_databases,
        dispatcher: Callable[[RunnerConfig, int, int], Any] = Dispatcher,
    ) -> None:
        channels = channel_config_string or _channels()
        capacity = root_most(channels)
        self.config = RunnerConfig(channels, scheme, host, port, user, password)
        self.channel_manager = ChannelManager()
        self.channel_manager.simple_configure(channels)
        #: Called now and then by the loop; a server's worker checks its limits.
        self.on_beat: Callable[[], None] = lambda: None
        self._window = max(LEAST_WINDOW, 2 * capacity)
        self._most_channels = MOST_CHANNELS
        self._slots = max(1, capacity or _REQUESTS)
        self._sequential = [c.name for c in parse(channels) if c.sequential]
        self._clock = clock or Clock()
        self._connect = connect
        self._stand_by = StandBy(list_databases, connect)
        about = _about(self.config)
        self._leadership = Leadership(connect, about, self._stand_by.ask)
        self._group: Sequence[str] = config["db_name"] or ()
        inserts = self._leadership.count_inserts
        self._databases = Databases(list_databases, self._serve, inserts)
        self._stand_down = StandDown(self._leadership, self._databases)
        self._load_watch = LoadWatch(
            users_first(), self.channel_manager, self._databases, self._slots
        )
        # The request of a rescued job stays open for a while, beside the new one.
        self._new_dispatcher: Callable[[], Any] = lambda: dispatcher(
            self.config, 2 * self._slots, self._slots
        )
        self._dispatcher: Any = None
        self._stop = Wakeup()
        self._stopping = False
        self._announced = False
        self._complaints = Complaints()
        self._pause = _PAUSE
        self._unreachable_until = 0.0

    @classmethod
    def from_environ_or_config(cls, **parts: Any) -> "QueueJobRunner":
        """Return a runner as environment and configuration file want it.

        :raise ValueError: when a setting cannot be used, naming the wrong word
        """
        found = RunnerConfig.from_environ_or_config()
        return cls(
            scheme=found.scheme,
            host=found.host,
            port=found.port,
            user=found.user,
            password=found.password,
            channel_config_string=found.channels,
            **parts,
        )

    def stop(self) -> None:
        """End :meth:`run` soon; may be called from anywhere, also a signal."""
        self._stopping = True
        self._stop.set()

    def run(self) -> None:
        """Serve until stopped; whatever fails is repeated."""
        _logger.info("starting")
        while not self._stopping:
            try:
                self._initialize()
                while not self._stopping:
                    self._wait(self.cycle())
            except MasterElectionLost as error:
                _logger.debug(
                    "master election lost: %s, sleeping %ds and retrying",
                    error,
                    ELECTION_INTERVAL,
                )
                self._stand_by.act()
                self._recover(ELECTION_INTERVAL, returns_jobs=False)
            except OdooOutOfReach as error:
                self._give_up_lead(error)
            except Exception:
                _logger.exception(
                    "exception: sleeping %ds and retrying", ERROR_RECOVERY_DELAY
                )
                self._recover(ERROR_RECOVERY_DELAY)
        _logger.info("graceful stop requested")
        self._close()
        _logger.info("stopped")

    def cycle(self) -> float:
        """Do one round: poll, rescue, dispatch.

        :return: monotonic seconds at which to come back, if nothing happens before
        """
        monotonic, now = self._clock.monotonic(), self._clock.wall()
        databases = self._databases
        if self._leadership.beat(monotonic):
            databases.retry(monotonic)
        for name in self._leadership.news():
            databases.look_into(name, monotonic)
        if monotonic >= databases.next_discovery:
            self.on_beat()
            databases.discover(monotonic)
        databases.open(monotonic, self._leadership.is_leader)
        for answer in self._dispatcher.answers():
            self._stand_down.answered(answer, monotonic)
            self._take_answer(answer, monotonic)
        for queue in databases:
            databases.attempt(queue, lambda s: s.listen(monotonic), monotonic)
        for queue in databases:
            # a slow database must not make the others of the group take over
            self._leadership.beat(self._clock.monotonic())
            databases.attempt(queue, lambda s: s.care(monotonic, now), monotonic)
            for request in queue.dispatched_jobs.overdue(monotonic):
                self._dispatcher.drop(request)
        self._stand_down.check(monotonic)
        self._load_watch.check(monotonic)
        if monotonic >= self._unreachable_until and not self._stopping:
            self._dispatch(monotonic, now)
        return self._deadline(monotonic, now)

    # -- dispatching -------------------------------------------------------------

    def _dispatch(self, monotonic: float, now: float) -> None:
        runs: defaultdict[DatabaseQueue, list[list[str]]] = defaultdict(list)
        for job in list(self.channel_manager.get_jobs_to_run(now, monotonic)):
            queue = self._databases.get(job.db_name)
            if queue is not None:
                members = self.channel_manager.get_batch_members(
                    job, now, queue.dispatched_jobs.admission(job)
                )
                runs[queue].append([job.uuid, *(r.uuid for r in members)])
        for queue, found in runs.items():
            self._databases.attempt(queue, self._sender(found, monotonic), monotonic)

    def _sender(
        self, runs: Sequence[Sequence[str]], monotonic: float
    ) -> Callable[[DatabaseQueue], None]:
        def send(queue: DatabaseQueue) -> None:
            for request in queue.dispatch(runs, monotonic):
                for dispatched_job in request.dispatched_jobs:
                    _logger.info(
                        "asking Odoo to run job %s on db %s",
                        dispatched_job.uuid,
                        queue.name,
                    )
                self._dispatcher.send(request)
                self._stand_down.asked(monotonic)

        return send

    def _take_answer(self, answer: Answer, monotonic: float) -> None:
        queue = self._databases.get(answer.request.db_name)
        if queue is None or answer.request not in queue.dispatched_jobs:
            return  # given up before
        if answer.problem is not None:
            self._complain(answer, monotonic)
        if answer.reached:
            self._pause = _PAUSE
        elif monotonic >= self._unreachable_until:
            self._unreachable_until = monotonic + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._databases.attempt(
            queue, lambda s: s.take_answer(answer, monotonic), monotonic
        )

    def _give_up_lead(self, error: OdooOutOfReach) -> None:
        """Return what was not begun to pending; the next leader dispatches it."""
        times = self._complaints.times(str(error), self._clock.monotonic())
        if times:
            _logger.warning(
                "gives up the lead for %d s, another runner may reach Odoo: at %s:%d"
                " %s (%d times)",
                STAND_BACK,
                self.config.host,
                self.config.port,
                error,
                times,
            )
        self._stand_down.gave_up()
        self._recover(STAND_BACK)

    def _complain(self, answer: Answer, monotonic: float) -> None:
        times = self._complaints.times(str(answer.problem), monotonic)
        # The server of a runner that is to end ends, too, and resets its connections.
        level = logging.INFO if self._stopping else logging.ERROR
        if times:
            _logger.log(
                level,
                "exception in GET %s: %s (from %s:%d, %d times)",
                answer.request.path,
                answer.problem,
                self.config.host,
                self.config.port,
                times,
            )

    # -- waiting, beginning, ending ----------------------------------------------

    def _serve(self, name: str) -> DatabaseQueue:
        window = Window(2 * self._slots, self._window, self._most_channels)
        return DatabaseQueue(
            name,
            self.channel_manager,
            self._slots,
            window,
            self._sequential,
            self._connect,
            self._clock,
            Lanes.of_text(self.config.channels),
        )

    def _initialize(self) -> None:
        level = logging.DEBUG if self._announced else logging.INFO
        _logger.log(level, "initializing database connections")
        self._announced = True
        self._leadership.take(self._group)
        self._dispatcher = self._new_dispatcher()
        self.channel_manager.forget_begins()
        monotonic = self._clock.monotonic()
        self._databases.discover(monotonic)
        while self._databases.open(monotonic, self._leadership.is_leader):
            self._leadership.beat(self._clock.monotonic())  # hundreds take seconds
        _logger.info("database connections ready")

    def _deadline(self, monotonic: float, now: float) -> float:
        times = [self._databases.deadline(), monotonic + SELECT_TIMEOUT]
        times += [self._leadership.next_beat, self._stand_down.deadline]
        times.append(self._load_watch.deadline)
        if monotonic < self._unreachable_until:
            times.append(self._unreachable_until)
        elif wakeup := self.channel_manager.get_wakeup_time():
            times.append(monotonic + wakeup - now)
        return min(times)

    def _wait(self, until: float) -> None:
        timeout = max(0.0, until - self._clock.monotonic())
        _logger.debug("select() timeout: %.2f sec", timeout)
        sources: list[Any] = [queue.database for queue in self._databases]
        if self._leadership.fileno() is not None:
            sources.append(self._leadership)
        if self._leadership in self._select(timeout, sources):
            self._leadership.check()

    def _recover(self, seconds: float, returns_jobs: bool = True) -> None:
        """Give everything up, and wait. What fails of that is no reason to end: it
        may be the same shortage, of open files say."""
        try:
            self._close(returns_jobs)
            self._sleep(seconds)
        except Exception:
            _logger.exception("exception while recovering: going on all the same")
            time.sleep(_PAUSE)

    def _sleep(self, seconds: float) -> None:
        if not self._stopping:
            self.on_beat()
            self._select(seconds, [])

    def _select(self, timeout: float, sources: Sequence[Any]) -> set[Any]:
        """Wait for news of any source, an answer, or the order to stop."""
        poll, by_number = select.poll(), {}
        answers = [] if self._dispatcher is None else [self._dispatcher]
        for source in [self._stop, *answers, *sources]:
            # A broken connection has no number; its next use will tell.
            with suppress(ValueError, psycopg2.Error):
                number = source.fileno()
                poll.register(number, select.POLLIN)
                by_number[number] = source
        ready = poll.poll(math.ceil(timeout * 1000))
        self._stop.clear()
        return {by_number[number] for number, _events in ready}

    def _close(self, returns_jobs: bool = True) -> None:
        """Return to pending what no worker began; give up databases, lock and
        requests."""
        self._databases.close(returns_jobs)
        self._leadership.leave()
        if self._dispatcher is not None:
            self._dispatcher.close()
            self._dispatcher = None
        self._unreachable_until, self._pause = 0.0, _PAUSE
