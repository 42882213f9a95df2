# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to Odoo: what is sent, and what is made of any answer."""

import contextlib
import socket
import ssl
import threading
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from rig.endpoint import Endpoint, next_answers, say
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.request_auth import is_signed
from odoo.addons.queue_job.jobrunner.config import RunnerConfig
from odoo.addons.queue_job.jobrunner.dispatcher import Dispatcher
from odoo.addons.queue_job.jobrunner.request import Request
from odoo.addons.queue_job.jobrunner.small_threads import share_arenas
from odoo.addons.queue_job.store.dispatch import DispatchedJob

REQUEST = Request("some db&x=1", [DispatchedJob(1, "u-1", 7)], "secret")


@pytest.fixture
def endpoint():
    with contextlib.closing(Endpoint()) as made:
        yield made


@pytest.fixture
def dispatcher(endpoint):
    config = RunnerConfig(host="127.0.0.1", port=endpoint.port)
    with contextlib.closing(Dispatcher(config, 2)) as made:
        yield made


def test_a_request_names_database_job_and_number_and_is_signed(dispatcher, endpoint):
    dispatcher.send(REQUEST)
    connection, path, headers = endpoint.accept()
    asked = {key: value for key, [value] in parse_qs(urlsplit(path).query).items()}
    signature = asked.pop("signature")
    assert urlsplit(path).path == "/queue_job/runjob"
    assert asked == {"db": "some db&x=1", "job_uuid": "u-1", "attempt": "7"}
    assert is_signed("secret", "u-1", 7, signature)
    assert headers["X-Odoo-Database"] == "some db&x=1"
    assert "Authorization" not in headers
    say(connection, {"outcomes": {"u-1": "done"}})
    [answer] = next_answers(dispatcher)
    assert answer.request == REQUEST
    assert answer.ends.outcomes == {"u-1": "done"}
    assert answer.problem is None and answer.reached


def test_whom_to_trust_is_read_once_for_all_requests(monkeypatch, endpoint):
    """Each time it takes a megabyte, and twenty milliseconds."""
    made = []

    def make():
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", make)
    monkeypatch.setattr(ssl, "_create_default_https_context", make)
    endpoint.close()
    config = RunnerConfig(scheme="https", host="127.0.0.1", port=endpoint.port)
    with contextlib.closing(Dispatcher(config, 1)) as dispatcher:
        for _number in range(3):
            dispatcher.send(REQUEST)
            [answer] = next_answers(dispatcher)
            assert "refused" in answer.problem
    assert len(made) == 1


def test_a_database_whose_name_no_header_can_hold_is_named_by_the_parameter(
    dispatcher, endpoint
):
    dispatcher.send(Request("магазин", [DispatchedJob(1, "u-1", 7)], "secret"))
    connection, path, headers = endpoint.accept()
    assert parse_qs(urlsplit(path).query)["db"] == ["магазин"]
    assert "X-Odoo-Database" not in headers
    say(connection, {"outcomes": {"u-1": "done"}})
    [answer] = next_answers(dispatcher)
    assert answer.ends.outcomes == {"u-1": "done"}


def test_a_host_that_vanished_is_noticed_in_seconds(dispatcher, endpoint):
    dispatcher.send(REQUEST)
    connection, _path, _headers = endpoint.accept()
    open_socket = dispatcher._asking[REQUEST].line._socket
    assert open_socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    for option, most in ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5)):
        assert open_socket.getsockopt(socket.IPPROTO_TCP, option) <= most
    say(connection, {"outcomes": {}})
    next_answers(dispatcher)


def test_a_system_that_gives_no_more_threads_is_no_end(
    dispatcher, endpoint, monkeypatch
):
    def start(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        dispatcher.send(REQUEST)
    [answer] = next_answers(dispatcher)
    assert answer.problem == "can't start new thread" and not answer.reached
    # and the next one is sent
    dispatcher.send(REQUEST)
    connection, _path, _headers = endpoint.accept()
    say(connection, {"outcomes": {"u-1": "done"}})
    [answer] = next_answers(dispatcher)
    assert answer.ends.outcomes == {"u-1": "done"}


def test_an_error_that_nobody_foresaw_is_an_answer(dispatcher, monkeypatch, caplog):
    def ask(_caller, _request):
        raise RecursionError("too deep")

    monkeypatch.setattr(dispatcher, "_ask", ask)
    dispatcher.send(REQUEST)
    [answer] = next_answers(dispatcher)
    assert "too deep" in answer.problem and not answer.reached
    assert "unexpected error" in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", "200 OK"),
        (b"<html>", "200 OK"),
        (b"[]", "200 OK"),
        (b'{"outcomes": 5}', "200 OK"),
        (b'{"outcomes": {}}' * 9, "200 OK"),
        (b"Forbidden", "403 FORBIDDEN"),
        (b"", "500 INTERNAL SERVER ERROR"),
        (b"", "302 FOUND"),
        (b"", "502 Bad Gateway"),
    ],
)
def test_any_other_answer_is_a_problem(dispatcher, endpoint, body, status):
    dispatcher.send(REQUEST)
    for _offer in ("with the offer to stay", "without"):
        connection, _path, _headers = endpoint.accept()
        say(connection, body, status)
    [answer] = next_answers(dispatcher)
    assert not answer.ends.outcomes and answer.problem and answer.reached
    if not status.startswith("200"):
        assert status.split()[0] in answer.problem


def test_a_connection_closed_without_an_answer_is_a_problem(dispatcher, endpoint):
    dispatcher.send(REQUEST)
    connection, _path, _headers = endpoint.accept()
    connection.close()
    [answer] = next_answers(dispatcher)
    assert not answer.ends.outcomes and answer.problem and answer.reached


def test_nobody_listening_is_told_apart(dispatcher, endpoint):
    endpoint.close()
    dispatcher.send(REQUEST)
    [answer] = next_answers(dispatcher)
    assert "refused" in answer.problem and not answer.reached


def test_more_requests_than_the_limit_wait_for_one_to_end(dispatcher, endpoint):
    requests = [Request("db", [DispatchedJob(n, f"u-{n}", 1)], "s") for n in range(5)]
    for request in requests:
        dispatcher.send(request)
    open_connections = [endpoint.accept()[0] for _i in range(2)]
    endpoint._socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        endpoint.accept()
    endpoint._socket.settimeout(10)
    for _i in range(5):
        say(open_connections.pop(0), {"outcomes": {}})
        if len(open_connections) < 2 and _i < 3:
            open_connections.append(endpoint.accept()[0])
    answered = set()
    while len(answered) < 5:
        answered |= {answer.request for answer in next_answers(dispatcher)}
    assert answered == set(requests)
    named = [t for t in threading.enumerate() if t.name.startswith("queue_job.request")]
    assert len(named) <= 2


def test_a_dropped_request_ends_at_once(dispatcher, endpoint):
    dispatcher.send(REQUEST)
    connection, _path, _headers = endpoint.accept()
    dispatcher.drop(REQUEST)
    [answer] = next_answers(dispatcher)
    assert answer.problem
    assert connection.recv(1) == b""


def test_closing_ends_every_request_and_thread(dispatcher, endpoint):
    dispatcher.send(REQUEST)
    connection, _path, _headers = endpoint.accept()
    threads = [
        t for t in threading.enumerate() if t.name.startswith("queue_job.request")
    ]
    dispatcher.close()
    assert connection.recv(1) == b""
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_basic_authentication_is_sent_when_configured(endpoint):
    config = RunnerConfig(host="127.0.0.1", port=endpoint.port, user="Aladdin")
    with contextlib.closing(Dispatcher(config, 1)) as dispatcher:
        dispatcher.send(REQUEST)
        _connection, _path, headers = endpoint.accept()
    assert headers["Authorization"] == "Basic QWxhZGRpbjo="


def address_space():
    return psutil.Process().memory_info().vms / (1 << 20)  # MB


def test_many_open_requests_take_little_memory(endpoint):
    share_arenas()
    config = RunnerConfig(host="127.0.0.1", port=endpoint.port)
    dispatcher = Dispatcher(config, 64)
    before = address_space()
    for number in range(64):
        dispatched_job = DispatchedJob(number, f"u-{number}", 1)
        dispatcher.send(Request("db", [dispatched_job], "secret"))
    connections = [endpoint.accept()[0] for _number in range(64)]
    assert address_space() - before <= 20
    dispatcher.close()
    for connection in connections:
        connection.close()
