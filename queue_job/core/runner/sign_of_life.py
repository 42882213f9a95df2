# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the leader says of itself in the statement that is its sign of life.

PostgreSQL shows the last statement of each session to sessions of the same role, so who
asks needs no table, and nothing is written. PostgreSQL keeps a kilobyte of a statement.
"""

import json
import re
from typing import TypedDict

#: So that it is known for one; the version stands there.
_MARK = "queue_job_runner"
#: Characters of a text that are told.
_MOST = 400
_STATEMENT = re.compile(r"^SELECT +(E?)'(.*)'$", re.DOTALL)


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
        _MARK: version, "host": host[:80], "pid": pid, "address": address[:120],
        "channels": _cut(" ".join(channels.split())),
    }  # fmt: skip
    return json.dumps(told)


def read(statement: str) -> About | None:
    """Return what a statement says; ``None`` where it says nothing."""
    found = _STATEMENT.match(statement.strip())
    if not found:
        return None
    text = found[2].replace("''", "'")
    if found[1]:
        text = text.replace("\\\\", "\\")
    try:
        told = json.loads(text)
        return About(
            version=str(told[_MARK]), host=str(told["host"]), pid=int(told["pid"]),
            address=str(told["address"]), channels=str(told["channels"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."
