# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP requests of the runner to Odoo, each open as long as its job runs.

A request says nothing about the job by its mere end: only a recorded outcome in the
answer does, or the row. So no read time-out decides anything, and an intermediary
that cuts a request changes nothing.
"""

import contextlib
import http.client
import logging
import queue
import socket
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.admission import is_header_text
from ..core.protocol import RunAnswer, RunRequest
from ..store.dispatch import DispatchedJob
from .config import RunnerConfig
from .small_threads import start_small
from .wakeup import Wakeup

_logger = logging.getLogger(__name__)

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
#: What a proxy answers that cannot reach Odoo.
_GATEWAY = (502, 503, 504)


@dataclass(frozen=True, eq=False)
class Request:
    """Asks Odoo to run jobs, one after the other, each under its dispatch number.

    :param db_name: the jobs' database
    :param dispatched_jobs: the jobs and their numbers, in order
    :param secret: ``database.secret`` of that database
    :param stops_at_failure: whether jobs behind one that did not succeed are to be
        left alone
    :param tells_begin: whether the worker is to say that it has begun
    """

    db_name: str
    dispatched_jobs: Sequence[DispatchedJob]
    secret: str = field(repr=False)
    stops_at_failure: bool = False
    tells_begin: bool = False

    @property
    def _asked(self) -> RunRequest:
        uuids = tuple(job.uuid for job in self.dispatched_jobs)
        attempts = tuple(job.attempt for job in self.dispatched_jobs)
        return RunRequest(uuids, attempts, self.stops_at_failure, self.tells_begin)

    @property
    def path(self) -> str:
        """What is asked for, without what makes Odoo obey."""
        return self._asked.path(self.db_name)

    @property
    def signed_path(self) -> str:
        return self._asked.signed_path(self.db_name, self.secret)


@dataclass(frozen=True)
class Answer:
    """What became of a request.

    :param request: the request
    :param ends: how its jobs ended; without any when no such answer came
    :param problem: why none came, for the log
    :param reached: whether any server answered at all
    :param status: of the HTTP response, if there was one
    """

    request: Request
    ends: RunAnswer = field(default_factory=RunAnswer)
    problem: str | None = None
    reached: bool = True
    status: int | None = None

    @property
    def is_heard(self) -> bool:
        """Whether Odoo itself has answered."""
        return bool(self.ends.outcomes) or self.status not in (None, *_GATEWAY)

    @property
    def is_refused(self) -> bool:
        """Whether no server, or a proxy in the place of Odoo, has answered."""
        return not self.reached or self.status in _GATEWAY


class Dispatcher:
    """Sends requests from daemon threads; answers queue up for the loop.

    :param limit: how many requests may be open; more wait for one to end
    """

    def __init__(self, config: RunnerConfig, limit: int) -> None:
        self._config = config
        self._limit = max(1, limit)
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._answers: deque[Answer] = deque()
        self._news = Wakeup()
        self._idle = threading.Semaphore(0)
        self._threads = 0
        self._mutex = threading.Lock()
        self._sockets: dict[Request, socket.socket] = {}
        self._closed = False

    def fileno(self) -> int:
        """Readable when there are answers."""
        return self._news.fileno()

    def send(self, request: Request) -> None:
        """Send, or queue until another request ends. Returns at once."""
        if self._threads < self._limit and not self._idle.acquire(blocking=False):
            name = f"queue_job.request.{self._threads + 1}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            try:
                start_small(thread)
            except RuntimeError as error:  # the system gives no more threads
                self._answer(Answer(request, problem=str(error), reached=False))
                return
            self._threads += 1
        self._requests.put(request)

    def answers(self) -> list[Answer]:
        """Return what came in since the last call."""
        self._news.clear()
        found = []
        while self._answers:
            found.append(self._answers.popleft())
        return found

    def drop(self, request: Request) -> None:
        """Give up a request; its answer tells that it was cut."""
        with self._mutex:
            open_socket = self._sockets.get(request)
        if open_socket is not None:
            _cut(open_socket)

    def close(self) -> None:
        """Give up every request and end the threads."""
        with self._mutex:
            self._closed = True
            open_sockets = list(self._sockets.values())
        for open_socket in open_sockets:
            _cut(open_socket)
        for _thread in range(self._threads):
            self._requests.put(None)
        self._news.set()

    def _work(self) -> None:
        while (request := self._requests.get()) is not None:
            if self._closed:
                return
            try:
                answer = self._ask(request)
            except Exception as error:  # a job without answer would stay dispatched
                _logger.exception("unexpected error with %s", request)
                answer = Answer(request, problem=repr(error), reached=False)
            self._idle.release()
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        self._answers.append(answer)
        self._news.set()

    def _ask(self, request: Request) -> Answer:
        connection = self._new_connection()
        reached = False
        try:
            connection.connect()
            reached = True
            self._watch(request, connection.sock)
            connection.request(
                "GET", request.signed_path, headers=self._headers(request)
            )
            return _answer(request, connection.getresponse())
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
            return Answer(request, problem=problem, reached=reached)
        finally:
            with self._mutex:
                self._sockets.pop(request, None)
            connection.close()

    def _new_connection(self) -> http.client.HTTPConnection:
        kinds: Mapping[str, Any] = {
            "http": http.client.HTTPConnection,
            "https": http.client.HTTPSConnection,
        }
        kind = kinds[self._config.scheme]
        connection: http.client.HTTPConnection = kind(
            self._config.host, self._config.port, timeout=ODOO_CONNECT_TIMEOUT
        )
        return connection

    def _watch(self, request: Request, open_socket: socket.socket) -> None:
        open_socket.settimeout(None)
        # A host that vanished is noticed by the system, a slow one is waited for.
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if option := getattr(socket, name, None):
                open_socket.setsockopt(socket.IPPROTO_TCP, option, value)
        with self._mutex:
            if self._closed:
                raise ConnectionAbortedError("the runner stops")
            self._sockets[request] = open_socket

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Connection": "close"}
        if is_header_text(request.db_name):  # others are found by the parameter
            headers["X-Odoo-Database"] = request.db_name
        if self._config.user:
            pair = f"{self._config.user}:{self._config.password or ''}".encode()
            headers["Authorization"] = "Basic " + b64encode(pair).decode()
        return headers


def _answer(request: Request, response: http.client.HTTPResponse) -> Answer:
    body = response.read(_LONGEST_ANSWER)
    status = response.status
    if status != 200:
        problem = f"HTTP {status} {response.reason}"
        return Answer(request, problem=problem, status=status)
    try:
        answer = RunAnswer.decode(body)
    except ValueError as error:
        return Answer(request, problem=str(error), status=status)
    return Answer(request, answer, status=status)


def _cut(open_socket: socket.socket) -> None:
    with contextlib.suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
