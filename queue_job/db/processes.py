# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Processes of a prefork server: which one this is, and who may end another one."""

import hashlib
import os
import re
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from odoo.service import server

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc/self/ns/pid")
_NAME = re.compile(r"^queue_job worker (?P<place>\w+) (?P<pid>\d+)$")


def is_worker() -> bool:
    """Tell whether this is a process of a prefork server: it has one request at a time,
    and is replaced when it ends."""
    main = server.server
    return isinstance(main, server.PreforkServer) and main.pid != os.getpid()


@cache
def place() -> str:
    """Return what is the same for processes that see each other's numbers, and for no
    others: containers of a host have numbers of their own."""
    try:
        seen = f"{_BOOT.read_text()} {os.stat(_PROCESSES).st_ino}"
    except OSError:  # not Linux
        seen = socket.gethostname()
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def session_name() -> str:
    """Return the name of the session on which this process locks jobs."""
    return f"queue_job worker {place()} {os.getpid()}"


def sibling(name: str | None) -> int | None:
    """Return the worker of this process's own server that has a session; ``None`` for
    all others."""
    found = _NAME.match(name or "")
    if not found or found["place"] != place() or not is_worker():
        return None
    pid = int(found["pid"])
    if pid == os.getpid():
        return None
    with suppress(psutil.Error):
        return pid if psutil.Process(pid).ppid() == os.getppid() else None
    return None


def end_if(pid: int, is_due: Callable[[], bool]) -> bool:
    """End a process for what it is at, and not for what it is at next: it is held
    while that is asked.

    :return: whether it was ended
    """
    try:
        os.kill(pid, signal.SIGSTOP)
        ends = False
        try:
            ends = is_due()
        finally:
            os.kill(pid, signal.SIGKILL if ends else signal.SIGCONT)
    except ProcessLookupError:
        return False
    return ends
