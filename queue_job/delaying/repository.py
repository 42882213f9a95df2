# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rows of jobs: found, stored, locked.

The functions are methods of :class:`~.job.Job`, which names them.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ..db.transaction import side_transaction
from ..encryption import encrypt
from ..exception import NoSuchJobError
from . import deduplication, links, reading, writing
from .delay_options import check_options
from .job_type import Job
from .no_storing import check_may_store
from .unserved import job_was_stored


def db_record_from_uuid(job_class: type[Job], env: Any, job_uuid: str) -> Any:
    """Return the ``queue.job`` record (sudo) of a uuid, or an empty one."""
    return job_class.db_records_from_uuids(env, [job_uuid])[:1]


def db_records_from_uuids(
    _job_class: type[Job], env: Any, job_uuids: Collection[str]
) -> Any:
    """Return the ``queue.job`` records (sudo) of the uuids that exist."""
    return env["queue.job"].sudo().search([("uuid", "in", list(job_uuids))])


def db_record(job: Job) -> Any:
    """Return the job's ``queue.job`` record (sudo), or an empty one."""
    return job.db_record_from_uuid(job.env, job.uuid)


def load(job_class: type[Job], env: Any, job_uuid: str) -> Job:
    """Make the job again from its row.

    :raise NoSuchJobError: when there is none
    :raise NotReadableJobError: when its model or method is gone
    """
    record = job_class.db_record_from_uuid(env, job_uuid)
    if not record:
        raise NoSuchJobError(f"Job {job_uuid} does not exist (any more)")
    return reading.from_record(job_class, record)


def load_many(job_class: type[Job], env: Any, job_uuids: Collection[str]) -> "set[Job]":
    """Make the jobs again whose rows exist, as a set."""
    records = job_class.db_records_from_uuids(env, job_uuids)
    return {reading.from_record(job_class, record) for record in records}


def store(job: Job) -> None:
    """Create or update the row, in the caller's transaction.

    :raise TypeError: when an argument cannot be stored, named; when the method to
        call on failure does not exist
    :raise ValueError: when a new job is to be merged with one that calls something
        else
    :raise UserError: when the row's state does not allow the new one
    """
    if not job._is_new and (record := job.db_record()):
        values = writing.row_values(job)
        record.with_env(job.job_model.sudo().env).write(values)
        job.row_id = record.id
    else:
        create([job])
    links.store_links(job)


def create(jobs: "Collection[Job]") -> None:
    """Create the rows of new jobs, in one statement for each environment.

    :raise TypeError, ValueError: as :func:`store`
    """
    for job in jobs:
        check_may_store(job.env, job.job_function_name)
    try:
        for job in jobs:
            job.call.keep_config()
            check_options(job)
        _make_rows(jobs)
    finally:
        for job in jobs:
            job.call.forget_config()


def _make_rows(jobs: "Collection[Job]") -> None:
    by_env: dict[Any, list[Job]] = {}
    for job in jobs:
        by_env.setdefault(job.env, []).append(job)
    made = {env: [_row_to_make(job) for job in jobs] for env, jobs in by_env.items()}
    for env, rows in made.items():
        values, calls = map(list, zip(*rows, strict=True))
        ids = env["queue.job"]._insert_jobs(values, calls)
        for job, row_id in zip(by_env[env], ids, strict=True):
            job.row_id = row_id
            job._is_new = False
        job_was_stored(env)


def _row_to_make(job: Job) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a new row, and what is called as stored: encoded once."""
    texts = job.call.texts()
    deadline = deduplication.heed_others(job, texts)
    values = {
        **writing.row_values(job),
        **writing.creation_values(job),
        **deduplication.identity_values(job, deadline),
    }
    if job.call.is_encrypted:
        _encrypt(job, values, texts)
    return values, texts


def _encrypt(job: Job, values: dict[str, Any], texts: dict[str, str]) -> None:
    try:
        if job.identity_key and job.identity.is_merging:
            raise ValueError("what is encrypted cannot be compared, and so not merged")
        for name in ("args", "kwargs"):
            values[name] = encrypt(texts[name])
            texts[name] = json.dumps(values[name])
    except ValueError as error:
        called = job.job_function_name
        raise ValueError(f"{called} cannot be delayed: {error}") from None


def lock(job: Job) -> bool:
    """Take the job's liveness lock for the caller's transaction.

    :return: False when a live attempt has locked it
    """
    is_unlocked: bool = job.db_record()._is_unlocked()
    return is_unlocked


@contextmanager
def in_temporary_env(job: Job) -> "Iterator[Job]":
    """Yield the job on a cursor of its own, committed when the block ends well."""
    with side_transaction(job.env) as env, bound_to(job, env):
        yield job


@contextmanager
def bound_to(job: Job, env: Any) -> "Iterator[None]":
    """Let the job be in another environment, and no longer than the block: its cursor
    may be closed when the job is asked for something next."""
    previous = job.env
    job.env = env
    try:
        yield
    finally:
        job.env = previous
