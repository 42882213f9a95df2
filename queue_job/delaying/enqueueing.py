# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""New jobs, one or many, stored where no other one stands for them.

The functions are methods of :class:`~.job.Job`, which names them.
"""

from collections.abc import Collection, Iterable
from typing import Any

from ..core.graph.graph import Join
from ..core.states import State
from ..store import dependencies
from . import deduplication, links, reading, repository
from .delay_options import DelayOptions, takes_options
from .expiry import expire_as_late, latest_expiry
from .job_type import Job
from .no_storing import check_may_store


def store_unless_waiting(job: Job) -> Job:
    """Store the job, or return the one that counts as the same, if that one is to be
    kept."""
    check_may_store(job.env, job.job_function_name)
    if job.identity_key and job.identity.is_keeping:
        same = job.job_record_with_same_identity_key()
        existing = deduplication.reliable(job.env.cr, same)
        if existing:
            return reading.from_record(type(job), existing)
    job.store()
    return job


@takes_options
def enqueue(
    job_class: type[Job],
    func: Any,
    args: Any = None,
    kwargs: Any = None,
    *given: Any,
    **options: Any,
) -> Job:
    """Make a job and store it; with an identity key of which a job waits already,
    store nothing and return that one."""
    chosen = DelayOptions.of_call("enqueue", given, options)
    new = job_class(func, args=args, kwargs=kwargs, **vars(chosen))
    return new.store_unless_waiting()


def enqueue_many(job_class: type[Job], jobs: "Iterable[Job]") -> "list[Job]":
    """Store new jobs in few statements, in the caller's transaction.

    Of jobs with the same identity key one is stored, and none when such a job waits
    already; unless they say otherwise.

    :param jobs: jobs made with ``Job(…)``, not stored yet
    :return: for each of them the job itself, or the one that waits in its place
    :raise TypeError: as :meth:`store`; nothing is stored then
    """
    jobs = list(jobs)
    for job in jobs:
        check_may_store(job.env, job.job_function_name)
    # a call that supersedes what failed is not kept by one that does not
    by_key: dict[bool, dict[str, Job]] = {False: {}, True: {}}
    for supersedes, known in by_key.items():
        like = [job for job in jobs if job.identity.supersedes_failed is supersedes]
        known.update(job_class.waiting_by_identity_key(like))
    answer, fresh = [], []
    for job in jobs:
        key = job.identity_key if job.identity.is_keeping else None
        known = by_key[job.identity.supersedes_failed]
        standing = known.get(key) if key else None
        if standing is None:
            standing = job
            fresh.append(job)
            if key:
                known[key] = job
        elif standing._is_new:  # of this call: it is stored for all of them
            expire_as_late(standing, job)
        answer.append(standing)
    repository.create(fresh)
    return answer


def waiting_by_identity_key(
    job_class: type[Job], jobs: "Iterable[Job]"
) -> "dict[str, Job]":
    """``{identity key: stored Job}`` of those keys for which a job counts as the same
    and is to be kept; by itself, a waiting one does and a started one does not."""
    by_rule: dict[tuple[Any, ...], dict[str, list[Job]]] = {}
    for job in jobs:
        if job.identity_key and job.identity.is_keeping:
            identity = job.identity
            rule = (identity.until, identity.period, identity.supersedes_failed)
            by_key = by_rule.setdefault((*rule, job.eta), {})
            by_key.setdefault(job.identity_key, []).append(job)
    counting = {}
    for by_key in by_rule.values():
        alike = [job for jobs in by_key.values() for job in jobs]
        first, expires = alike[0], latest_expiry(alike)
        found = deduplication.records_that_count(first, list(by_key), expires)
        best = {record.identity_key: record for record in found}
        records = first.job_model.sudo().union(*best.values())
        for record in deduplication.reliable(first.env.cr, records):
            counting[record.identity_key] = reading.from_record(job_class, record)
    return counting


# --- graphs -----------------------------------------------------------------------


def store_graph(
    _job_class: type[Job], jobs: "list[Job]", joins: "Collection[Join[Job]]"
) -> None:
    """Store jobs and who waits for whom, in few statements.

    :param jobs: in an order in which they could run
    :param joins: :class:`~.core.graph.Join` of jobs
    :raise TypeError: when an argument cannot be stored; names the argument
    """
    if not jobs:
        return
    for job in jobs:
        _notice_rollback(job)
    stored = [job for job in jobs if not job._is_new]
    _refresh(stored)
    _let_wait(joins)
    repository.create([job for job in jobs if job._is_new])
    for job in stored:
        job.db_record().write({"graph_uuid": job.graph_uuid or False})
    env = jobs[0].env
    env["queue.job"].flush_model()
    dependencies.link(env.cr, [_of_rows(join) for join in joins])
    if stored:
        ids = [job.row_id for job in stored]
        jobs[0].job_model.sudo().browse(ids)._hold_for_parents()
        _refresh(stored)


def _of_rows(join: "Join[Job]") -> Any:
    return Join(
        tuple(job.row_id for job in join.parents),
        tuple(job.row_id for job in join.children),
        join.if_failed,
    )


def _notice_rollback(job: Job) -> None:
    """Make the job as if never stored, where a savepoint took the row back."""
    if not job._is_new and not job.db_record():
        job._is_new, job.row_id = True, None
        job.state = State.PENDING.value


def _refresh(jobs: "Iterable[Job]") -> None:
    for job in jobs:
        record = job.db_record()
        job.row_id, job.state = record.id, record.state
        links.forget(job)


def _let_wait(joins: "Iterable[Join[Job]]") -> None:
    for join in joins:
        if any(job.state != State.DONE for job in join.parents):
            for child in join.children:
                if child._is_new:
                    child.state = State.WAIT_DEPENDENCIES.value
