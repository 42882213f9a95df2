# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Until when a job has to begin: said by the delaying call, else by its function.

The functions make the property ``expires`` of :class:`~.job.Job`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from odoo import fields

from ..core.states import State
from ..core.text import shown
from .job_type import Job
from .moment import EXPECTED, LATEST, moment_given, moment_of


def expires(job: Job) -> Any:
    """The time, naive UTC, up to which the job has to begin, or else is cancelled;
    ``None`` when it may begin at any time, or has begun."""
    if job._expires is None and job._is_new and job.state != State.STARTED:
        job._expires = _by_function(job) or False  # asked once
    return job._expires or None


def set_expires(job: Job, value: Any) -> None:
    """Say it: a moment, or from now on a ``timedelta`` or whole seconds."""
    job._expires = moment_given(job, value, "expires") if value else None


def latest_expiry(jobs: Iterable[Job]) -> datetime | None:
    """Return the time up to which the last of some jobs may begin; ``None``: one may at
    any time.

    :raise TypeError, ValueError: for what is no moment
    """
    moments = [moment_of(job, "expires") for job in jobs]
    return None if None in moments else max(filter(None, moments))


def expire_as_late(standing: Job, job: Job) -> None:
    """Let a new job that stands for another one expire no sooner."""
    standing._expires = latest_expiry([standing, job]) or False


def _by_function(job: Job) -> datetime | None:
    """What the job's function says: seconds after the job is due. Not of calls that are
    merged: the records of others would be lost with the job that runs for them."""
    seconds = job.call.expires
    if not seconds or job.identity.is_merging:
        return None
    due: datetime = fields.Datetime.to_datetime(job.eta) or job._now()
    wait = timedelta(seconds=seconds)
    if due > LATEST - wait:
        raise ValueError(
            f"{job.job_function_name} cannot be delayed with eta={shown(job.eta)}: its"
            f" function says that its jobs expire {seconds} seconds later; give"
            f" {EXPECTED} that leaves as much"
        )
    return due + wait
