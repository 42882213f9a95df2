# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job, made again from its row."""

from collections.abc import Callable
from operator import itemgetter
from sys import intern
from typing import Any

from odoo import SUPERUSER_ID

from ..core.text import dotted_name, exception_message
from ..encryption import decrypt, is_encrypted
from ..exception import NotReadableJobError
from ..fields import HIDDEN, as_stored, decrypted, from_plain
from ..marks import UNREVIVABLE
from ..store.started_row import Row
from .aliases import is_there, renamed
from .call import Call
from .delay_options import COLUMNS
from .job_type import Job

NO_USER = "Job {} has no user: set one on the job, and requeue it"
#: Attributes of a job that are properties, and where these keep what was said.
_BENEATH = {
    name: f"_{name}"
    for name in (
        "eta", "description", "channel", "identity_key", "lock_key", "lock_limit",
        "expires", "exec_time",
    )
}  # fmt: skip
#: Columns that a job carries in memory as they stand in its row.
CARRIED = (
    "graph_uuid", "date_enqueued", "date_started",
    "date_done", "date_cancelled", "date_failed", "exec_time", "result", "exc_info",
    "exc_name", "exc_message", "worker_pid",
)  # fmt: skip
_KEPT = (*CARRIED, "date_created", "state", "retry", "attempt", "repeats")
#: Column, and the attribute of a job that keeps it; beneath those that convert what a
#: delaying call says.
_ATTRIBUTES = {
    "id": "row_id",
    "uuid": "_uuid",
    **{column: _BENEATH.get(name, name) for name, column in COLUMNS.items()},
    **{name: _BENEATH.get(name, name) for name in _KEPT},
}
_columns = itemgetter(*_ATTRIBUTES)
#: ... and those in which 0 is not nothing
_NUMBERED = (
    "uuid", "date_created", "state", "retry", "attempt", "repeats", "method_name",
    *COLUMNS.values(),
)  # fmt: skip


def from_record(job_class: type[Job], record: Any) -> Job:
    """Make the job again from a ``queue.job`` record.

    :raise NotReadableJobError: when its model or method is gone, or its records or
        arguments cannot be made again
    """
    values = {name: record[name] or None for name in CARRIED}
    values.update({name: _unless_false(record[name]) for name in _NUMBERED})
    values.update(
        id=record.id,
        user_id=record.user_id.id or None,
        company_id=record.company_id.id or None,
    )
    try:
        method = _method(record.env, lambda: record.records, as_stored(record), values)
        call = decrypted(record)
        return _remake(job_class, Call(method, call.args, call.kwargs), values)
    except UNREVIVABLE as error:
        is_secret = as_stored(record).args == [HIDDEN]
        raise _not_readable(record.env, record, error, is_secret) from error


def from_row(job_class: type[Job], env: Any, row: Row) -> Job:
    """Make the job again from its row as SQL gives it.

    :raise NotReadableJobError: when its model or method is gone, its records or
        arguments cannot be made again, or it names no user to run as
    """
    values = row._asdict()
    try:
        if row.user_id is None and not _says_whose(row.records):
            raise NotReadableJobError(NO_USER.format(row.uuid))
        method = _method(env, lambda: from_plain(row.records, env), row, values)
        args = from_plain(decrypt(row.args), env) if row.args else ()
        kwargs = from_plain(decrypt(row.kwargs), env) if row.kwargs else {}
        job = _remake(job_class, Call(method, args, kwargs), values)
    except UNREVIVABLE as error:
        is_secret = is_encrypted(row.args) or is_encrypted(row.kwargs)
        told = _not_readable(env, row, error, is_secret)
        raise told from (None if is_secret else error)
    job.is_user_active = row.is_user_active
    job.call.is_encrypted = bool(row.args) and is_encrypted(row.args)
    return job


def _method(
    env: Any, records: Callable[[], Any], stored: Any, values: dict[str, Any]
) -> Any:
    """Return the method that a row calls, bound to its records: by the name in
    ``values`` or, where the code has none such, by the one that it has now.

    :param records: makes them
    :param stored: has the records as they are stored
    """
    try:
        return getattr(records(), intern(values["method_name"]))  # finds it sooner
    except (KeyError, AttributeError):
        now = renamed(env, stored.model_name, stored.method_name)
        if now is None:
            raise
    model, method_name = now
    found = from_plain({**(stored.records or {}), "model": model}, env)
    return getattr(found, method_name)


def _remake(job_class: type[Job], call: Call, values: dict[str, Any]) -> Job:
    """Make a job that is as its row says, whatever a delaying call would make of it."""
    job = object.__new__(job_class)
    job.call = call
    vars(job).update(zip(_ATTRIBUTES.values(), _columns(values), strict=True))
    call.company_id = values["company_id"]
    user_id = values["user_id"]
    if user_id and user_id != call.user_id:
        call.user_id = user_id
    job.is_without_user = user_id is None and call.env.su
    return job


def _unless_false(value: Any) -> Any:
    return None if value is False else value


def _says_whose(records: Any) -> bool:
    """Tell whether the stored records of a job without user say as whom it runs.
    Without, it would run as the worker, as superuser; and so it must not run,
    either."""
    uid = (records or {}).get("uid")
    return type(uid) is int and uid != SUPERUSER_ID and not records.get("su")


def _not_readable(
    env: Any, row: Any, error: Exception, is_secret: bool
) -> NotReadableJobError:
    """Say what is gone, or what cannot be made again.

    :param is_secret: whether the error may quote what nobody is to see
    """
    why = _what_is_gone(env, row)
    if why is None and isinstance(error, AssertionError):
        why = str(error)  # arguments of an earlier version that are no JSON
    if why is None:
        told = "" if is_secret else f": {exception_message(error)}"
        name = dotted_name(type(error))
        why = f"its records or arguments cannot be made again, {name}{told}"
    return NotReadableJobError(f"Job {row.uuid} cannot be read: {why}")


def _what_is_gone(env: Any, row: Any) -> str | None:
    """Return what the code has not of what a row calls; ``None`` where it has all."""
    named = (row.model_name, row.method_name)
    model_name, method_name = renamed(env, *named) or named
    if model_name not in env:
        return (
            f"the model {row.model_name!r} does not exist (any more). Install the"
            " module that brings it, and requeue"
        )
    if not is_there(env, model_name, method_name):
        return (
            f"the model {row.model_name!r} has no method {row.method_name!r} (any more)"
        )
    return None
