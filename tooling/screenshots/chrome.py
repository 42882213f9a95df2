"""A headless Chromium, led by its own debugging protocol as Odoo's tests do it."""

import base64
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
import websocket

from ..bootstrap import processes
from ..bootstrap.console import Stop

#: Seconds after which what a page should show will not come any more.
PATIENCE = 120
_SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
)
_QUIET = """
document.readyState === "complete" && document.fonts.status === "loaded"
&& !document.querySelector(".o_loading_indicator, .o_blockUI")
&& [...document.images].every((image) => image.complete)
"""
_REPLACE = """(text, other) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.data.includes(text)) node.data = node.data.replaceAll(text, other);
    }
}"""
#: A page that goes on changing by itself is taken as it is after so many looks.
_LOOKS = 10


class Browser:
    """One page of a running browser."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._number = 0

    def send(self, method: str, **params: object) -> dict:
        """Send a command of the protocol; return its answer.

        :raises Stop: if the browser refuses
        """
        self._number += 1
        body = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps(body))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            pass  # told of its own accord
        if "error" in answer:
            raise Stop(f"the browser refuses {method}: {answer['error']['message']}")
        return answer["result"]

    def run(self, script: str) -> object:
        """The value of a JavaScript expression; None where it fails."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        return found["result"].get("value")

    def log_in(self, address: str, session: str) -> None:
        """Go on with a session that is logged in already."""
        self.send("Network.setCookie", url=address, name="session_id", value=session)

    def size(self, width: int, height: int) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )

    def open(self, address: str) -> None:
        """Load a page, even the one that is there."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=address)

    def click(self, selector: str) -> None:
        self.wait_for(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def wait_for(self, selector: str) -> None:
        """Wait until something is shown, and nothing is being loaded any more.

        :raises Stop: if it does not come
        """
        script = f"!!document.querySelector({json.dumps(selector)}) && {_QUIET}"
        if not _until(lambda: self.run(script)):
            seen = self.run("location.href + ': ' + document.body.innerText")
            raise Stop(f"{selector} does not come: {' '.join(str(seen).split())[:300]}")

    def replace(self, text: str, other: str) -> None:
        """Let the page show another text instead, as of now."""
        words = f"{json.dumps(text)}, {json.dumps(other)}"
        self.run(f"({_REPLACE})({words})")

    def picture(self) -> bytes:
        """What the page looks like, once it does not move any more."""
        seen = self._look()
        for _look in range(_LOOKS):
            time.sleep(0.3)
            before, seen = seen, self._look()
            if before == seen:
                break
        return seen

    def _look(self) -> bytes:
        data = self.send("Page.captureScreenshot", format="png")["data"]
        return base64.b64decode(data)


@contextlib.contextmanager
def running(program: str, profile: Path, logs: Path) -> Iterator[Browser]:
    """A browser with a profile of its own.

    :raises Stop: if it does not start
    """
    command = [program, *_SWITCHES, f"--user-data-dir={profile}", "about:blank"]
    log = logs / "browser.log"
    process = processes.start(command, log)
    try:
        address = _address(profile, log)
        socket = websocket.create_connection(address, timeout=PATIENCE)
        with contextlib.closing(socket):
            yield Browser(socket)
    finally:
        processes.stop(process)


def _address(profile: Path, log: Path) -> str:
    """Where the page is led from: the browser writes its port into its profile."""
    path = profile / "DevToolsActivePort"
    if not _until(lambda: path.exists() and path.read_text().count("\n")):
        raise Stop(f"the browser does not start: {processes.culprit(log)} ({log})")
    port = path.read_text().split()[0]
    with requests.Session() as session:
        session.trust_env = False
        pages = session.get(f"http://127.0.0.1:{port}/json", timeout=PATIENCE).json()
    return next(p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page")


def _until(met: Callable[[], object]) -> bool:
    """Wait until a condition is met; False if it is not in time."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
