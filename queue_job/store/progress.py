# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What running jobs tell of themselves: progress and checkpoints, in tables of their
own. The row of a started job is written by no one."""

from typing import Any

from ..core.stored_json import read as read_json
from .sql import load
from .transitions import Cursor

_SQL = load("progress")


def write_progress(
    cr: Cursor,
    job_id: int,
    attempt: int,
    done: float,
    total: float | None,
    text: str | None,
) -> bool:
    """Write how far a job has come. Called by the worker beside the job's transaction.

    :param attempt: number of the dispatch
    :return: False when a later dispatch has the job
    """
    cr.execute(
        _SQL.write_progress,
        {
            "job_id": job_id,
            "attempt": attempt,
            "done": done,
            "total": total,
            "text": text,
        },
    )
    return bool(cr.fetchall())


def write_checkpoint(
    cr: Cursor, job_id: int, attempt: int, data: str | None, prunes: bool = True
) -> int | None:
    """Write where the next attempt goes on. Called by the worker.

    :param data: as JSON text; ``None``: at the beginning
    :param prunes: whether to delete the ones before; not while another transaction
        of the caller's sees them
    :return: id of the checkpoint; ``None`` when a later dispatch has the job
    """
    statement = _SQL.write_checkpoint if prunes else _SQL.add_checkpoint
    cr.execute(statement, {"job_id": job_id, "attempt": attempt, "data": data})
    row = next(iter(cr.fetchall()), None)
    return None if row is None else int(row[0])


def last_checkpoint(cr: Cursor, job_id: int) -> tuple[int, int, Any] | None:
    """Return (dispatch, id, plain data) of a job's last checkpoint, as the cursor's
    transaction sees it."""
    cr.execute(_SQL.last_checkpoint, {"job_id": job_id})
    for attempt, made, text in cr.fetchall():
        return attempt, made, None if text is None else read_json(text)
    return None


def has_written(cr: Cursor) -> bool:
    """Tell whether the cursor's transaction has changed, or locked, any row."""
    cr.execute(_SQL.has_written)
    return bool(cr.fetchall()[0][0])


def progress_of(cr: Cursor, job_ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """Return (done, total, text) of the latest dispatch of each job that tells it."""
    cr.execute(_SQL.progress_of, {"job_ids": job_ids})
    return {row[0]: row[1:] for row in cr.fetchall()}
