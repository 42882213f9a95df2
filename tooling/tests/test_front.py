"""The demo's address leads pages and web sockets to the ports that take them."""

import http.server
import threading

import pytest
import requests

from tooling import ports
from tooling.demo import front


class Named(http.server.BaseHTTPRequestHandler):
    """Answers with the name of its server, and what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        said = f"{self.server.name} {self.path} ".encode() + sent
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_args):
        """Nobody reads it."""


@pytest.fixture
def servers():
    made = []
    for name in ("http", "gevent"):
        server = http.server.ThreadingHTTPServer((front.HOST, 0), Named)
        server.name, server.daemon_threads = name, True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.append(server)
    yield [server.server_address[1] for server in made]
    for server in made:
        server.shutdown()
        server.server_close()


def asked(port, path, sent=b""):
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"http://{front.HOST}:{port}{path}", data=sent, timeout=9)


def test_a_web_socket_goes_to_the_port_for_them_and_all_else_does_not(servers):
    port = ports.free_range(1)
    with front.listening(port, *servers):
        assert asked(port, "/websocket?version=1").text.startswith("gevent ")
        for path in ("/", "/web/health", "/websocket/health", "/odoo?a=/websocket"):
            assert asked(port, path).text.startswith(f"http {path} "), path


def test_what_is_large_arrives_whole(servers):
    port, sent = ports.free_range(1), b"x" * 3_000_000
    with front.listening(port, *servers):
        assert asked(port, "/", sent).content == b"http / " + sent


def test_a_server_that_does_not_listen_yet_is_one_that_does_not_answer(servers):
    port, nobody = ports.free_range(1), ports.free_range(1)
    with front.listening(port, nobody, nobody), pytest.raises(requests.ConnectionError):
        asked(port, "/")
    with front.listening(port, *servers):  # nothing is left of the one before
        assert asked(port, "/").ok
