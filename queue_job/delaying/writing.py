# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is written of a job into its row."""

from sys import intern
from typing import Any

from ..config import lanes
from ..core.channels.claims import Traits
from ..core.channels.lanes import Kinds
from ..core.limits import MOST_CALL
from ..core.text import clipped, message_text, result_text, storable, traceback_text
from .delay_options import stored_options
from .job_type import Job
from .reading import CARRIED

_TEXTS = {
    "exc_info": traceback_text,
    "exc_name": storable,
    "exc_message": message_text,
}
#: Where models have the hook that adds nothing.
_BASE = "odoo.addons.queue_job.models.base"


def row_values(job: Job) -> dict[str, Any]:
    """Return what every ``store()`` writes; additions of the models included."""
    return {**_model_additions(job), **_own_values(job)}


def _own_values(job: Job) -> dict[str, Any]:
    values = {name: getattr(job, name) or False for name in CARRIED}
    values.update(
        state=job.state,
        retry=job.retry,
        result=result_text(job.result) or False,
        user_id=job.user_id,
        company_id=job.company_id or False,
        **stored_options(job, is_fixed=False),
    )
    for name, text_of in _TEXTS.items():
        values[name] = text_of(values[name]) if values[name] else False
    return values


def creation_values(job: Job) -> dict[str, Any]:
    """Return what is written once, and protected from then on."""
    config = job.job_config
    return {
        **stored_options(job, is_fixed=True),
        "lane": lane(job, config.lane_kinds) or False,
        "uuid": job.uuid,
        "attempt": 0,
        "func_string": clipped(job.func_string, MOST_CALL),
        "date_created": job.date_created,
        "model_name": job.model_name,
        "method_name": job.method_name,
        "job_function_id": config.job_function_id or False,
        "channel_method_name": job.job_function_name,
        "records": job.recordset,
        "args": job.args,
        "kwargs": job.kwargs,
        "is_shown": job.recordset._shows_jobs and bool(job.recordset),
    }


def lane(job: Job, own: Kinds) -> str | None:
    """Return in which lane of its channel the job is to wait.

    :param own: what its database tells apart besides the operator
    """
    if not (job.lock_key or own or lanes().has_any):
        return None
    traits = Traits(
        job.lock_key, None, job.company_id, job.user_id, job.job_function_name
    )
    found: str | None = lanes().lane(job.channel, traits, own)
    return found


# --- what models and other add-ons want stored besides -------------------------------


def has_additions(job: Job) -> bool:
    """Tell whether the job's model wants something stored besides."""
    general = type(job.recordset)._job_store_values
    return general.__module__ != _BASE or _additions_of_method(job) is not None


def store_additions(job: Job) -> None:
    """Store what the job's model adds at an end of the job that was not written by
    ``store()``."""
    additions = _model_additions(job)
    names = additions.keys() - _own_values(job).keys()
    if names:
        record = job.job_model.sudo().browse(job.row_id)
        record.write({name: additions[name] for name in names})


def _additions_of_method(job: Job) -> Any:
    # a name that is known already is found in Python's cache, else in fifty classes
    name = intern(f"_job_store_values_for_{job.method_name}")
    return getattr(job.recordset, name, None)


def _model_additions(job: Job) -> dict[str, Any]:
    """Return what the job's model wants stored besides; the hook of the method
    wins."""
    additions = dict(job.recordset._job_store_values(job) or {})
    specific = _additions_of_method(job)
    if specific is not None:
        additions.update(specific(job) or {})
    if not additions:
        return additions
    # what is written once and for all is not for others to change
    fixed = {*job.job_model._protected_fields, "channel"}
    return {key: additions[key] for key in additions.keys() - fixed}
