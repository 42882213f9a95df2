# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A way to PostgreSQL that goes silent: it acknowledges, but passes nothing on."""

import contextlib
import os
import selectors
import socket
import threading

from rig.postgresql import PATIENCE


class SilentProxy:
    """Forwards a port on loopback to PostgreSQL, until told to go silent.

    A connection made before :meth:`go_silent` stays silent for good; after
    :meth:`mend`, new ones pass again.
    """

    def __init__(self, port):
        self.port = port
        self.is_silent = False
        self._silenced = set()
        self._peers = {}
        self._mutex = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._closing = False
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def go_silent(self):
        with self._mutex:
            self.is_silent = True
            self._silenced.update(self._peers)

    def mend(self):
        self.is_silent = False

    def close(self):
        self._closing = True
        self._thread.join(PATIENCE)
        for one in [self._listener, *self._peers]:
            one.close()

    def _forward(self):
        while not self._closing:
            for key, _events in self._selector.select(0.1):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._pass_on(key.fileobj)

    def _accept(self):
        client, _address = self._listener.accept()
        server = _postgresql()
        with self._mutex:
            self._peers.update({client: server, server: client})
            if self.is_silent:
                self._silenced.update((client, server))
        for one in (client, server):
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one):
        with contextlib.suppress(OSError):
            data = one.recv(65536)
            if one in self._silenced:
                if not data:  # ... not even the end
                    self._selector.unregister(one)
                return
            if data:
                self._peers[one].sendall(data)
                return
        for end in (one, self._peers[one]):
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _postgresql():
    host, port = os.environ["PGHOST"], int(os.environ.get("PGPORT", "5432"))
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server
