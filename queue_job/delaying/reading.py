# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job, made again from its row."""

from collections.abc import Iterator
from contextlib import contextmanager
from sys import intern
from typing import Any

from odoo import SUPERUSER_ID

from ..encryption import decrypt, is_encrypted
from ..exception import NotReadableJobError
from ..fields import as_stored, decrypted, from_plain
from ..store.dispatch import Row
from .aliases import renamed
from .job_type import Job
from .options import COLUMNS

NO_USER = "Job {} has no user: set one on the job, and requeue it"
#: Columns that a job carries in memory as they stand in its row.
CARRIED = (
    "graph_uuid", "date_enqueued", "date_started",
    "date_done", "date_cancelled", "date_failed", "exec_time", "result", "exc_info",
    "exc_name", "exc_message", "worker_pid",
)  # fmt: skip
_KEPT = (*CARRIED, "date_created", "state", "retry", "attempt", "repeats")
#: ... and those in which 0 is not nothing
_NUMBERED = (
    "uuid", "date_created", "state", "retry", "attempt", "repeats", "method_name",
    *COLUMNS.values(),
)  # fmt: skip


def from_record(job_class: type[Job], record: Any) -> Job:
    """Make the job again from a ``queue.job`` record.

    :raise NotReadableJobError: when its model or method is gone
    """
    values = {name: record[name] or None for name in CARRIED}
    values.update({name: _unless_false(record[name]) for name in _NUMBERED})
    values.update(
        id=record.id,
        user_id=record.user_id.id or None,
        company_id=record.company_id.id or None,
    )
    with _readable(record):
        records = _of_former_name(record.env, record, values, as_stored(record))
        if records is None:
            records = record.records
        call = decrypted(record)
        return _remake(job_class, records, call.args, call.kwargs, values)


def from_row(job_class: type[Job], env: Any, row: Row) -> Job:
    """Make the job again from its row as SQL gives it.

    :raise NotReadableJobError: when its model or method is gone, or it names no user
        to run as
    """
    if row.user_id is None and not _says_whose(row.records):
        raise NotReadableJobError(NO_USER.format(row.uuid))
    values = row._asdict()
    with _readable(row):
        records = _of_former_name(env, row, values, row)
        if records is None:
            records = from_plain(row.records, env)
        args = from_plain(decrypt(row.args), env)
        kwargs = from_plain(decrypt(row.kwargs), env)
        job = _remake(job_class, records, args or (), kwargs or {}, values)
    job.is_user_active = row.is_user_active
    job.call.is_encrypted = is_encrypted(row.args)
    return job


def _of_former_name(env: Any, row: Any, values: dict[str, Any], stored: Any) -> Any:
    """Return the records of a row that names its method, or its model, by a former
    name, and put the method's name of now into ``values``; ``None`` for other rows.

    :param stored: has the records as they are stored
    """
    now = renamed(env, row.model_name, row.method_name)
    if now is None:
        return None
    model, values["method_name"] = now
    return from_plain({**(stored.records or {}), "model": model}, env)


def _remake(
    job_class: type[Job], records: Any, args: Any, kwargs: Any, values: dict[str, Any]
) -> Job:
    options = {name: values[column] for name, column in COLUMNS.items()}
    method = getattr(records, intern(values["method_name"]))  # finds it sooner
    job = job_class(method, args, kwargs, job_uuid=values["uuid"], **options)
    for name in _KEPT:
        setattr(job, name, values[name])
    job.row_id = values["id"]
    job.company_id = values["company_id"]
    user_id = values["user_id"]
    if user_id and user_id != job.user_id:
        job.user_id = user_id
    job.is_without_user = user_id is None and job.env.su
    return job


def _unless_false(value: Any) -> Any:
    return None if value is False else value


def _says_whose(records: Any) -> bool:
    """Tell whether the stored records of a job without user say as whom it runs.
    Without, it would run as the worker, as superuser; and so it must not run,
    either."""
    uid = (records or {}).get("uid")
    return type(uid) is int and uid != SUPERUSER_ID and not records.get("su")


@contextmanager
def _readable(row: Any) -> Iterator[None]:
    """Say what is gone when the call of a row cannot be made again."""
    try:
        yield
    except KeyError as error:
        raise NotReadableJobError(
            f"Job {row.uuid} cannot be read: the model {row.model_name!r} does not"
            " exist (any more). Install the module that brings it, and requeue"
        ) from error
    except AttributeError as error:
        raise NotReadableJobError(
            f"Job {row.uuid} cannot be read: the model {row.model_name!r} has no"
            f" method {row.method_name!r} (any more)"
        ) from error
    except AssertionError as error:  # arguments of an earlier version that are no JSON
        raise NotReadableJobError(f"Job {row.uuid} cannot be read: {error}") from error
