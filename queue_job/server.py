# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The runner within an Odoo server: a thread of a threaded one, a worker of a
prefork one.

Importing this changes nothing. :func:`install` hooks into Odoo's server classes; it
is called when the module is loaded, and acts only where it is loaded server-wide.
"""

import functools
import logging
import os
import signal
import threading
import time
from typing import Any

from odoo.service import server
from odoo.tools import config

from .config import setting, stop_steps
from .core.channels.config import root_capacity, root_most
from .jobrunner.config import RunnerConfig
from .jobrunner.runner import QueueJobRunner
from .jobrunner.small_threads import share_arenas
from .worker import job_locks, shutdown, watch

_logger = logging.getLogger("odoo.addons.queue_job.jobrunner")

#: Seconds before the first action: none, the runner begins as soon as Odoo answers.
START_DELAY = 0
#: Seconds that a stopping threaded server waits for the runner to end.
_STOP_TIMEOUT = 3.0
#: Seconds between two starts of a worker that dies at once.
_RESPAWN_INTERVAL = 2.0
_IN_THREADED, _IN_PREFORK = "threaded server", "prefork server"


def install() -> None:
    """Have Odoo's servers start a runner. Calling it again changes nothing."""
    if "queue_job" not in config["server_wide_modules"]:
        return  # preloaded for a database only
    if os.name == "nt":
        _logger.error(
            "no jobs will run: the job runner does not work on Windows; run Odoo on"
            " Linux, or in WSL or a container"
        )
        return
    _extend(server.ThreadedServer, "cron_spawn", _start_thread_after)
    # What is registered for the stop is called when the server has ceased to listen:
    # until then a runner would go on asking it.
    _extend(server.ThreadedServer, "stop", _begin_no_job_before)
    _extend(server.PreforkServer, "process_spawn", _start_worker_after)
    # The workers of a prefork server are told to stop by a signal each: what is
    # registered for the stop is called in their main process only.
    _extend(server.Worker, "signal_handler", _begin_no_job_after)
    # What a worker knows of its end by a limit, it says before.
    _extend(server.Worker, "signal_time_expired_handler", _note_cpu_limit_before)
    # A threaded server sets itself none, but its surroundings may have.
    _extend(server.ThreadedServer, "signal_handler", _note_process_limit_before)
    # Between two requests, every few seconds; in a threaded server every minute.
    _extend(server.Worker, "check_limits", _close_idle_after)
    _extend(server.ThreadedServer, "process_limit", _close_idle_after)


def _extend(server_class: type, name: str, wrap: Any) -> None:
    original = getattr(server_class, name)
    if not hasattr(original, "queue_job_original"):
        wrapper: Any = functools.wraps(original)(wrap(original))
        wrapper.queue_job_original = original
        setattr(server_class, name, wrapper)


def _start_thread_after(cron_spawn: Any) -> Any:
    def spawn(self: Any) -> None:
        cron_spawn(self)
        self.queue_job_thread = _start_runner_thread(_IN_THREADED)

    return spawn


def _begin_no_job_before(stop: Any) -> Any:
    def stop_after_runner(self: Any) -> None:
        shutdown.begin()
        if thread := getattr(self, "queue_job_thread", None):
            thread.runner.stop()
        stop(self)

    return stop_after_runner


def _start_worker_after(process_spawn: Any) -> Any:
    def spawn(self: Any) -> None:
        process_spawn(self)
        _keep_worker(self)

    return spawn


def _begin_no_job_after(signal_handler: Any) -> Any:
    def handle(self: Any, sig: int, frame: Any) -> None:
        shutdown.begin()
        signal_handler(self, sig, frame)

    return handle


def _note_cpu_limit_before(expired: Any) -> Any:
    def handle(self: Any, sig: int, stack: Any) -> None:
        watch.watcher().note_limit(f"limit_time_cpu ({config['limit_time_cpu']})")
        expired(self, sig, stack)

    return handle


def _note_process_limit_before(signal_handler: Any) -> Any:
    def handle(self: Any, sig: int, frame: Any) -> None:
        if sig == getattr(signal, "SIGXCPU", None):
            import resource  # not on Windows, where no such signal comes

            seconds, _most = resource.getrlimit(resource.RLIMIT_CPU)
            watch.watcher().note_limit(
                f"the limit of CPU time of its process ({seconds}, see ulimit -t)"
            )
        signal_handler(self, sig, frame)

    return handle


def _close_idle_after(check: Any) -> Any:
    def checked(self: Any) -> None:
        check(self)
        job_locks.close_idle()

    return checked


def _is_runner_enabled() -> bool:
    """Tell whether this server is to run jobs.

    :raise ValueError: when a setting cannot be used, naming the wrong word
    """
    if config["stop_after_init"]:
        return False
    stop_steps()
    settings = RunnerConfig.from_environ_or_config()
    capacity = root_capacity(settings.channels)
    _warn_of_overload(root_most(settings.channels), config["workers"])
    return capacity != 0


def _warn_of_overload(capacity: int, workers: int) -> None:
    """Warn where running jobs may take all HTTP workers, and leave none for users."""
    if 0 < workers <= capacity:
        _logger.warning(
            "root's capacity is %d, but there are %d HTTP workers here: unless others"
            " run the jobs, too, no user is served while that many run; lower it"
            " or raise 'workers'",
            capacity,
            workers,
        )


def _may_start(server_type: str) -> bool:
    """Do the same, but log what is wrong: Odoo itself goes on."""
    try:
        enabled = _is_runner_enabled()
    except ValueError as error:
        _logger.error("no jobs will run, the job runner stays off: %s", error)
        return False
    if not enabled:
        _logger.info(
            "jobrunner thread (in %s) NOT started, "
            "because the root channel's capacity is set to 0",
            server_type,
        )
        return False
    if not config["http_enable"] and not setting("host"):
        _logger.info(
            "jobrunner thread (in %s) NOT started, because this server answers no HTTP"
            " requests; set host in [queue_job] to have another server run the jobs",
            server_type,
        )
        return False
    return True


# -- threaded server -----------------------------------------------------------


class QueueJobRunnerThread(threading.Thread):
    """Runs a runner beside the threads that answer requests."""

    def __init__(self) -> None:
        super().__init__(name="queue_job.runner", daemon=True)
        self.runner = QueueJobRunner.from_environ_or_config()

    def run(self) -> None:
        self.runner.run()

    def stop(self) -> None:
        """Stop dispatching, and wait until the rest is returned."""
        self.runner.stop()
        self.join(_STOP_TIMEOUT)


def _start_runner_thread(server_type: str) -> QueueJobRunnerThread | None:
    """Start a runner unless the configuration is against it."""
    if not _may_start(server_type):
        return None
    _logger.info("starting jobrunner thread (in %s)", server_type)
    thread = QueueJobRunnerThread()
    thread.start()
    server.CommonServer.on_stop(thread.stop)
    return thread


# -- prefork server --------------------------------------------------------------


class WorkerJobRunner(server.Worker):
    """The process of a prefork server that runs the runner.

    It waits for events of its own rather than for requests, so the main process
    does not watch whether it is idle.
    """

    def __init__(self, multi: Any) -> None:
        super().__init__(multi)
        self.watchdog_timeout = None
        self.runner: QueueJobRunner | None = None
        self._over_limit = False

    def start(self) -> None:
        super().start()
        if self.multi.socket:
            # A process that keeps it open keeps clients waiting after all HTTP workers
            # ended.
            self.multi.socket.close()
        # Odoo's wake-up pipe would fill up: the runner is woken by its own.
        signal.set_wakeup_fd(-1)
        share_arenas()
        self._renew()

    def sleep(self) -> None:
        """Do nothing: the runner waits by itself."""

    def process_work(self) -> None:
        """Run until stopped; a new runner takes over when only a limit was hit."""
        if self.runner is None:
            return
        self.runner.run()
        if self.alive and self._over_limit:
            self._over_limit = False
            self._renew()
            _logger.info("WorkerJobRunner (%s) runner is reinitialized", self.pid)

    def signal_handler(self, sig: int, frame: Any) -> None:
        super().signal_handler(sig, frame)
        self._stop_runner()

    def signal_time_expired_handler(self, n: int, stack: Any) -> None:
        _logger.info(
            "Worker (%s) CPU time limit (%s) reached",
            self.pid,
            config["limit_time_cpu"],
        )
        self._over_limit = True
        self._stop_runner()

    def _renew(self) -> None:
        self.runner = QueueJobRunner.from_environ_or_config()
        self.runner.on_beat = self._beat

    def _beat(self) -> None:
        """Show that the runner works on: renew its CPU time, end with the main
        process."""
        self.check_limits()
        self.multi.pipe_ping(self.watchdog_pipe)
        if not self.alive:
            self._stop_runner()

    def _stop_runner(self) -> None:
        if self.runner is not None:
            self.runner.stop()


def _keep_worker(prefork: Any) -> None:
    """Start the worker, once and again whenever it ended."""
    enabled = getattr(prefork, "queue_job_enabled", None)
    if enabled is None:
        enabled = prefork.queue_job_enabled = _may_start(_IN_PREFORK)
    if not enabled or _has_worker(prefork):
        return
    now = time.monotonic()
    last = getattr(prefork, "queue_job_spawned", now - _RESPAWN_INTERVAL)
    if now - last < _RESPAWN_INTERVAL:
        return  # it dies at once; the next round is soon enough
    prefork.queue_job_spawned = now
    _logger.info("starting jobrunner worker (in %s)", _IN_PREFORK)
    # Odoo forgets a dead worker in its list of all; a list of its own kind is
    # only for Odoo to count.
    prefork.worker_spawn(WorkerJobRunner, {})


def _has_worker(prefork: Any) -> bool:
    return any(isinstance(w, WorkerJobRunner) for w in prefork.workers.values())
