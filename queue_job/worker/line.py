# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that has answered stays on the line of the runner for a moment.

When jobs come one after the other, the next one is begun there, without a request of
its own, which costs more than most jobs. Nobody waits for a worker that waits: it
leaves as soon as another client is at the door of the server. Where it would have been
replaced by now, for the memory that it has taken, it does not stay.
"""

import contextlib
import json
import logging
import select
import socket
import time
from typing import Any

import psutil
import psycopg2

from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

from ..core.protocol import LINE, LONGEST_LINE, RunAnswer, RunRequest
from ..db.children import keep_from_children
from ..db.transaction import end_request
from . import shutdown
from .attempt import Steps
from .executor import run_batch

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

_ACCEPTS = (
    "HTTP/1.1 101 Switching Protocols\r\n"
    f"Connection: Upgrade\r\nUpgrade: {LINE}\r\n\r\n"
)
#: More than any batch can take.
_LONGEST_PATH = 1 << 16  # bytes
#: Seconds after which a worker that waits notices that it is to stop.
_LOOK_SECONDS = 0.2


class Line:
    """The connection of a request, from its first answer on.

    :param open_socket: the connection
    :param door: where other clients wait for a worker of this server
    """

    def __init__(self, open_socket: socket.socket, door: socket.socket) -> None:
        self._socket = open_socket
        self._poll = select.poll()
        for one in (open_socket, door):
            self._poll.register(one, select.POLLIN)
        self._ends_at = time.monotonic() + LONGEST_LINE
        self._greeting = _ACCEPTS
        self._process = psutil.Process()

    @classmethod
    def offered(cls, environ: Any) -> "Line | None":
        """Return the line of a request whose runner would like the worker to stay;
        ``None`` where it, or what stands between the two, does not offer it.

        :param environ: of the request, as the server made it
        """
        words = environ.get("HTTP_CONNECTION", "").lower().split(",")
        is_passed = "upgrade" in map(str.strip, words)
        is_offered = is_passed and environ.get("HTTP_UPGRADE") == LINE
        open_socket, door = environ.get("werkzeug.socket"), _door()
        if not is_offered or open_socket is None or door is None:
            return None
        keep_from_children(open_socket)
        return cls(open_socket, door)

    def answer(self, answer: RunAnswer) -> bool:
        """Tell the runner how its jobs went.

        :return: whether it is still there
        """
        text = f"{self._greeting}{json.dumps(answer.encode())}\n"
        self._greeting = ""
        try:
            self._socket.sendall(text.encode())
        except OSError:  # it will learn from the rows
            return False
        return True

    def may_stay(self) -> bool:
        """Whether Odoo would let this worker go on: it ends one that has taken more
        memory than it should, between two requests."""
        most = config["limit_memory_soft"]
        return not most or server.memory_info(self._process) <= most

    def leave(self) -> None:
        """Hear nothing more of the runner. The server would wait for it otherwise, when
        it has said its last word, while another client is at the door."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def next_path(self) -> str | None:
        """Wait for what the runner asks for next; ``None``: it is time to leave."""
        text = b""
        while not text.endswith(b"\n"):
            if not self._has_news() or len(text) > _LONGEST_PATH:
                return None
            try:
                part = self._socket.recv(_LONGEST_PATH)
            except OSError:
                return None
            if not part:
                return None
            text += part
        return text.decode("ascii", "replace").strip()

    def _has_news(self) -> bool:
        """Wait; tell whether the runner has said something, and no other client came
        meanwhile."""
        ready: dict[int, int] = {}
        while not ready and time.monotonic() < self._ends_at:
            ready = dict(self._poll.poll(1000 * _LOOK_SECONDS))
            if shutdown.is_stopping():  # a signal does not end the poll
                return False
        return list(ready) == [self._socket.fileno()]


def _door() -> Any:
    """Return where this server listens: that of the prefork workers, or of the threads,
    of which there may be too few, too; ``None`` in other servers."""
    running = server.server
    return getattr(running, "socket", None) or getattr(
        getattr(running, "httpd", None), "socket", None
    )


def run_batches(
    env: Any, request: RunRequest, steps: Steps, line: Line | None, secret: str
) -> RunAnswer | None:
    """Run what a runner asks for, and what it asks for on the line after that. Called
    by the controller.

    :param env: superuser environment; the work is done on its cursor
    :param line: ``None``: there is none
    :param secret: signs all that is asked
    :return: the answer that the runner does not have yet
    """
    registry = env.registry
    answer = run_batch(env, request, steps)
    # who sent it may be no runner any more
    if line is None or not answer.seconds or not line.may_stay():
        return answer
    asked: RunRequest | None = request
    while asked is not None:
        end_request(env)
        goes_on = line.answer(answer) and line.may_stay()
        asked = _next_request(env, registry, line, secret) if goes_on else None
        if asked is not None:
            answer = run_batch(env, asked, steps)
    line.leave()
    return None


def _next_request(
    env: Any, registry: Registry, line: Line, secret: str
) -> RunRequest | None:
    """Wait for the next batch; begin it like a request, with a look at what other
    processes have changed.

    :param registry: that the request was begun with; another one needs a request of its
        own
    """
    if env.cr.closed or not (path := line.next_path()):
        return None
    try:
        asked = RunRequest.read_path(path, secret)
        is_same = Registry(env.cr.dbname) is registry
        if is_same and registry.check_signaling(env.cr) is registry:
            return asked
    except (psycopg2.Error, ValueError) as error:
        _logger.info("left the line of the runner: %s", str(error).strip())
    return None
