# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``failures``: what jobs failed of, as the page *Failures* counts it."""

from datetime import datetime, timedelta
from typing import Any

from odoo import fields

from ..db import server_clock
from ..store import failures as store
from .call import FINE, Call
from .selection import function_name, moment

_COLUMNS = ("what", "count", "last_hour", "first_seen", "last_seen", "functions")
#: What programs are told besides.
_MORE = (
    "failed", "status", "came_back", "id", "exception", "message", "where", "company",
    "example",
)  # fmt: skip
#: Failed jobs of a failure are counted up to so many.
_MOST_COUNTED = 10_000


def failures(call: Call) -> int:
    """What jobs failed of, the most frequent first."""
    found = call.env["queue.job.failure"].search(
        _domain(call), order="times DESC, id DESC", limit=call.options.limit
    )
    # counted by clock hours: the one before, and the one that runs
    hour_ago = server_clock.now(call.env.cr) - timedelta(hours=1)
    since = hour_ago.replace(minute=0, second=0, microsecond=0)
    recent = store.hours(call.env.cr, found.ids, since)
    rows = [_row(failure, recent.get(failure.id, {})) for failure in found]
    if call.out.is_json:
        call.out.table((*_COLUMNS, *_MORE), rows)
        return FINE
    for row in rows:
        row["functions"] = ", ".join(row["functions"])
    call.out.table(_COLUMNS, rows)
    if not rows:
        call.out.say("No failure matches.")
    elif len(rows) == call.options.limit:
        call.out.say(f"(the most frequent {len(rows)}; --limit shows more)")
    return FINE


def _domain(call: Call) -> Any:
    options = call.options
    domain = fields.Domain.TRUE
    if options.status != "all":
        domain &= fields.Domain("status", "=", options.status)
    if options.since:
        domain &= fields.Domain("last_seen", ">=", moment(call.env, options.since))
    if options.function:
        domain &= _of_function(function_name(options.function))
    return domain


def _of_function(name: str) -> Any:
    """Names of functions stand one a line; ``_`` and ``%`` in them mean themselves."""
    escaped = name.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    alone = fields.Domain("functions", "=", name)
    patterns = (f"{escaped}\n%", f"%\n{escaped}", f"%\n{escaped}\n%")
    among = [fields.Domain("functions", "=like", pattern) for pattern in patterns]
    return fields.Domain.OR([alone, *among])


def _row(failure: Any, hours: dict[datetime, int]) -> dict[str, Any]:
    failed = failure.env["queue.job"].search_count(
        failure._failed_jobs(), limit=_MOST_COUNTED
    )
    return {
        "what": f"{failure.exc_name}: {failure.message or ''}",
        "count": failure.times,
        "last_hour": sum(hours.values()),
        "first_seen": failure.first_seen,
        "last_seen": failure.last_seen,
        "functions": (failure.functions or "").splitlines(),
        "failed": failed,
        "status": failure.status,
        "came_back": failure.is_back,
        "id": failure.id,
        "exception": failure.exc_name,
        "message": failure.message or None,
        "where": failure.frame or None,
        "company": failure.company_id.name or None,
        "example": failure.job_id.uuid or None,
    }
