# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lock keys: which jobs have to wait for each other, as it is said in code or by a
manager.

A key is a text in which ``{…}`` stands for the id of a record or for an argument, or a
function that gets what the method gets. It becomes a plain text when the job is stored.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

from odoo import models

from ..core.limits import MOST_INTEGER, MOST_KEY_BYTES
from ..core.text import STORABLE_TEXT, UNSTORABLE, shown
from .decorators import LOCKED_NAMES
from .job_type import Job

#: What a key is made of before it is a text.
LockKey = str | Callable[..., str | None]

_BRACES = re.compile(r"{{|}}|{([^{}]*)}|[{}]")
_PATH = re.compile(r"^[a-zA-Z]\w*(\.[a-zA-Z]\w*)*$")
_IDS = ("id", "ids")


class _Known(str):
    """A key as it is stored."""

    __slots__ = ()


# --- attributes of a job ------------------------------------------------------------


def get_key(job: Job) -> str | None:
    """Return the key as it is stored; ``None`` where the job waits for no other."""
    if job._is_new and not isinstance(job._lock_key, _Known):
        job._lock_key = _Known(_made(job) or "")
    return job._lock_key or None


def put_key(job: Job, key: LockKey | None) -> None:
    job._lock_key = key


def get_limit(job: Job) -> int | None:
    """Return how many jobs of the key run at a time; ``None`` without a key."""
    if job._lock_limit is None and job._is_new and get_key(job):
        return _said(job, "lock_limit") or 1
    limit: int | None = job._lock_limit
    return limit


def put_limit(job: Job, limit: int | None) -> None:
    job._lock_limit = limit


def check_key(job: Job, name: str) -> None:
    """Check the key of a job that is to be stored.

    :raise TypeError, ValueError: names the method, the key, and what it may be
    """
    key = get_key(job)
    if key and UNSTORABLE.search(key):
        raise ValueError(
            f"{job.job_function_name} cannot be delayed with lock_key={key!r:.80}: give"
            f" {STORABLE_TEXT}"
        )
    if key and len(key.encode("utf-8", "replace")) > MOST_KEY_BYTES:
        raise ValueError(
            f"{job.job_function_name} cannot be delayed with lock_key={key!r:.80}: give"
            f" at most {MOST_KEY_BYTES} bytes; a hash of a longer one, for example"
        )


def check_limit(job: Job, name: str) -> None:
    """... and how many jobs of it run at a time."""
    limit = get_limit(job)
    if limit is None:
        return
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(_refusal(job, limit, "a whole number of jobs"))
    if not 1 <= limit <= MOST_INTEGER:
        expected = f"a whole number of jobs, 1 or more, to {MOST_INTEGER}"
        raise ValueError(_refusal(job, limit, expected))
    if not get_key(job):
        expected = "the lock_key of which so many may run, too"
        raise ValueError(_refusal(job, limit, expected))


def _refusal(job: Job, limit: Any, expected: str) -> str:
    return (
        f"{job.job_function_name} cannot be delayed with lock_limit={shown(limit)}:"
        f" give {expected}"
    )


def _said(job: Job, name: str) -> Any:
    """What the record of the method says, else its decorator."""
    chosen = getattr(job.job_config, name)
    if chosen or job.method_name not in LOCKED_NAMES:
        return chosen
    return job.call.declared(name)


# --- what a key is made of ------------------------------------------------------------


def _made(job: Job) -> str | None:
    key = _said(job, "lock_key") if job._lock_key is None else job._lock_key
    if not key:
        return None
    if callable(key):
        made = key(job.recordset, *job.args, **job.kwargs)
        if made is not None and not isinstance(made, str):
            raise TypeError(
                f"{job.job_function_name} cannot be delayed: its lock_key is a function"
                f" that returns {made!r:.80}; it has to return text, or None"
            )
        return made
    try:
        check_text(key)
        return _BRACES.sub(lambda found: _filled(job, found), key)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{job.job_function_name} cannot be delayed with lock_key={key!r:.80}:"
            f" {error}"
        ) from None


def check_text(key: Any) -> None:
    """Check a key that is not made yet.

    :raise TypeError, ValueError: says what is wrong with it
    """
    if not isinstance(key, str):
        raise TypeError("give a text, or a function that returns one")
    for found in _BRACES.finditer(key):
        if found[0] in ("{", "}"):
            raise ValueError(f"there is a {found[0]!r} alone; double it")
        path = found[1]
        if path is not None and not _PATH.match(path):
            raise ValueError(
                f"{{{path}}} is no name of an argument, nor an id such as {{self.id}},"
                " {self.partner_id.id} or {company.id}"
            )


def _filled(job: Job, found: "re.Match[str]") -> str:
    if found[1] is None:
        return found[0][0]  # a brace that was doubled
    name, *path = found[1].split(".")
    value = _named(job, name)
    for step in path[:-1]:
        value = _followed(value, step, found[0])
    if path:
        return _ids(value, path[-1], found[0])
    if isinstance(value, models.BaseModel) or not isinstance(value, str | int):
        raise TypeError(
            f"{found[0]} is {value!r:.80}, neither text nor a number; write"
            f" {{{name}.id}} of a record, or give a function"
        )
    return str(value)


def _named(job: Job, name: str) -> Any:
    """Return ``self``, the company, the user or an argument."""
    env = job.recordset.env
    match name:
        case "self":
            return job.recordset
        case "company":
            return env["res.company"].browse(job.company_id or ())
        case "user":
            return env["res.users"].browse(job.user_id or ())
    method = getattr(job.recordset, job.method_name)
    bound = inspect.signature(method).bind(*job.args, **job.kwargs)
    bound.apply_defaults()
    given = {**bound.arguments, **bound.arguments.get("kwargs", {})}
    if name not in given:
        there_are = ", ".join(["self", "company", "user", *given])
        raise ValueError(f"there is no {name!r}; there are {there_are}")
    return given[name]


def _followed(value: Any, step: str, whole: str) -> Any:
    """Return the records of a field. Nothing else is read: a manager who writes a key
    does not get to see by it what he may not."""
    field = getattr(value, "_fields", {}).get(step)
    if field is None or not field.relational:
        raise ValueError(f"in {whole}, {step!r} is no field with records")
    return value[step]


def _ids(value: Any, step: str, whole: str) -> str:
    if not isinstance(value, models.BaseModel):
        raise TypeError(f"in {whole}, {value!r:.80} is no record")
    if step not in _IDS:
        raise ValueError(
            f"{whole} does not end with .id or .ids; a function can make a key of"
            " other values"
        )
    if step == "id" and len(value) > 1:
        raise ValueError(f"{whole}: there are {len(value)} records; write .ids")
    return ",".join(str(record_id) for record_id in sorted(value.ids))
