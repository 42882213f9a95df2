# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes over the connection of a request when its worker has answered and stays."""

import contextlib
import fcntl
import json
import select
import sys
import termios
import threading

import pytest
from rig.endpoint import Endpoint, next_answers, say
from rig.postgresql import PATIENCE, wait_until

from odoo.addons.queue_job.core.protocol import LINE
from odoo.addons.queue_job.jobrunner import dispatcher as dispatchers
from odoo.addons.queue_job.jobrunner import line as lines
from odoo.addons.queue_job.jobrunner.config import RunnerConfig
from odoo.addons.queue_job.jobrunner.dispatcher import Dispatcher
from odoo.addons.queue_job.jobrunner.request import Request
from odoo.addons.queue_job.store.dispatch import DispatchedJob


@pytest.fixture
def endpoint():
    with contextlib.closing(Endpoint()) as made:
        yield made


@pytest.fixture
def dispatcher(endpoint, monkeypatch):
    monkeypatch.setattr(dispatchers, "STAY_SECONDS", PATIENCE)
    monkeypatch.setattr(lines, "LINE_SECONDS", PATIENCE)
    config = RunnerConfig(host="127.0.0.1", port=endpoint.port)
    with contextlib.closing(Dispatcher(config, 4)) as made:
        yield made


def request_for(uuid, db_name="db"):
    return Request(db_name, [DispatchedJob(1, uuid, 7)], "secret")


def stay(connection, uuid):
    """Answer the first batch as a worker that stays."""
    head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {LINE}\r\n\r\n"
    connection.sendall(head.encode() + outcome(uuid))


def outcome(uuid):
    return json.dumps({"outcomes": {uuid: "done"}}).encode() + b"\n"


def stayed(dispatcher, endpoint, uuid="u-1", db_name="db"):
    """A connection whose worker has answered, and stays."""
    dispatcher.send(request_for(uuid, db_name))
    connection, _path, _headers = endpoint.accept()
    stay(connection, uuid)
    assert ends(dispatcher) == {uuid: "done"}
    return connection


def ends(dispatcher):
    [answer] = next_answers(dispatcher)
    assert answer.problem is None, answer
    return answer.ends.outcomes


def asked(connection):
    """What is asked next on a line."""
    with connection.makefile("rb") as reader:
        return reader.readline().decode().strip()


def unread(open_socket):
    """How many bytes have arrived that nobody has read."""
    found = fcntl.ioctl(open_socket, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(found, sys.byteorder)


def test_the_next_batch_goes_to_the_worker_that_has_stayed(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    for uuid in ("u-2", "u-3"):
        request = request_for(uuid)
        dispatcher.send(request)
        assert asked(connection) == request.signed_path
        connection.sendall(outcome(uuid))
        assert ends(dispatcher) == {uuid: "done"}


def test_of_two_that_stay_the_latest_is_asked(dispatcher, endpoint):
    dispatcher.send(request_for("u-1"))
    first, _path, _headers = endpoint.accept()
    latest = stayed(dispatcher, endpoint, "u-2")
    stay(first, "u-1")
    assert ends(dispatcher) == {"u-1": "done"}
    request = request_for("u-3")
    dispatcher.send(request)
    assert asked(first) == request.signed_path
    dispatcher.send(request_for("u-4"))
    assert "u-4" in asked(latest)


def test_a_worker_that_has_left_has_begun_nothing(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    request = request_for("u-2")
    dispatcher.send(request)
    assert asked(connection) == request.signed_path
    connection.sendall(b"HTTP/1.0 204 NO CONTENT\r\n\r\n")
    again, path, _headers = endpoint.accept()
    assert path == request.signed_path
    say(again, {"outcomes": {"u-2": "done"}})
    assert ends(dispatcher) == {"u-2": "done"}


def test_a_worker_that_left_before_is_not_asked(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    connection.sendall(b"HTTP/1.0 204 NO CONTENT\r\n\r\n")
    dispatcher.send(request_for("u-2"))
    again, path, _headers = endpoint.accept()
    assert "u-2" in path
    with contextlib.suppress(ConnectionResetError):  # what it said was not read
        assert connection.recv(1) == b""
    say(again, {"outcomes": {"u-2": "done"}})
    assert ends(dispatcher) == {"u-2": "done"}


def test_what_became_of_a_batch_whose_worker_is_gone_is_not_known(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    dispatcher.send(request_for("u-2"))
    asked(connection)
    connection.close()
    [answer] = next_answers(dispatcher)
    assert answer.reached and answer.problem and not answer.ends.outcomes


def test_another_database_takes_the_place_of_a_worker_that_stays(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint, "u-1", "one")
    dispatcher.send(request_for("u-2", "two"))
    assert connection.recv(1) == b"", "the worker may be the only one"
    other, path, _headers = endpoint.accept()
    assert "db=two" in path
    say(other, {"outcomes": {"u-2": "done"}})
    assert ends(dispatcher) == {"u-2": "done"}


@pytest.fixture
def two_that_stay(dispatcher, endpoint, monkeypatch):
    """The connections of two; the older one has not answered yet."""
    monkeypatch.setattr(dispatchers, "STAY_SECONDS", 0.05)
    monkeypatch.setattr(lines, "LINE_SECONDS", 2 * PATIENCE)
    dispatcher.send(request_for("u-1"))
    older, _path, _headers = endpoint.accept()
    return older, stayed(dispatcher, endpoint, "u-2")


def is_kept(connection):
    return not select.select([connection], [], [], 0.5)[0]


def test_of_two_that_stay_only_the_one_with_most_time_left_is_kept(
    dispatcher, two_that_stay
):
    older, younger = two_that_stay
    stay(older, "u-1")
    assert ends(dispatcher) == {"u-1": "done"}
    assert older.recv(1) == b"" and is_kept(younger)
    request = request_for("u-3")
    dispatcher.send(request)
    assert asked(younger) == request.signed_path


def test_one_that_has_less_time_left_makes_room(dispatcher, endpoint, two_that_stay):
    older, younger = two_that_stay
    stay(older, "u-1")
    assert older.recv(1) == b"" and ends(dispatcher) == {"u-1": "done"}
    dispatcher._slots = 2
    youngest = stayed(dispatcher, endpoint, "u-3", "other")
    assert younger.recv(1) == b"" and is_kept(youngest)


def test_one_that_has_left_is_not_kept_in_the_place_of_another(
    dispatcher, two_that_stay
):
    older, younger = two_that_stay
    younger.sendall(b"HTTP/1.0 204 NO CONTENT\r\n\r\n")
    stay(older, "u-1")
    assert ends(dispatcher) == {"u-1": "done"}
    with contextlib.suppress(ConnectionResetError):
        assert younger.recv(1) == b""
    assert is_kept(older)


def test_a_worker_is_let_go_when_nothing_comes(dispatcher, endpoint, monkeypatch):
    monkeypatch.setattr(dispatchers, "STAY_SECONDS", 0.01)
    monkeypatch.setattr(lines, "LINE_SECONDS", 0.5)
    connection = stayed(dispatcher, endpoint)
    assert connection.recv(1) == b""
    dispatcher.send(request_for("u-2"))
    again, path, headers = endpoint.accept()
    assert "u-2" in path and headers["Upgrade"] == LINE
    say(again, {"outcomes": {"u-2": "done"}})
    assert ends(dispatcher) == {"u-2": "done"}


def test_a_worker_does_not_stay_for_ever(dispatcher, endpoint, monkeypatch):
    monkeypatch.setattr(lines, "LINE_SECONDS", 0.0)
    assert stayed(dispatcher, endpoint).recv(1) == b""


def test_a_worker_of_another_database_stays_where_there_is_a_slot(endpoint, dispatcher):
    dispatcher._slots = 2
    connection = stayed(dispatcher, endpoint, "u-1", "one")
    stayed(dispatcher, endpoint, "u-2", "two")
    request = request_for("u-3", "one")
    dispatcher.send(request)
    assert asked(connection) == request.signed_path


@pytest.mark.parametrize(
    "refusal",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
    ],
)
def test_a_proxy_that_does_not_like_the_offer_is_not_noticed(
    dispatcher, endpoint, refusal
):
    for uuid in ("u-1", "u-2"):
        dispatcher.send(request_for(uuid))
        connection, _path, headers = endpoint.accept()
        if uuid == "u-1":
            assert headers["Upgrade"] == LINE
            connection.sendall(refusal)
            connection.close()
            connection, path, headers = endpoint.accept()
            assert uuid in path
        assert "Upgrade" not in headers
        say(connection, {"outcomes": {uuid: "done"}})
        assert ends(dispatcher) == {uuid: "done"}


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (b"Forbidden", "403 FORBIDDEN"),
        (b"", "504 Gateway Timeout"),
        ({"outcomes": {"u-1": "not_taken"}}, "200 OK"),  # the job runs, say
    ],
)
def test_an_error_that_has_other_reasons_speaks_of_no_proxy(
    dispatcher, endpoint, second, status
):
    for _number in range(2):
        dispatcher.send(request_for("u-1"))
        for offers in (True, False):
            connection, _path, headers = endpoint.accept()
            assert ("Upgrade" in headers) is offers
            if offers:
                say(connection, b"", "500 Oh")
            else:
                say(connection, second, status)
        [answer] = next_answers(dispatcher)
        assert answer.problem == "HTTP 500 Oh" and not answer.ends.outcomes


def test_a_proxy_that_was_too_impatient_is_not_asked_again(dispatcher, endpoint):
    for _number in range(2):
        dispatcher.send(request_for("u-1"))
        connection, _path, headers = endpoint.accept()
        assert "Upgrade" in headers
        say(connection, b"", "504 Gateway Timeout")
        [answer] = next_answers(dispatcher)
        assert answer.problem == "HTTP 504 Gateway Timeout"


def test_what_was_dropped_is_not_asked_again(dispatcher, endpoint):
    request = request_for("u-1")
    dispatcher.send(request)
    connection, _path, _headers = endpoint.accept()
    connection.sendall(b"HTTP/1.1 101 S\r\n\r\n")
    own_end = dispatcher._asking[request].line._socket
    wait_until(lambda: unread(own_end), 0, "{} bytes were not read".format)
    dispatcher.drop(request)
    [answer] = next_answers(dispatcher)
    assert answer.problem and connection.recv(1) == b""


@pytest.mark.parametrize(
    "head", ["HTTP/1.0 101 S", "HTTP/1.1 101 S\r\nConnection: close"]
)
def test_a_proxy_that_changes_the_head_keeps_a_worker_from_staying(
    dispatcher, endpoint, head
):
    for uuid in ("u-1", "u-2", "u-3"):
        dispatcher.send(request_for(uuid))
        connection, path, _headers = endpoint.accept()
        assert uuid in path
        connection.sendall(f"{head}\r\n\r\n".encode() + outcome(uuid))
        assert ends(dispatcher) == {uuid: "done"}
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "said",
    [
        b"?\n",
        b"HTTP/\n",
        b"HTTP/1.0 \xff\r\n",
        b"HTTP/1.0 200 OK\r\n",  # Odoo has made the request once more
        b"HTTP/1.0 500 INTERNAL SERVER ERROR\r\n",
    ],
)
def test_a_worker_that_says_anything_else_is_let_go(dispatcher, endpoint, said):
    connection = stayed(dispatcher, endpoint)
    dispatcher.send(request_for("u-2"))
    asked(connection)
    connection.sendall(said)
    [answer] = next_answers(dispatcher)
    assert answer.problem and answer.reached and not answer.ends.outcomes
    assert connection.recv(1) == b""


def test_what_is_asked_on_a_line_can_be_dropped(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    request = request_for("u-2")
    dispatcher.send(request)
    asked(connection)
    dispatcher.drop(request)
    [answer] = next_answers(dispatcher)
    assert answer.request is request and answer.problem
    assert connection.recv(1) == b""


def test_closing_lets_all_go_who_stay(dispatcher, endpoint):
    connection = stayed(dispatcher, endpoint)
    named = [t for t in threading.enumerate() if t.name.startswith("queue_job.request")]
    assert named
    dispatcher.close()
    assert connection.recv(1) == b""
    for thread in named:
        thread.join(PATIENCE)
        assert not thread.is_alive()
