# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs that a job waits for, and those that wait for it.

The functions are methods of :class:`~.job.Job`, which names them.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import uuid4

from ..core.graph.graph import Join
from ..core.states import State
from ..store import dependencies
from . import reading
from .job_type import Job


class Links:
    """What a job in memory knows of other jobs."""

    __slots__ = ("parents", "children", "new")

    def __init__(self) -> None:
        self.parents: set[Job] | None = None  # looked up when asked for
        self.children: set[Job] | None = None
        #: (parent, child) with the job on either side
        self.new: list[tuple[Job, Job]] = []


def depends_on(job: Job) -> set[Job]:
    """The jobs that this one waits, or waited, for: a set of ``Job``."""
    if job.links.parents is None:
        job.links.parents = _linked(job, dependencies.parents_of)
    parents: set[Job] = job.links.parents
    return parents


def reverse_depends_on(job: Job) -> set[Job]:
    """The jobs that wait, or waited, for this one: a set of ``Job``."""
    if job.links.children is None:
        job.links.children = _linked(job, dependencies.children_of)
    children: set[Job] = job.links.children
    return children


def _linked(job: Job, look_up: Any) -> set[Job]:
    if job.row_id is None:
        return set()
    ids = look_up(job.env.cr, [job.row_id])[job.row_id]
    records = job.job_model.sudo().browse(ids)
    return {reading.from_record(type(job), record) for record in records}


def add_depends(job: Job, jobs: "Collection[Job]") -> None:
    """Let this job wait for ``jobs``. Stored by the next ``store()`` of both sides,
    whichever comes last.

    :raise ValueError: when the job is one of them
    """
    if job in jobs:
        raise ValueError(f"{job!r} cannot wait for itself")
    for parent in jobs:
        link = (parent, job)
        job.depends_on.add(parent)
        parent.reverse_depends_on.add(job)
        job.links.new.append(link)
        parent.links.new.append(link)
        _share_graph(job, parent)
    if any(parent.state != State.DONE for parent in jobs):
        job.state = State.WAIT_DEPENDENCIES.value


def _share_graph(job: Job, parent: Job) -> None:
    graph_uuid = parent.graph_uuid or job.graph_uuid or str(uuid4())
    job.graph_uuid = job.graph_uuid or graph_uuid
    parent.graph_uuid = parent.graph_uuid or graph_uuid


def store_links(job: Job) -> None:
    """Store the links whose jobs have rows. What is stored already is left as it is;
    asked for at each ``store()``, as a savepoint may have taken it back."""
    parents = defaultdict(list)
    for parent, child in job.links.new:
        if parent.row_id is not None and child.row_id is not None:
            parents[child.row_id].append(parent.row_id)
    if not parents:
        return
    joins = [Join(tuple(ids), (child,)) for child, ids in parents.items()]
    job.env["queue.job"].flush_model()
    dependencies.link(job.env.cr, joins)


def forget(job: Job) -> None:
    """Look the links up again when they are asked for."""
    job.links.parents = job.links.children = None


# --- upkeep, for those who run jobs themselves --------------------------------------


def should_check_dependents(job: Job) -> bool:
    """Tell whether others may wait for this job."""
    return bool(job.graph_uuid or job.reverse_depends_on)


def enqueue_waiting(job: Job) -> None:
    """Release the jobs that waited for this one, as far as its row and the rows of
    their other parents say."""
    if job.should_check_dependents():
        job.db_record()._release_dependents()


def cancel_dependent_jobs(job: Job) -> None:
    """Cancel the jobs that wait for this one, and those that wait for them."""
    job.db_record()._cancel_dependents(job.date_cancelled)
