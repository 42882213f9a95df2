# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signals to Odoo servers."""

import ctypes
import errno
import os

_LIBC = ctypes.CDLL(None, use_errno=True)


def signal_main_thread(process, number):
    """Send a signal to the main thread of a child process that has not ended.

    The kernel may hand one for the process to any thread. Python then runs the handler
    in the main thread all the same, but does not end its sleep for it, which is of a
    minute in Odoo's threaded server.
    """
    if process.poll() is None and _LIBC.tgkill(process.pid, process.pid, number):
        if (number := ctypes.get_errno()) != errno.ESRCH:  # it has just ended
            raise OSError(number, os.strerror(number))
