# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``stop``: jobs end while they run."""

from odoo import fields

from ..core.states import UNDER_WAY, State
from .call import FINE, WRONG, Call, CommandError
from .selection import domain_of, has_filter

#: Jobs that are stopped in one transaction.
BATCH = 5_000


def stop(call: Call) -> int:
    """Stop jobs that run; those that wait are cancelled where they are named. A job
    that runs ends as the setting stop_after says; this does not wait for it."""
    if not has_filter(call.options):
        raise CommandError(
            "Stop which jobs? Give UUIDs, or a filter such as --state or --channel"
        )
    domain = _stoppable(call)
    count = call.jobs.search_count(domain)
    if not count:
        call.out.answer({"stopping": 0, "cancelled": 0})
        call.out.complain("no job matches that runs, or waits and is named")
        return WRONG
    if call.options.dry_run:
        call.out.answer({"stopping": 0, "cancelled": 0, "would_stop": count})
        call.out.say(f"{count} jobs would be stopped.")
        return FINE
    if not call.options.yes and not call.out.agrees(f"Stop {count} jobs?"):
        raise CommandError("nothing was changed")
    asked, cancelled = _stop(call, domain)
    call.log("stops %s jobs and cancelled %s of %s", asked, cancelled, list(domain))
    call.out.answer({"stopping": asked, "cancelled": cancelled})
    call.out.say(f"{asked} jobs are to end, {cancelled} that waited are cancelled.")
    return FINE


def _stoppable(call: Call) -> fields.Domain:
    is_named = call.options.state or call.options.uuids
    states = UNDER_WAY if is_named else {State.STARTED}
    stoppable = fields.Domain("state", "in", sorted(str(state) for state in states))
    return domain_of(call.env, call.options) & stoppable


def _stop(call: Call, domain: fields.Domain) -> tuple[int, int]:
    """Stop what matches now, the oldest first, each batch in its own transaction."""
    asked, cancelled, last = 0, 0, 0
    while batch := call.jobs.search(
        domain & fields.Domain("id", ">", last), order="id", limit=BATCH
    ):
        last = batch.ids[-1]
        reason = call.options.reason or f"{call.operator}, odoo queue_job stop"
        running, waiting = batch._stop(reason)
        asked, cancelled = asked + len(running), cancelled + len(waiting)
        call.env.flush_all()
        call.commit()
        call.env.invalidate_all()
    return asked, cancelled
