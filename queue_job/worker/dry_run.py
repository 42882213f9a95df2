# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The work of a job, done for trial: what it would come to, and nothing kept."""

import time
from dataclasses import dataclass
from typing import Any

from ..core.kept_log import KeptLines
from ..core.outcome import nothing_to_do
from ..core.text import dotted_name, exception_message, result_text
from ..db.acting import acting_as
from ..db.rehearsal import rehearsal
from ..exception import NothingToDoJob
from ..job import Job
from .log_keeping import keeping
from .perform import check_user
from .record import error_text

#: Seconds that a statement may take.
MOST_SECONDS = 60


@dataclass(frozen=True)
class DryRun:
    """What a dry run came to. All text can be stored.

    :param seconds: how long the work took, ``statements``: how many it executed
    :param log: lines it logged, ``lines_cut``: how many of them are left out
    :param error: class and message of the exception; ``None`` when it would be done
    """

    seconds: float
    statements: int
    log: str
    lines_cut: int
    result: str | None = None
    error: str | None = None
    traceback: str | None = None


def dry_run(env: Any, uuid: str) -> DryRun:
    """Do the work of a job in a transaction that is rolled back. Its row stays as it
    is, and no mail leaves.

    :param env: superuser environment; the job has its own user
    :raise NotReadableJobError: when its model or method is gone
    """
    kept = KeptLines()
    with rehearsal(env, MOST_SECONDS) as own, keeping(kept):
        job = Job.load(own, uuid)
        job.row_id = None  # what it tells of itself is not kept
        executed, began = own.cr.sql_log_count, time.monotonic()
        result, error = _work(own, job)
        seconds = time.monotonic() - began
        statements = own.cr.sql_log_count - executed
        shown = result_text(result)  # of records, while they are there
    measured = (seconds, statements, kept.text(), kept.lines_cut)
    if error is None:
        return DryRun(*measured, result=shown)
    name = f"{dotted_name(type(error))}: {exception_message(error)}"
    return DryRun(*measured, error=name, traceback=error_text(error))


def _work(env: Any, job: Job) -> tuple[Any, BaseException | None]:
    """Return what the work came to, and what it raised."""
    try:
        check_user(job)
        with acting_as(job.acting_env):
            job.perform()
            env.transaction.flush()
    except NothingToDoJob as nothing:
        return nothing_to_do(nothing), None
    except BaseException as error:  # a job may raise anything
        return None, error
    return job.result, None
