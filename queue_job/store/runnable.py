# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What waits, read part by part, for those who ask whether it can run.

Needs nothing but a cursor, as the store does.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from ..core.stored_json import read_to_show
from .sql import load
from .transitions import Cursor

#: Jobs that are counted in one statement.
MOST_AT_ONCE = 20_000

_SQL = load("runnable")


class Group(NamedTuple):
    """Waiting jobs of one function and user; ``ids`` are some of them."""

    model_name: str
    method_name: str
    user_id: int | None
    jobs: int
    last_id: int
    ids: list[int]


class StoredCall(NamedTuple):
    """What a job calls, as plain data; marks where they cannot be read."""

    id: int
    uuid: str
    model_name: str
    method_name: str
    user_id: int | None
    records: Any
    args: Any
    kwargs: Any


def groups(cr: Cursor, after: int, most: int, sample: int) -> list[Group]:
    """Return what waits behind the job of an id, by function and user.

    :param most: so many jobs at most
    :param sample: ids of so many of each group
    """
    cr.execute(_SQL.groups, {"after": after, "most": most, "sample": sample})
    return [Group(*row) for row in cr.fetchall()]


def calls(cr: Cursor, ids: Collection[int]) -> list[StoredCall]:
    """Return what jobs call; those that are gone meanwhile are left out."""
    cr.execute(_SQL.calls, {"ids": list(ids)})
    return [
        StoredCall(*row[:-3], *(text and read_to_show(text) for text in row[-3:]))
        for row in cr.fetchall()
    ]
