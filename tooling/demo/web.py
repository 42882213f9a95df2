"""Talks to the demo's server as a browser does: logs in, presses a button."""

import time
from collections.abc import Callable

import requests

from ..bootstrap.console import Stop

LOGIN = PASSWORD = "admin"


class Client:
    """A session on a server, of one user of one database."""

    def __init__(self, address: str, database: str) -> None:
        self.address = address
        self.database = database
        self.session = requests.Session()
        # A proxy of the user's has nothing to do with loopback.
        self.session.trust_env = False

    def wait(self, alive: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until the server answers.

        :raises Stop: if it ends or does not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not alive():
                raise Stop("the Odoo server ended by itself")
            try:
                self.session.get(f"{self.address}/web/health", timeout=5)
                return
            except requests.RequestException:
                time.sleep(0.1)
        raise Stop(f"the Odoo server does not answer after {seconds:.0f} s")

    def login(self) -> None:
        given = {"db": self.database, "login": LOGIN, "password": PASSWORD}
        self._call("/web/session/authenticate", given)

    def call(self, model: str, method: str, *args: object, **kwargs: object) -> object:
        """Call a model's public method."""
        given = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._call(f"/web/dataset/call_kw/{model}/{method}", given)

    def _call(self, path: str, params: dict) -> object:
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        try:
            response = self.session.post(self.address + path, json=body, timeout=300)
            response.raise_for_status()
            answer = response.json()
        except requests.RequestException as error:
            raise Stop(f"the Odoo server does not answer {path}: {error}") from error
        if "error" in answer:
            said = answer["error"].get("data", answer["error"]).get("message", "?")
            raise Stop(f"the Odoo server refuses {path}: {said}")
        return answer.get("result")  # left out by a method that returns nothing
