# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users are shown of the jobs they delayed."""

from typing import NamedTuple

from .sql import load
from .transitions import Cursor

_SQL = load("tasks")
#: How many jobs are shown, how many are looked at for that, characters of a message.
MOST, LOOKED_AT, CHARACTERS = 10, 2000, 300


class Task(NamedTuple):
    """A job, for the user who delayed it; or the jobs of a graph, of which it is one.

    :param parts: how many jobs it stands for
    :param parts_done: how many of them are done, and failed
    :param has_more_parts: whether it stands for more, which were not counted
    """

    id: int
    name: str | None
    state: str
    exc_name: str | None
    exc_message: str | None
    done: float | None
    total: float | None
    text: str | None
    parts: int
    parts_done: int
    parts_failed: int
    has_more_parts: bool


def own(cr: Cursor, user_id: int) -> list[Task]:
    """Return the latest jobs of a user: those that run, then the newest."""
    cr.execute(
        _SQL.own,
        {
            "user_id": user_id,
            "most": MOST,
            "looked_at": LOOKED_AT,
            "characters": CHARACTERS,
        },
    )
    return [Task(*row) for row in cr.fetchall()]
