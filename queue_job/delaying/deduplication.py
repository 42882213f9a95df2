# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs that count as the same as a new one, and what becomes of it then.

The functions are asked by those that store jobs; the rules are those of the job's
:class:`~.identity.Identity`.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from odoo import fields

from ..core.states import WAITING
from ..store import deduplication, ties
from .expiry import latest_expiry
from .identity import PLAIN
from .job_type import Job
from .moment import moment_of


def job_record_with_same_identity_key(job: Job) -> Any:
    """Return the ``queue.job`` record that counts as the same as this job, or an empty
    one: without a rule of its own, one that waits. A started one does not count."""
    return records_that_count(job, [job.identity_key], latest_expiry([job]))


def records_that_count(
    job: Job, keys: list[Any], expires: datetime | None = None
) -> Any:
    """Return what is the same as a job of one of the keys, by the rule of this job:
    the latest one of each key. For one that supersedes what failed only those count
    that do so, too. Asked by each call with a key, so past the ORM's passes.

    :param expires: none counts that may expire before
    """
    model, cr = job.job_model.sudo(), job.env.cr
    model.flush_model(_ASKED)
    due = moment_of(job, "eta") or job._now()
    identity = job.identity
    supersedes = identity.supersedes_failed
    found = deduplication.counting(cr, keys, identity.states, due, expires, supersedes)
    missing = set(keys).difference(found) if identity.period else None
    if missing:
        model.flush_model()
        for other in deduplication.done_lately(cr, missing, identity.period):
            if other.supersedes or not supersedes:
                found[other.key] = other.id
    return model.browse(found.values())


def reliable(cr: Any, records: Any) -> Any:
    """Return those that stand for a call of this transaction: what waits among them
    does not begin before it is over."""
    waiting = records.filtered(lambda record: record.state in WAITING)
    tied = _tie(cr, waiting.ids)
    return records.filtered(lambda job: job not in waiting or job.id in tied)


# --- what is stored of it -----------------------------------------------------------


def heed_others(job: Job, texts: dict[str, str]) -> datetime | None:
    """See to the waiting jobs of the key, before this one is stored beside them.

    :param texts: what it calls, as stored
    :return: when it runs at the latest, although others postpone it
    :raise ValueError: when it is to be merged with another call
    """
    identity = job.identity
    if identity.is_keeping or not (key := job.identity_key):
        return None
    job.job_model.flush_model()
    if identity.is_merging:
        _check_others_call_the_same(job, key, texts)
    return _limit_eta(job, key) if identity.at_latest else None


def _check_others_call_the_same(job: Job, key: str, texts: dict[str, str]) -> None:
    call = {"model": job.model_name, "method": job.method_name, **texts}
    other = deduplication.other_call(job.env.cr, key, call)
    if other:
        raise ValueError(other_call_text(job, other))


def other_call_text(job: Job, other: str) -> str:
    """Say that the job cannot be merged with ``other``, a call."""
    return (
        f"{job.func_string} cannot be merged with {other}, which waits with the same"
        f" identity key {job.identity_key!r}: only the records may differ. Give another"
        " call another key"
    )


def _limit_eta(job: Job, key: str) -> datetime:
    now = job._now().replace(microsecond=0)
    latest: datetime = now + timedelta(seconds=job.identity.at_latest)
    deadline = min(latest, deduplication.deadline(job.env.cr, key) or latest)
    job.eta = min(fields.Datetime.to_datetime(job.eta) or now, deadline)
    return deadline


def identity_values(job: Job, deadline: datetime | None) -> dict[str, Any]:
    """Return the rule, as it is stored; that of a plain key is empty."""
    identity = job.identity
    if identity is PLAIN or not job.identity_key:
        return _PLAIN_VALUES
    return {
        "identity_until": identity.until,
        "identity_period": identity.period,
        "identity_on_duplicate": identity.on_duplicate,
        "identity_deadline": deadline or False,
        "identity_supersedes": identity.supersedes_failed,
    }


def _tie(cr: Any, ids: list[int]) -> set[int]:
    """Tie waiting jobs to the transaction, as many as one may.

    :return: ids of those that stand for a call of it
    """
    if not ids:
        return set()
    known = cr.cache.get(_TIES)
    if known is None:
        known = cr.cache[_TIES] = set()
        cr.postcommit.add(partial(cr.cache.pop, _TIES, None))
        cr.postrollback.add(partial(cr.cache.pop, _TIES, None))
    fresh = [id_ for id_ in ids if id_ not in known]
    fresh = fresh[: max(ties.MOST_TIES - len(known), 0)]
    known.update(fresh)
    with cr._cnx.cursor() as plain:  # what goes wrong is no line of the log
        return ties.tie(plain, [id_ for id_ in ids if id_ in known])


#: What is asked of other jobs.
_ASKED = (
    "identity_key", "identity_supersedes", "state", "eta", "date_enqueued",
    "expires_at",
)  # fmt: skip
#: Where a cursor keeps, until its transaction ends, which jobs it tied.
_TIES = "queue_job.ties"
_PLAIN_VALUES = {
    "identity_until": False,
    "identity_period": False,
    "identity_on_duplicate": False,
    "identity_deadline": False,
    "identity_supersedes": False,
}
