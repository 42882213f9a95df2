# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that differ only in their records, run as one call on all of them.

The work and all the ends are one transaction. When it is given up, nothing has
happened: each of the jobs is then run alone, so that one bad record fails alone.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.outcome import nothing_to_do
from ..db.acting import acting_as
from ..db.transaction import Work, flush
from ..delaying.decorators import declaration
from ..exception import NothingToDoJob
from ..job import Job
from ..store import started_row
from ..store.dispatch import DispatchedJob
from .attempt import roll_back
from .perform import check_user, write_done
from .watch import watched

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")


@dataclass(frozen=True)
class Chunk:
    """Jobs that were run as one call.

    :param jobs: those that are done; empty when the call was given up
    :param seconds: what each of them took, on average
    :param is_connected: whether the connection that they worked on is still there
    :param was_to_stop: whether it came to its end though one was to be stopped
    """

    jobs: Sequence[Job] = ()
    seconds: float = 0.0
    is_connected: bool = True
    was_to_stop: bool = False


class ChunkSizes:
    """How many jobs may be run as one call, by method: looked up once in a batch."""

    def __init__(self, env: Any) -> None:
        self._env = env
        self._found: dict[tuple[str, str], int] = {}

    def most_at_once(self, row: started_row.Row) -> int:
        """Return how many jobs like this one; 1 for none but itself. One that was tried
        before goes alone: it may be what fails, or kills its worker; so does one with a
        time limit of its own."""
        if row.retry or row.timeout:
            return 1
        called = row.model_name, row.method_name
        if called not in self._found:
            self._found[called] = self._look_up(*called)
        return self._found[called]

    def _look_up(self, model_name: str, method_name: str) -> int:
        model = self._env.get(model_name)
        if model is None or not method_name:
            return 1
        functions = self._env["queue.job.function"]
        name = functions.job_function_name(model_name, method_name)
        chosen: int = functions.job_config(name).chunk_size
        declared = getattr(declaration(model, method_name), "chunk", None)
        return chosen or (declared if type(declared) is int else 1)


def run_together(env: Any, rows: Sequence[started_row.Row]) -> Chunk:
    """Run started jobs that call the same as one call, and commit their ends with it.
    Whatever it raises, it is given up."""
    begun = time.monotonic()
    work = Work(env)
    named = [DispatchedJob(row.id, row.uuid, row.attempt) for row in rows]
    try:
        work.begin()
        jobs = [Job._from_row(env, row) for row in rows]
        # who asks to stop any of them ends the call; the others are run alone then
        with (
            watched(env, named[0], named[1:]) as guard,
            acting_as(jobs[0].acting_env),
        ):
            jobs[0].guard = guard
            guard.run(_perform, env, jobs, begun)
            work.commit()
    except BaseException as error:  # as for a job that runs alone
        is_connected = roll_back(env, work)
        _logger.info(
            "%d jobs that were run as one call are run one by one: %s",
            len(rows),
            type(error).__name__,
        )
        return Chunk(is_connected=is_connected)
    seconds = (time.monotonic() - begun) / len(jobs)
    return Chunk(jobs, seconds, was_to_stop=guard.interruption is not None)


def _perform(env: Any, jobs: Sequence[Job], begun: float) -> None:
    first, *others = jobs
    for job in jobs:
        check_user(job)
    ids = [id_ for job in jobs for id_ in job.recordset.ids]
    first.recordset = first.recordset.browse(dict.fromkeys(ids))
    try:
        first.perform()
    except NothingToDoJob as nothing:
        first.result = nothing_to_do(nothing)
    for job in others:
        job.retry += 1
        job.result = first.result
    flush(env.transaction)
    seconds = (time.monotonic() - begun) / len(jobs)
    for job in jobs:
        job.set_done()
        job.exec_time = seconds
        write_done(env, job)
