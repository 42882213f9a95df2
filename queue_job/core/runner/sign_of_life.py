# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the leader says of itself in the statement that is its sign of life.

PostgreSQL shows the last statement of each session to sessions of the same role, so who
asks needs no table, and nothing is written. PostgreSQL keeps a kilobyte of a statement:
what else the leader asks comes behind it.
"""

import json
import re
from typing import TypedDict

#: So that it is known for one; the version stands there.
_MARK = "queue_job_runner"
#: Characters of a text that are told.
_MOST = 400
_STATEMENT = re.compile(r"^SELECT +'((?:[^']|'')*)'(?:;|$)")
#: What would have to be escaped, in JSON or in SQL, by rules of several kinds.
_AWKWARD = re.compile(r'[\\"\x00-\x1f\x7f]')


class About(TypedDict):
    """What is told of a runner.

    :param version: of the add-on that it runs
    :param address: where it reaches Odoo
    :param channels: as they are configured
    """

    version: str
    host: str
    pid: int
    address: str
    channels: str


def spell(version: str, host: str, pid: int, address: str, channels: str) -> str:
    """Return the text that says it."""
    told = {
        _MARK: version, "host": _plain(host, 80), "pid": pid,
        "address": _plain(address, 120),
        "channels": _plain(_spaced(channels), _MOST),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def read(statement: str) -> About | None:
    """Return what a statement says; ``None`` where it says nothing."""
    found = _STATEMENT.match(statement.strip())
    if not found:
        return None
    try:
        told = json.loads(found[1].replace("''", "'"))
        return About(
            version=str(told[_MARK]), host=str(told["host"]), pid=int(told["pid"]),
            address=str(told["address"]), channels=str(told["channels"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


def _spaced(channels: str) -> str:
    """Return channels as a line that can be broken between them."""
    return ", ".join(" ".join(word.split()) for word in channels.split(","))


def _plain(text: str, most: int) -> str:
    plain = _AWKWARD.sub("?", text)
    return plain if len(plain) <= most else f"{plain[:most]}..."
