"""Ports on loopback that nobody uses."""

import random
import socket

from .console import Stop, say

# Below the range from which the kernel takes ports for outgoing connections.
_FIRST, _LAST = 20000, 32000


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def pick(wanted: int, insist: bool) -> int:
    """The wanted port, or the next free one unless the user insists on this.

    :raises Stop: if there is none.
    """
    if not 1 <= wanted <= 65535:
        raise Stop(f"{wanted} is no port: one between 1 and 65535")
    for port in range(wanted, min(wanted + 100, 65536)):
        if is_free(port):
            if port != wanted:
                say(f"port {wanted} is busy, taking {port}")
            return port
        if insist:
            raise Stop(f"port {wanted} is busy or forbidden: name another with --port")
    raise Stop(f"no free port from {wanted} on: name another with --port")


def free_range(count: int, lane: int = 0) -> int:
    """The first of so many free ports in a row; lanes of a run never meet."""
    width = 1000
    for _attempt in range(50):
        block = random.randrange(_FIRST, _LAST - width, width)
        first = block + lane * 100
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise Stop(f"no {count} free ports in a row on loopback")
