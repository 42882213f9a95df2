"""Talks to the demo's server as a browser does: logs in, presses a button."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from ..console import Stop

LOGIN = PASSWORD = "admin"


class Client:
    """A session on a server, of one user of one database."""

    def __init__(self, address: str, database: str) -> None:
        self.address = address
        self.database = database
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # A proxy of the user's has nothing to do with loopback.
        direct = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(direct, cookies)

    def wait(self, alive: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until the server answers.

        :raises Stop: if it ends or does not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not alive():
                raise Stop("the Odoo server ended by itself")
            try:
                self.opener.open(f"{self.address}/web/health", timeout=5).read()
                return
            except OSError:
                time.sleep(0.1)
        raise Stop(f"the Odoo server does not answer after {seconds:.0f} s")

    def login(self) -> None:
        given = {"db": self.database, "login": LOGIN, "password": PASSWORD}
        self._call("/web/session/authenticate", given)

    def call(self, model: str, method: str, *args: object) -> object:
        """Call a model's public method."""
        given = {"model": model, "method": method, "args": args, "kwargs": {}}
        return self._call(f"/web/dataset/call_kw/{model}/{method}", given)

    def _call(self, path: str, params: dict) -> object:
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        request = urllib.request.Request(
            self.address + path, body.encode(), {"Content-Type": "application/json"}
        )
        try:
            with self.opener.open(request, timeout=300) as response:
                answer = json.load(response)
        except (OSError, ValueError) as error:
            raise Stop(f"the Odoo server does not answer {path}: {error}") from error
        if "error" in answer:
            said = answer["error"].get("data", answer["error"]).get("message", "?")
            raise Stop(f"the Odoo server refuses {path}: {said}")
        return answer["result"]
