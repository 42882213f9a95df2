# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Attributes of a job that are those of its call."""

from operator import attrgetter
from typing import Any

from .call import Call


def of_call(name: str) -> Any:
    """Return a property: the one of that name of the job's call."""

    def put(job: Any, value: Any) -> None:
        setattr(job.call, name, value)

    doc = getattr(getattr(Call, name, None), "__doc__", None)
    return property(attrgetter(f"call.{name}"), put, doc=doc)


def said(name: str) -> Any:
    """Return a property: what was said of the job, else what holds for its call."""
    private = f"_{name}"

    def get(job: Any) -> Any:
        return getattr(job, private) or getattr(job.call, name)

    def put(job: Any, value: Any) -> None:
        setattr(job, private, value)

    return property(get, put, doc=getattr(Call, name).__doc__)
