# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subcommands that only look: ``status``, ``jobs``, ``show``, ``explain``."""

from typing import Any

from ..config import thresholds
from ..core.health import judge, worst
from ..store import health
from .call import FINE, WRONG, Call
from .selection import domain_of

_LISTED = ("uuid", "state", "channel", "function", "priority", "created", "failure")
_SHOWN = (
    "uuid", "name", "state", "channel", "priority", "channel_method_name",
    "func_string", "date_created", "eta", "expires_at",
    "date_enqueued", "date_started", "date_done",
    "date_failed", "date_cancelled", "exec_time", "retry", "max_retries", "attempt",
    "worker_pid", "worker_backend", "timeout", "stopping_note", "identity_key",
    "lock_key", "graph_uuid", "same_as", "result", "exc_name", "exc_message",
    "exc_info",
)  # fmt: skip
_ATTEMPT = ("number", "date_end", "duration", "host", "pid", "exc_name", "exc_message")


def status(call: Call) -> int:
    """How the queue of the database is: wrong if a runner is missing, or jobs wait."""
    facts = health.read(call.env.cr)
    findings = judge(facts, thresholds())
    bad = worst(findings)
    values = {
        "database": call.env.cr.dbname,
        "status": bad.value if bad else "ok",
        "leader_seen": facts.leader_age,
        "oldest_due": facts.oldest_due,
        **{f"jobs_{state}": told for state, told in _counts(facts, call)},
    }
    call.out.facts(values)
    for finding in findings:
        call.out.say(f"{finding.severity.value}: {finding.words} {finding.cure}")
    return WRONG if bad else FINE


def _counts(facts: health.Facts, call: Call) -> Any:
    for state, count in facts.counts.items():
        is_cut = count > health.MOST_COUNTED
        told = health.MOST_COUNTED if is_cut else count
        yield state, f"more than {told}" if is_cut and not call.out.is_json else told


def jobs(call: Call) -> int:
    """The latest jobs that match."""
    found = call.jobs.search(
        domain_of(call.env, call.options), order="id desc", limit=call.options.limit
    )
    call.out.table(_LISTED, [_row(job) for job in found])
    if not found:
        call.out.say("No job matches.")
    elif len(found) == call.options.limit:
        call.out.say(f"(the latest {len(found)}; --limit shows more)")
    return FINE


def _row(job: Any) -> dict[str, Any]:
    return {
        "uuid": job.uuid,
        "state": job.state,
        "channel": job.channel,
        "function": job.channel_method_name,
        "priority": job.priority,
        "created": job.date_created,
        "failure": job.exc_name,
    }


def show(call: Call) -> int:
    """All that is known of one job."""
    job = call.job()
    values = {name: job[name] or None for name in _SHOWN}
    values["user"] = job.user_id.login or None
    values["company"] = job.company_id.name or None
    attempts = [
        {name: attempt[name] or None for name in _ATTEMPT}
        for attempt in job.attempt_ids
    ]
    if call.out.is_json:
        call.out.answer({**values, "attempts": attempts})
        return FINE
    call.out.facts({name: value for name, value in values.items() if value})
    if attempts:
        call.out.say("\nUnsuccessful attempts:")
        call.out.table(_ATTEMPT, attempts)
    return FINE


def explain(call: Call) -> int:
    """Why a job does not run."""
    explanation = call.job().explain()
    if call.out.is_json:
        call.out.answer({name: explanation[name] for name in ("reason", "sentence")})
    call.out.say(explanation["sentence"])
    return FINE
