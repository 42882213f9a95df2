# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One thread of a worker process that looks after the jobs which run in it: whether
somebody asked to stop one, whether the time of one is over; and that ends it then.

A job pays for it by being in a set while it runs. The thread wakes once a second as
long as there are jobs, asks for those that run for a second at least, and ends when
there were none for a while.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from ..config import SettingError, stop_steps
from ..core.stopping import Interruption, StopSteps, timeout_message
from ..db import processes
from ..db.transaction import in_test
from ..store import stopping
from ..store.dispatch import DispatchedJob
from . import job_locks
from .guard import Guard, end_process

_logger = logging.getLogger(__name__)

#: Seconds between two looks; jobs that are quicker are not looked at.
INTERVAL = 1.0
#: Looks without any job after which the thread ends.
_MOST_IDLE = 60


class Watcher:
    """Looks after the jobs of this process.

    :param steps: returns when each step is taken with a job that is to end
    :param clock: seconds that never jump
    """

    def __init__(
        self,
        steps: Callable[[], StopSteps],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.steps = steps
        self._clock = clock
        #: Whether the process may end, as what it does is one job.
        self.may_end = processes.is_worker()
        #: Added to and taken from without a lock: each of that is one step of Python.
        self._guards: set[Guard] = set()
        self._thread: threading.Thread | None = None
        self._mutex = threading.Lock()

    def add(self, guard: Guard) -> None:
        """Look after a job from now on. Called for each job."""
        self._guards.add(guard)
        if self._thread is None:
            self._start()

    def discard(self, guard: Guard) -> None:
        self._guards.discard(guard)

    def look(self) -> int:
        """Look at the jobs once; returns how many there are."""
        guards = tuple(self._guards)
        now = self._clock()
        long = [guard for guard in guards if now - guard.began >= INTERVAL]
        if long:
            self._hear(long, now)
            steps = self.steps()
            for guard in long:
                self._escalate(guard, steps, now)
        return len(guards)

    def note_limit(self, limit: str) -> None:
        """Note of the jobs of this process that its server ends them.

        :param limit: the name of the limit, and its value
        """
        for guard in tuple(self._guards):
            guard.locks.ask(None, stopping.note_limit, guard.dispatches, limit)

    def _start(self) -> None:
        with self._mutex:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="queue_job.watch", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        idle = 0
        while idle < _MOST_IDLE:
            time.sleep(INTERVAL)
            try:
                idle = 0 if self.look() else idle + 1
            except Exception:  # the jobs go on
                _logger.exception("running jobs could not be looked at")
        self._thread = None
        if self._guards:  # added by who saw the thread still
            self._start()

    def _hear(self, guards: list[Guard], now: float) -> None:
        """Find out which of these are to end, and why."""
        by_locks = defaultdict(list)
        for guard in guards:
            if guard.is_over_time(now):
                limit = timeout_message(guard.timeout or 0)
                guard.interrupt(Interruption(limit, is_timeout=True), now)
            by_locks[guard.locks].append(guard)
        for locks, some in by_locks.items():
            asked = [one for guard in some for one in guard.dispatches]
            found = locks.ask({}, stopping.standing, asked)
            for guard in some if found else ():
                _pass_on(guard, found, now)

    def _escalate(self, guard: Guard, steps: StopSteps, now: float) -> None:
        if guard.interruption is None:
            return
        is_timeout = guard.interruption.is_timeout
        step = steps.step(now - guard.interrupted_at, is_timeout)
        if guard.act(step) and not guard.is_stuck:
            guard.is_stuck = True
            _logger.warning(
                "job %s does not end, and this server has other work in the same"
                " process: it ends when the server is restarted",
                guard.job.uuid,
            )
            guard.locks.ask(None, stopping.note_stuck, guard.dispatches)


def _pass_on(guard: Guard, found: Mapping[tuple[int, int], str], now: float) -> None:
    """Interrupt what is to end: one call, whichever of its jobs was asked for.

    :param found: results of the dispatches that are to be stopped
    """
    results = [found[one] for one in guard.dispatches if one in found]
    if not results:
        return
    if guard.mates and guard.interruption is None:
        _logger.info(
            "a job of those that run as one call with job %s is to be stopped: the call"
            " ends, the others run alone",
            guard.job.uuid,
        )
    guard.interrupt(Interruption(results[0]), now)


_complained: set[str] = set()


def _configured_steps() -> StopSteps:
    """The steps that the operator chose; those of old where the words make no sense."""
    try:
        return stop_steps()
    except SettingError as error:
        if str(error) not in _complained:
            _complained.add(str(error))
            _logger.error("%s; taken as if it was not given", error)
        return StopSteps()


@cache
def _watcher_of(pid: int) -> Watcher:
    return Watcher(_configured_steps)


def watcher() -> Watcher:
    """Return the watcher of this process; a forked one has none of its parent's."""
    return _watcher_of(os.getpid())


class watched:
    """Look after an attempt of a job as long as the block runs. In a test nobody looks:
    it has one thread, and one connection.

    :param mates: others that are run as one call with it
    """

    __slots__ = ("_guard", "_watcher")  # made for each job: no generator

    def __init__(
        self, env: Any, job: DispatchedJob, mates: Sequence[DispatchedJob] = ()
    ) -> None:
        own = watcher()
        self._watcher = None if in_test() else own
        end = partial(end_process, job) if self._watcher and own.may_end else None
        self._guard = Guard(job, env.cr, job_locks.locks_of(env), own.steps, end)
        self._guard.mates = mates

    def __enter__(self) -> Guard:
        if self._watcher is not None:
            self._watcher.add(self._guard)
        return self._guard

    def __exit__(self, *_error: Any) -> None:
        if self._watcher is not None:
            self._watcher.discard(self._guard)
