# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who makes the runner's requests, each open as long as its jobs run."""

import logging
import queue
import ssl
import threading
import time
from collections import deque
from contextlib import suppress
from http import HTTPStatus

from ..core.protocol import STAY_SECONDS
from .config import RunnerConfig
from .line import Line
from .request import Answer, Request
from .small_threads import start_small
from .wakeup import Wakeup

_logger = logging.getLogger(__name__)

#: Seconds in which no worker is asked to stay, where a proxy does not like the offer.
_NO_STAY_SECONDS = 600.0
#: Seconds after which it is read anew whom to trust.
_TRUST_SECONDS = 3600.0


class _Caller:
    """A thread that makes one request at a time."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self.line: Line | None = None

    @property
    def is_cut(self) -> bool:
        """Whether its request was given up."""
        return self.line is not None and self.line.is_cut

    @property
    def seconds_left(self) -> float:
        """How long its worker may stay on the line."""
        return 0.0 if self.line is None else self.line.seconds_left

    def let_go(self) -> None:
        """Let the worker go, if it has stayed."""
        if self.line is not None:
            self.line.hang_up()


class Dispatcher:
    """Sends requests from daemon threads; answers queue up for the loop.

    :param limit: how many requests may be open; more wait for one to end
    :param slots: how many workers may be busy with jobs, or stay for them
    """

    def __init__(self, config: RunnerConfig, limit: int, slots: int = 1) -> None:
        self._config = config
        self._limit = max(1, limit)
        self._slots = slots
        self._mutex = threading.Lock()
        self._callers: list[_Caller] = []
        self._idle: list[_Caller] = []
        #: Those whose worker stays on the line; the latest stands last.
        self._staying: list[_Caller] = []
        #: The one of these whose worker is kept to the end of its line.
        self._kept: _Caller | None = None
        self._asking: dict[Request, _Caller] = {}
        self._waiting: deque[Request] = deque()
        self._answers: deque[Answer] = deque()
        self._news = Wakeup()
        self._closed = False
        self._no_stay_until = 0.0
        self._tls: ssl.SSLContext | None = None
        self._trusted_until = 0.0

    def fileno(self) -> int:
        """Readable when there are answers."""
        return self._news.fileno()

    def send(self, request: Request) -> None:
        """Send, or queue until another request ends. Returns at once."""
        with self._mutex:
            caller = self._free_caller(request.db_name)
            if caller is None and len(self._callers) >= self._limit:
                self._waiting.append(request)
                return
        if caller is None:
            try:
                caller = self._new_caller()
            except RuntimeError as error:  # the system gives no more threads
                self._answer(Answer(request, problem=str(error), reached=False))
                return
        with self._mutex:
            self._asking[request] = caller
        caller.inbox.put(request)

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
            caller = self._asking.get(request)
            if caller is not None and caller.line is not None:
                caller.line.cut()

    def close(self) -> None:
        """Give up every request and end the threads."""
        with self._mutex:
            self._closed = True
            self._waiting.clear()
            for caller in self._callers:
                if caller.line is not None:
                    caller.line.cut()
                caller.inbox.put(None)
        self._news.set()

    def _free_caller(self, db_name: str) -> _Caller | None:
        """Return who is to make a request: as a rule the one whose worker has stayed
        last. If none has for this database, a worker that stays for another one is let
        go for it, if as many are busy or stay as there are slots."""
        for caller in reversed(self._staying):
            if caller.line is not None and caller.line.db_name == db_name:
                self._staying.remove(caller)
                return caller
        if self._staying and len(self._staying) + len(self._asking) >= self._slots:
            return self._staying.pop(0)
        return self._idle.pop() if self._idle else None

    def _new_caller(self) -> _Caller:
        caller = _Caller()
        name = f"queue_job.request.{len(self._callers) + 1}"
        thread = threading.Thread(
            target=self._work, args=[caller], name=name, daemon=True
        )
        start_small(thread)
        self._callers.append(caller)
        return caller

    # -- in a thread of its own ----------------------------------------------------

    def _work(self, caller: _Caller) -> None:
        request = caller.inbox.get()
        while request is not None:
            try:
                answer = self._ask(caller, request)
            except Exception as error:  # a job without answer would stay dispatched
                _logger.exception("unexpected error with %s", request)
                caller.let_go()
                answer = Answer(request, problem=repr(error), reached=False)
            request = self._go_on(caller, answer)
        caller.let_go()

    def _ask(self, caller: _Caller, request: Request) -> Answer:
        if caller.line is not None and caller.line.serves(request):
            answer = caller.line.ask(request)
            if answer is not None:
                return answer
        offers_stay = time.monotonic() >= self._no_stay_until
        first = self._ask_anew(caller, request, offers_stay)
        is_open = first.status in (None, HTTPStatus.GATEWAY_TIMEOUT) or caller.is_cut
        if not offers_stay or first.problem is None or is_open:
            return first
        # where it is the offer that a proxy does not like, nobody is to notice
        second = self._ask_anew(caller, request, offers_stay=False)
        # its jobs may have ended since
        has_begun = (first.status or 0) < HTTPStatus.BAD_REQUEST
        if second.problem is not None or not (has_begun or second.ends.has_taken):
            return first
        self._no_stay_until = time.monotonic() + _NO_STAY_SECONDS
        return second

    def _ask_anew(self, caller: _Caller, request: Request, offers_stay: bool) -> Answer:
        caller.let_go()
        line = Line(self._config, self._trusted(), offers_stay)
        with self._mutex:
            if self._closed:
                return Answer(request, problem="the runner stops", reached=False)
            caller.line = line
        return line.open(request)

    def _trusted(self) -> ssl.SSLContext | None:
        """Return what tells whom to trust. All lines share it: it takes a megabyte, and
        longer to make than most jobs run."""
        if self._config.scheme == "https" and time.monotonic() >= self._trusted_until:
            # as Python's own client makes it, which sites may have changed
            self._tls = ssl._create_default_https_context()
            self._trusted_until = time.monotonic() + _TRUST_SECONDS
        return self._tls

    def _go_on(self, caller: _Caller, answer: Answer) -> Request | None:
        """Hand an answer to the loop, and return the next request. Whoever hears of the
        answer finds that another may be made."""
        stays = caller.line is not None and caller.line.stays
        if not stays:
            caller.let_go()
        with self._mutex:
            self._asking.pop(answer.request, None)
            request = self._waiting.popleft() if self._waiting else None
            if request is not None:
                self._asking[request] = caller
            else:
                (self._staying if stays else self._idle).append(caller)
        self._answer(answer)
        return request or self._next(caller, STAY_SECONDS if stays else None)

    def _next(self, caller: _Caller, seconds: float | None) -> Request | None:
        """Wait for the next request.

        :param seconds: after which a worker that has stayed is let go, but for one
        """
        while True:
            with suppress(queue.Empty):
                return caller.inbox.get(timeout=seconds)
            with self._mutex:
                seconds = self._stay_on(caller)

    def _stay_on(self, caller: _Caller) -> float | None:
        """Return how long the worker is kept, in the place of one that has less time
        left; ``None``: it is let go."""
        if self._closed or caller not in self._staying:  # a request is just coming
            return None
        kept, seconds = self._kept, caller.seconds_left
        if kept is not None and kept is not caller and kept in self._staying:
            if seconds <= kept.seconds_left:
                seconds = 0.0
            else:
                self._let_go(kept)
        if not seconds:
            self._let_go(caller)
            return None
        self._kept = caller
        return seconds

    def _let_go(self, caller: _Caller) -> None:
        self._staying.remove(caller)
        self._idle.append(caller)
        caller.let_go()

    def _answer(self, answer: Answer) -> None:
        self._answers.append(answer)
        self._news.set()
