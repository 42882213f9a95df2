# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Child processes that a job forks: they are none of the queue's.

A child inherits what its parent holds. Were it to keep the sockets, the sessions that
say "this worker is at it" would live as long as the child, and a job whose worker was
killed would stay *started*. Were it to go on where the parent does, it would end the
job a second time, on the parent's connections.
"""

import os
import sys
import traceback
from contextlib import suppress
from typing import Any
from weakref import WeakSet

_kept: WeakSet[Any] = WeakSet()
_is_registered = False


def keep_from_children(connection: Any) -> None:
    """Let the connection's session end with this process, whatever it forks.

    Other programs that it starts get no socket of PostgreSQL's client library anyway.
    """
    global _is_registered  # noqa: PLW0603  # there is one process
    if not _is_registered:  # not at import: see "no effect at import"
        _is_registered = True
        os.register_at_fork(after_in_child=_let_go)
    _kept.add(connection)


def _let_go() -> None:
    """In the child: close the sockets, without a word to the server."""
    if not _kept:
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for connection in list(_kept):
        # who comes to use it, or to close it, in the child has no server to talk to
        with suppress(Exception):  # it is closed already
            os.dup2(nothing, connection.fileno(), inheritable=False)
    os.close(nothing)
    _kept.clear()


class EndingChildren:
    """Lets a child process that is forked in the block end where the block does, with
    the status it asked for: what it returns or raises is not the parent's."""

    def __enter__(self) -> None:
        self._parent = os.getpid()

    def __exit__(self, _class: Any, error: BaseException | None, _trace: Any) -> None:
        if os.getpid() != self._parent:
            _end(error)


def _end(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        traceback.print_exception(error)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(_status(error))


def _status(error: BaseException | None) -> int:
    if isinstance(error, SystemExit):
        code = error.code
        return code if isinstance(code, int) else int(code is not None)
    return int(error is not None)
