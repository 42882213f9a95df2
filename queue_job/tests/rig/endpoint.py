# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An Odoo whose answers the test makes by hand, for the runner's requests."""

import json
import selectors
import socket


class Endpoint:
    """Accepts connections and lets the test answer each by hand."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port = self._socket.getsockname()[1]

    def accept(self):
        """The next request: its connection, its path, its headers."""
        connection, _address = self._socket.accept()
        connection.settimeout(10)
        text = b""
        while b"\r\n\r\n" not in text:
            text += connection.recv(4096)
        first, *rest = text.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        return connection, first.split()[1], headers

    def close(self):
        self._socket.close()


def next_answers(dispatcher, seconds=10):
    with selectors.DefaultSelector() as selector:
        selector.register(dispatcher, selectors.EVENT_READ)
        assert selector.select(seconds), "no answer"
    return dispatcher.answers()


def say(connection, body, status="200 OK"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    connection.close()
