"""Ports on loopback that are not in use, and that no other run of ours will take.

Between the choice of a port and the moment the server listens there, another run
could choose it as well. So a run holds a lock on what it has chosen until it ends.
"""

import random
import socket
import tempfile
from pathlib import Path

from .bootstrap import cache
from .bootstrap.console import Stop, say

# Below the range from which the kernel takes ports for outgoing connections.
_BLOCKS = range(20000, 32000, 100)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def hold(port: int) -> bool:
    """Keep other runs, of any user, from choosing the port; False if one has it."""
    path = Path(tempfile.gettempdir()) / f"queue-job-port-{port}"
    if not path.exists():
        path.touch(0o644)
    return cache.hold(path)


def pick(wanted: int, insist: bool) -> int:
    """The wanted port, or the next free one unless the user insists on this.

    :raises Stop: if there is none.
    """
    if not 1 <= wanted <= 65535:
        raise Stop(f"{wanted} is no port: one between 1 and 65535")
    for port in range(wanted, min(wanted + 100, 65536)):
        if is_free(port) and hold(port):
            if port != wanted:
                say(f"port {wanted} is busy, taking {port}")
            return port
        if insist:
            raise Stop(f"port {wanted} is busy or forbidden: name another with --port")
    raise Stop(f"no free port from {wanted} on: name another with --port")


def free_range(count: int) -> int:
    """The first of so many free ports in a row, at most 100."""
    for first in random.sample(_BLOCKS, len(_BLOCKS)):
        if all(is_free(port) for port in range(first, first + count)) and hold(first):
            return first
    raise Stop(f"no {count} free ports in a row on loopback")
