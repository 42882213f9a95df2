"""What stands before the demo's prefork server, as a reverse proxy stands before any.

A prefork server takes web sockets on a port of their own. Browsers know one address, so
something has to lead their connections to the one port or the other; without it, each
page asks in vain, and the server's log has an error for it. A browser opens a
connection of its own for a web socket, so the first line tells where all of a
connection goes.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

HOST = "127.0.0.1"
_AT_ONCE = 65536


@contextlib.contextmanager
def listening(port: int, http_port: int, gevent_port: int) -> Iterator[None]:
    """Lead connections to the server's ports, in a thread, until the block ends.

    :raises OSError: if the port cannot be listened on.
    """
    loop = asyncio.new_event_loop()
    front = _Front(http_port, gevent_port)
    server = loop.run_until_complete(asyncio.start_server(front.lead, HOST, port))
    thread = threading.Thread(target=loop.run_forever, name="front", daemon=True)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Front:
    """Leads each connection to the port that its first line asks for."""

    def __init__(self, http_port: int, gevent_port: int) -> None:
        self._http_port = http_port
        self._gevent_port = gevent_port

    async def lead(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Pass on all that either side says."""
        with contextlib.suppress(OSError, ValueError, asyncio.CancelledError):
            line = await reader.readline()
            theirs, to_them = await asyncio.open_connection(HOST, self._port(line))
            to_them.write(line)
            await asyncio.gather(_pass(reader, to_them), _pass(theirs, writer))
        writer.close()

    def _port(self, line: bytes) -> int:
        path = (line.split() + [b"", b""])[1].partition(b"?")[0]
        return self._gevent_port if path == b"/websocket" else self._http_port


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while said := await reader.read(_AT_ONCE):
            writer.write(said)
            await writer.drain()
    finally:
        writer.close()
