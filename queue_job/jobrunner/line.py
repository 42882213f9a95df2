# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The connection of a request to an Odoo worker.

The worker may stay on the line for a moment when it has answered: then the next batch
goes there, without a request of its own, which costs more than most jobs.
"""

import contextlib
import http.client
import select
import socket
import ssl
import threading
import time
from base64 import b64encode
from http import HTTPStatus
from typing import Any

from ..core.admission import is_header_text
from ..core.protocol import LEFT, LINE, LINE_SECONDS, RunAnswer
from .config import RunnerConfig
from .request import Answer, Request

#: Seconds to connect to Odoo.
ODOO_CONNECT_TIMEOUT = 10
#: A host that vanished is noticed in seconds, as PostgreSQL's is.
_KEEPALIVE = {
    "TCP_KEEPIDLE": 5,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 15000,  # milliseconds
}
#: More than the outcomes of any request can take.
_LONGEST_ANSWER = 1 << 20  # bytes


class Line:
    """One connection. It is asked by one thread, and may be cut by any.

    :param tls: whom to trust, where the scheme is https
    :param offers_stay: whether the worker is asked to stay when it has answered
    """

    def __init__(
        self,
        config: RunnerConfig,
        tls: ssl.SSLContext | None = None,
        offers_stay: bool = True,
    ) -> None:
        self._config = config
        self._tls = tls
        self._offers_stay = offers_stay
        self._connection: Any = None
        self._socket: Any = None
        #: That of a worker that has stayed: where it answers.
        self._response: Any = None
        #: That its worker serves.
        self.db_name = ""
        self._opened = 0.0
        self._mutex = threading.Lock()
        #: Whether what is asked was given up.
        self.is_cut = False

    @property
    def seconds_left(self) -> float:
        """How long the worker may stay, if it has not left; not for long, for all of it
        counts as one request."""
        if self._response is None or self._has_news():
            return 0.0
        return max(0.0, self._opened + LINE_SECONDS - time.monotonic())

    @property
    def stays(self) -> bool:
        """Whether the worker has stayed."""
        return self.seconds_left > 0

    def serves(self, request: Request) -> bool:
        """Tell whether a request can be made on it. The worker serves one database."""
        return request.db_name == self.db_name and self.stays

    def open(self, request: Request) -> Answer:
        """Connect and ask for the first batch; return when it has ended."""
        reached = False
        status = None  # of who may have begun the jobs, and does not say how they went
        try:
            self._connect()
            reached = True
            self.db_name, self._opened = request.db_name, time.monotonic()
            self._watch(self._connection.sock)
            self._connection.request(
                "GET", request.signed_path, headers=self._headers(request)
            )
            response = self._connection.getresponse()
            if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
                return _answer(request, response)
            status = response.status
            text = response.fp.readline(_LONGEST_ANSWER)
            answer = _decoded(request, text, status)
            # a proxy may have changed what the worker said
            if answer.problem is None and not response.will_close:
                self._response = response
            return answer
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _failed(request, error, reached, status)
        finally:
            if self._response is None:
                self.hang_up()

    def ask(self, request: Request) -> Answer | None:
        """Ask for a further batch; return when it has ended.

        :return: ``None`` when the worker had left before: it has begun nothing
        """
        try:
            self._socket.sendall(request.signed_path.encode() + b"\n")
            text = self._response.fp.readline(_LONGEST_ANSWER)
            if not text:
                raise ConnectionResetError("the worker is gone")
        except (OSError, ValueError) as error:
            self.hang_up()
            return _failed(request, error, reached=True)
        if text.startswith(b"HTTP/"):  # the response of the route itself comes last
            self.hang_up()
            return _read_goodbye(request, text)
        answer = _decoded(request, text)
        if answer.problem is not None:
            self.hang_up()
        return answer

    def cut(self) -> None:
        """Give up what is asked; the answer tells so."""
        with self._mutex:
            self.is_cut = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Let the worker go."""
        with self._mutex:
            self._socket = None
        self._response = None
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()  # and where answers are read

    def _has_news(self) -> bool:
        """Tell whether the worker says something unasked: then it has left."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _connect(self) -> None:
        host, port = self._config.host, self._config.port
        timeout = ODOO_CONNECT_TIMEOUT
        if self._tls is None:
            self._connection = http.client.HTTPConnection(host, port, timeout=timeout)
        else:
            self._connection = http.client.HTTPSConnection(
                host, port, timeout=timeout, context=self._tls
            )
        self._connection.connect()

    def _watch(self, open_socket: socket.socket) -> None:
        open_socket.settimeout(None)
        # A host that vanished is noticed by the system, a slow one is waited for.
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if option := getattr(socket, name, None):
                open_socket.setsockopt(socket.IPPROTO_TCP, option, value)
        with self._mutex:
            if self.is_cut:
                raise ConnectionAbortedError("the runner stops")
            self._socket = open_socket

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Connection": "close"}
        if self._offers_stay:
            headers = {"Connection": "Upgrade", "Upgrade": LINE}
        if is_header_text(request.db_name):  # others are found by the parameter
            headers["X-Odoo-Database"] = request.db_name
        if self._config.user:
            pair = f"{self._config.user}:{self._config.password or ''}".encode()
            headers["Authorization"] = "Basic " + b64encode(pair).decode()
        return headers


def _answer(request: Request, response: http.client.HTTPResponse) -> Answer:
    body = response.read(_LONGEST_ANSWER)
    status = response.status
    if status != HTTPStatus.OK:
        problem = f"HTTP {status} {response.reason}"
        return Answer(request, problem=problem, status=status)
    return _decoded(request, body)


def _read_goodbye(request: Request, text: bytes) -> Answer | None:
    """Return ``None`` where a worker says that it has left, and begun nothing. Whatever
    else Odoo says of the request tells nothing of its jobs."""
    words = text.decode("ascii", "replace").split()
    status = words[1] if words[1:] and words[1].isdecimal() else "0"
    if int(status) == LEFT:
        return None
    return Answer(request, problem=" ".join(words), status=int(status) or None)


def _decoded(request: Request, text: bytes, status: int = HTTPStatus.OK) -> Answer:
    try:
        answer = RunAnswer.decode(text)
    except ValueError as error:
        return Answer(request, problem=str(error), status=status)
    return Answer(request, answer, status=status)


def _failed(
    request: Request, error: Exception, reached: bool, status: int | None = None
) -> Answer:
    problem = f"{type(error).__name__}: {error}"
    return Answer(request, problem=problem, reached=reached, status=status)
