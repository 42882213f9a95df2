# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a runner has lowered itself, for all who ask the database.

It stands in a lock of the runner's session, whose number says it: nothing is written,
and it ends with the runner, however that ends.
"""

from ..core.runner.load_control import Cause
from .sql import load
from .transitions import Cursor

#: First key of the lock; the second is the number of jobs and the causes.
LOWERED_CLASS = 719110720
_CAUSES = 8
#: A key of a lock is an integer of four bytes.
_MOST = (2**31 - 1) // _CAUSES

_SQL = load("leader")


def tell(
    cr: Cursor, before: tuple[int | None, int], now: tuple[int | None, int]
) -> None:
    """Say it of the session of the cursor. Called by the runner.

    :param before: what was told of this session: most jobs at a time, if there is a
        ceiling, and the sum of the causes
    """
    for statement, (most, causes) in (
        (_SQL.tell_ceiling, now),
        (_SQL.forget_ceiling, before),
    ):
        if most is not None:
            code = min(most, _MOST) * _CAUSES + causes
            cr.execute(statement, {"lowered": LOWERED_CLASS, "code": code})


def read(cr: Cursor) -> tuple[int | None, list[Cause]]:
    """Return how many jobs the runner of the database lets run at a time, where it has
    lowered itself, and why."""
    cr.execute(_SQL.ceiling, {"lowered": LOWERED_CLASS})
    codes = [code for (code,) in cr.fetchall()]
    if not codes:
        return None, []
    most, causes = divmod(min(codes), _CAUSES)
    return most, Cause.of(causes)
