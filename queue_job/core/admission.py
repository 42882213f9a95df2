# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which database a run request may name, where the host name does not give it away.

With a ``dbfilter`` of ``%d`` or ``%h`` Odoo finds the database by the host name of the
request, and a runner knows one host for all databases. So the request may name it, if
it is signed with the secret of that very database. What that costs is bounded, whatever
strangers send: only databases that the server serves are looked into, each at most once
in a while, over a connection of a moment; no registry is loaded for them.
"""

import re
import secrets
import threading
from collections.abc import Callable, Collection
from typing import NamedTuple

from .request_auth import is_signed

#: Seconds for which a secret is not read again, however many signatures do not fit.
READ_INTERVAL = 10.0
#: Seconds for which the databases are not listed again.
LIST_INTERVAL = 2.0


def accepts_for_some_host(db_filter: str, db_name: str) -> bool:
    """Tell whether Odoo would serve a database under some host name.

    :param db_filter: the ``dbfilter`` option; ``%h`` stands for a host name, ``%d`` for
        its first part
    """
    pattern = db_filter.replace("%h", "[^:]*").replace("%d", "[^:.]*")
    try:
        return re.match(pattern, db_name) is not None
    except re.error:  # Odoo cannot use it, either
        return False


def is_header_text(db_name: str) -> bool:
    """Tell whether a header of HTTP can hold the name of a database."""
    try:
        db_name.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


class _Known(NamedTuple):
    secret: str
    fresh_until: float


class Admission:
    """What a process remembers of the databases and their secrets.

    :param list_databases: names those that the server serves
    :param read_secret: the secret of a database, empty where there is none
    :param clock: seconds that never jump
    """

    def __init__(
        self,
        list_databases: Callable[[], Collection[str]],
        read_secret: Callable[[str], str],
        clock: Callable[[], float],
    ) -> None:
        self._list_databases = list_databases
        self._read_secret = read_secret
        self._clock = clock
        self._names: frozenset[str] = frozenset()
        self._listed_until = 0.0
        self._known: dict[str, _Known] = {}
        # Strangers are compared with it, so that it takes them as long.
        self._nobodys = secrets.token_hex()
        self._mutex = threading.Lock()

    def is_signed(
        self, db_name: str, job_uuids: str, attempts: str, signature: str
    ) -> bool:
        """Tell whether a runner of that database signed the request."""
        signed = (job_uuids, attempts, signature)
        known = self._known.get(db_name)
        secret = known.secret if known and known.secret else self._nobodys
        if is_signed(secret, *signed):
            return True
        if known and self._clock() < known.fresh_until:
            return False
        with self._mutex:  # one check at a time
            return self._is_signed_by_now(db_name, signed)

    def _is_signed_by_now(self, db_name: str, signed: tuple[str, str, str]) -> bool:
        now = self._clock()
        if not self._is_listed(db_name, now):
            return False
        known = self._known.get(db_name)
        if known is None or now >= known.fresh_until:
            secret = self._read_secret(db_name)
            known = self._known[db_name] = _Known(secret, now + READ_INTERVAL)
        return bool(known.secret) and is_signed(known.secret, *signed)

    def _is_listed(self, db_name: str, now: float) -> bool:
        if db_name not in self._names and now >= self._listed_until:
            self._listed_until = now + LIST_INTERVAL
            self._names = frozenset(self._list_databases())
            self._known = {k: v for k, v in self._known.items() if k in self._names}
        return db_name in self._names
