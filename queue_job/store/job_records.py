# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which jobs work on a record, for models that ask for it."""

from collections.abc import Iterable
from typing import NamedTuple

from ..core.states import UNDER_WAY, State
from .sql import load
from .transitions import Cursor

_SQL = load("job_records")
#: Values of a column, as PostgreSQL compares them.
STATES_UNDER_WAY = sorted(state.value for state in UNDER_WAY)
#: Subquery of the records that have jobs under way; takes ``model`` and ``most``.
WITH_JOBS = _SQL.with_jobs
#: Condition that a record has any; takes ``model``, ``record`` (its id) and ``states``.
HAS_JOBS = _SQL.has_jobs
#: Jobs of a model under way from which on records are asked one by one.
MANY = 20_000


class UnderWay(NamedTuple):
    """The jobs of a record that are not over.

    :param name: description of the one to be named; ``None`` for another company's
    :param is_running: whether any of them is
    :param done, total: progress of the one named, as far as it tells
    """

    number: int
    name: str | None
    is_running: bool
    done: float | None
    total: float | None


def link(cr: Cursor, model: str, links: Iterable[tuple[int, int]]) -> None:
    """Note which records of a model jobs work on.

    :param links: (id of the job, id of the record)
    """
    pairs = list(links)
    cr.execute(
        _SQL.link,
        {
            "model": model,
            "job_ids": [job_id for job_id, _res_id in pairs],
            "res_ids": [res_id for _job_id, res_id in pairs],
        },
    )


def are_many(cr: Cursor, model: str) -> bool:
    """Tell whether so many jobs of a model are under way that a search had better ask
    each record than read all of them."""
    cr.execute(_SQL.count_open, {"model": model, "most": MANY})
    return bool(cr.fetchall()[0][0] == MANY)


def under_way(
    cr: Cursor, model: str, res_ids: list[int], company_ids: list[int]
) -> dict[int, UnderWay]:
    """Return what is under way for each of these records that has any.

    :param company_ids: jobs of others are counted, and not named
    """
    cr.execute(
        _SQL.under_way,
        {
            "model": model,
            "res_ids": res_ids,
            "states": STATES_UNDER_WAY,
            "running": [State.STARTED.value],
            "companies": company_ids,
        },
    )
    return {row[0]: UnderWay(*row[1:]) for row in cr.fetchall()}


def latest(cr: Cursor, model: str, res_ids: list[int], most: int) -> list[int]:
    """Return ids of the latest jobs of each of these records, the newest first."""
    cr.execute(_SQL.latest, {"model": model, "res_ids": res_ids, "most": most})
    return [row[0] for row in cr.fetchall()]
