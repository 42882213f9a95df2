# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Threads that take little memory: Odoo counts the address space of a process, too.

As a rule a thread reserves 8 MB for its stack, and the C library 64 MB for what it
allocates there. With some twenty open requests that is more than a worker may have.
"""

import contextlib
import ctypes
import threading

#: Enough for a request; Python code does not live on the stack.
_STACK = 256 * 1024  # bytes
_starting = threading.Lock()
#: What ``mallopt`` of the GNU C library calls it.
_M_ARENA_MAX = -8
_ARENAS = 2


def start_small(thread: threading.Thread) -> None:
    """Start a thread on a small stack.

    :raise RuntimeError: when the system gives no more threads
    """
    with _starting:
        usual = threading.stack_size(_STACK)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)


def share_arenas() -> None:
    """Let all threads of this process allocate in the same few places. Of Python's
    threads one runs at a time: they do not wait for each other there."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
