# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A transaction in which work is done for trial, and rolled back whatever comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

from .acting import acting_as
from .transaction import is_plain_test_cursor

#: Whether this thread works for trial just now.
_is_rehearsing: ContextVar[bool] = ContextVar("queue_job_rehearsing", default=False)
#: What ends a transaction.
_ENDS = frozenset({"commit", "rollback"})
#: Seconds to wait for a row that another transaction has locked.
LOCK_SECONDS = 10


class RehearsalError(Exception):
    """The work would end the transaction that is to be rolled back."""


def is_rehearsing() -> bool:
    """Tell whether what this thread does will be rolled back, so that nothing is to
    leave the server for it. Asked by what sends mails."""
    return _is_rehearsing.get()


@contextmanager
def rehearsal(env: Any, statement_seconds: int) -> Iterator[Any]:
    """Yield an environment like ``env`` in a transaction of its own, rolled back at
    the end. A commit or rollback in between is refused, hooks of a commit do not run.

    :param statement_seconds: after so many, a statement is cancelled
    """
    with _own_cursor(env) as cr, _unended(cr):
        own = env(cr=cr)
        cr.execute("SET LOCAL statement_timeout = %s", (f"{statement_seconds}s",))
        cr.execute("SET LOCAL lock_timeout = %s", (f"{LOCK_SECONDS}s",))
        token = _is_rehearsing.set(True)
        try:
            with acting_as(own):
                yield own
        finally:
            _is_rehearsing.reset(token)


@contextmanager
def _own_cursor(env: Any) -> Iterator[Any]:
    """Yield a cursor whose work is rolled back; inside a test, the test's own, up to
    a savepoint."""
    if is_plain_test_cursor(env.cr):
        with _savepoint_rolled_back(env):
            yield env.cr
        return
    cr = env.registry.cursor()
    try:
        yield cr
    finally:
        cr.rollback()
        env.registry.reset_changes()
        cr.close()


@contextmanager
def _savepoint_rolled_back(env: Any) -> Iterator[None]:
    cr = env.cr
    queues = (cr.precommit, cr.postcommit, cr.prerollback, cr.postrollback)
    savepoint = cr.savepoint()
    hooks = [list(queue._funcs) for queue in queues]
    try:
        yield
    finally:
        savepoint.close(rollback=True)
        env.transaction.reset()
        env.registry.reset_changes()
        for queue, before in zip(queues, hooks, strict=True):
            queue._funcs.clear()
            queue._funcs.extend(before)


@contextmanager
def _unended(cr: Any) -> Iterator[None]:
    """Refuse to commit the transaction, and to roll it back, meanwhile."""

    def refuse() -> NoReturn:
        raise RehearsalError(
            "This job commits its work, or rolls it back, by itself: it cannot be run"
            " for trial, because what was committed could not be taken back"
        )

    own = vars(cr)  # above the methods of its class; tests have put others there
    before = {name: own[name] for name in _ENDS & own.keys()}
    own.update(dict.fromkeys(_ENDS, refuse))
    try:
        yield
    finally:
        for name in _ENDS:
            del own[name]
        own.update(before)
