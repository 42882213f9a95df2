# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Until when a job has to begin: said by the delaying call, else by its function.

The functions make the property ``expires`` of :class:`~.job.Job`.
"""

from datetime import datetime, timedelta
from typing import Any

from odoo import fields

from ..core.states import State
from .job_type import Job
from .moment import naive_utc
from .progress import time_from_now


def expires(job: Job) -> Any:
    """The time, naive UTC, up to which the job has to begin, or else is cancelled;
    ``None`` when it may begin at any time, or has begun."""
    if job._expires is None and job._is_new and job.state != State.STARTED:
        job._expires = _by_function(job) or False  # asked once
    return job._expires or None


def set_expires(job: Job, value: Any) -> None:
    """Say it: a moment, or from now on a ``timedelta`` or whole seconds."""
    if value and isinstance(value, timedelta | int):
        value = time_from_now(job, value, "expires")
    job._expires = naive_utc(value) if value else None


def _by_function(job: Job) -> datetime | None:
    """What the job's function says: seconds after the job is due. Not of calls that are
    merged: the records of others would be lost with the job that runs for them."""
    seconds = job.call.expires
    if not seconds or job.identity.is_merging:
        return None
    due = fields.Datetime.to_datetime(job.eta) or job._now()
    moment: datetime = due + timedelta(seconds=seconds)
    return moment
