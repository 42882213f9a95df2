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
#: Condition that a record has any; takes ``model``, ``record`` (its id) and ``states``.
HAS_JOBS = _SQL.has_jobs
#: Records with jobs under way that are named; where there are more, each is asked.
MOST_NAMED = 10_000


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


def with_jobs(cr: Cursor, model: str) -> list[int] | None:
    """Return the records of a model that have jobs under way; ``None`` where so many
    links or jobs are to be read for it that each record is to be asked instead."""
    cr.execute(_SQL.with_jobs, {"model": model, "most": MOST_NAMED + 1})
    rows = cr.fetchall()
    return None if len(rows) > MOST_NAMED else sorted({row[0] for row in rows})


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
