# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Encrypted arguments in the rows of jobs: found, and replaced."""

import json
from collections.abc import Mapping
from typing import Any

from ..core.stored_json import read as read_json
from .dispatch import Cursor
from .sql import load

_AT_A_TIME = 1_000

_SQL = load("encrypted")


def part(cr: Cursor, after: int) -> list[tuple[int, Any, Any]]:
    """Return (id, args, kwargs) of the next jobs that may run yet; ``None`` for what is
    not encrypted.

    :param after: id of the last job of the part before; 0 to begin
    """
    cr.execute(_SQL.part_of_jobs, {"after": after, "most": _AT_A_TIME})
    return [
        (job_id, *(text and read_json(text) for text in call))
        for job_id, *call in cr.fetchall()
    ]


def replace(
    cr: Cursor, job_id: int, args: Mapping[str, str], kwargs: Mapping[str, str]
) -> bool:
    """Replace what is stored of a call, unless the job runs just now; tell whether it
    was replaced."""
    values = {"id": job_id, "args": json.dumps(args), "kwargs": json.dumps(kwargs)}
    cr.execute(_SQL.replace, values)
    return bool(cr.fetchall())
