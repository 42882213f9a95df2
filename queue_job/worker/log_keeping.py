# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lines that a job logs, kept where that is asked for.

While some job's log is kept in this process there is one handler for all; it asks which
thread logs. Otherwise there is none.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from ..core.kept_log import KeepLog, KeptLines, is_kept
from ..core.outcome import Outcome
from ..db.transaction import side_transaction
from ..store import logs
from ..store.dispatch import DispatchedJob
from .attempt import Load

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")
#: Where the lines of this thread go. Threads that a job starts have none.
_kept: ContextVar[KeptLines | None] = ContextVar("queue_job_kept_log", default=None)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        kept = _kept.get()
        if kept is None:
            return
        try:
            kept.add(self.format(record))
        except Exception:  # as every handler: a line that cannot be is no error
            self.handleError(record)


def _new_handler() -> logging.Handler:
    handler = _Handler(logging.INFO)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime  # UTC, as all dates that are kept
    handler.setFormatter(formatter)
    return handler


_handler = _new_handler()
_OFF = KeepLog.OFF.value
_mutex = threading.Lock()
_users = 0


@contextmanager
def keeping(kept: KeptLines) -> Iterator[None]:
    """Keep the lines that this thread logs, from level ``INFO``, as long as the block
    runs."""
    _count_users(+1)
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        _count_users(-1)


def _count_users(change: int) -> None:
    global _users
    with _mutex:
        _users += change
        if _users:
            logging.getLogger().addHandler(_handler)  # no second time
        else:
            logging.getLogger().removeHandler(_handler)


class AttemptLog:
    """The log of one attempt: begun once its job is known, if that asks for it."""

    def __init__(self) -> None:
        self._stack: ExitStack | None = None
        self._kept: KeptLines | None = None
        self._mode = _OFF

    def begun_by(self, load: Load) -> Load:
        """Return ``load``, which lets the log begin with the job that it makes."""

        def load_and_begin() -> Any:
            job = load()
            if self._kept is None and (mode := job.keep_log) != _OFF:
                self._begin(mode)
            return job

        return load_and_begin

    def _begin(self, mode: str) -> None:
        self._mode, self._kept = mode, KeptLines()
        self._stack = ExitStack()
        self._stack.enter_context(keeping(self._kept))

    def end(self) -> None:
        """Keep no further line."""
        if self._stack is not None:
            self._stack.close()

    def store(self, env: Any, dispatched_job: DispatchedJob, outcome: Outcome) -> None:
        """Write the log down, committed, if the attempt ended so that it is kept. Never
        raises: the attempt is recorded already."""
        if self._kept is None or not is_kept(self._mode, outcome):
            return
        text = self._kept.text()
        if not text:
            return
        try:
            with side_transaction(env) as side:
                logs.write(side.cr, dispatched_job, text, self._kept.lines_cut)
        except Exception:
            _logger.exception("the log of job %s is not kept", dispatched_job.uuid)
