# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subcommands that move jobs: ``requeue`` and ``cancel``."""

from typing import Any

from odoo import fields

from ..core.states import TRANSITIONS, State
from .call import FINE, WRONG, Call, CommandError
from .selection import domain_of, has_filter

#: So many jobs in one transaction, as in the wizards.
BATCH = 5_000
#: What a filter without states means: to run again what is done needs the word.
_UNASKED = {
    "requeue": {State.FAILED.value},
    "cancel": {State.WAIT_DEPENDENCIES.value, State.PENDING.value},
}


def requeue(call: Call) -> int:
    """Let failed jobs run again; those of other states where they are named."""
    return _move(call, "requeue", "requeue", "Requeue")


def cancel(call: Call) -> int:
    """Cancel jobs that wait; those of other states where they are named."""
    return _move(call, "cancel", "button_cancelled", "Cancel")


def _move(call: Call, transition: str, method: str, verb: str) -> int:
    if not has_filter(call.options):
        raise CommandError(
            f"{verb} which jobs? Give UUIDs, or a filter such as --state or --channel"
        )
    domain = _movable(call, transition)
    count = call.jobs.search_count(domain)
    if not count:
        return _tell_of_none(call)
    if call.options.dry_run:
        _answer(call, moved=0, would_move=count)
        call.out.say(f"{count} jobs would be moved.")
        return FINE
    if not call.options.yes and not call.out.agrees(f"{verb} {count} jobs?"):
        raise CommandError("nothing was changed")
    moved = _in_batches(call, domain, method)
    call.log("%s moved %s jobs of %s", transition, moved, list(domain))
    left = call.jobs.search_count(domain)
    _answer(call, moved=moved, left=left)
    call.out.say(f"{moved} jobs moved.")
    if not left:
        return FINE
    call.out.complain(
        f"{left} jobs are left: another transaction is changing them, or they came"
        " meanwhile. Call this once more."
    )
    return WRONG


def _answer(call: Call, **values: int) -> None:
    call.out.answer(values)


def _movable(call: Call, transition: str) -> fields.Domain:
    states: set[str] = {str(state) for state in TRANSITIONS[transition].sources}
    if not call.options.state and not call.options.uuids:
        states &= _UNASKED[transition]
    movable = fields.Domain("state", "in", sorted(states))
    return domain_of(call.env, call.options) & movable


def _tell_of_none(call: Call) -> int:
    _answer(call, moved=0, left=0)
    call.out.complain("no job matches whose state allows that")
    return WRONG


def _in_batches(call: Call, domain: fields.Domain, method: str) -> int:
    """Move what matches now, the oldest first, each batch in its own transaction."""
    moved, last = 0, 0
    while batch := _next(call, domain, last):
        last = batch.ids[-1]
        getattr(batch, method)()
        call.env.flush_all()
        stayed = call.jobs.search_count(fields.Domain("id", "in", batch.ids) & domain)
        moved += len(batch) - stayed
        call.commit()
        call.env.invalidate_all()
    return moved


def _next(call: Call, domain: fields.Domain, last: int) -> Any:
    later = fields.Domain("id", ">", last)
    return call.jobs.search(domain & later, order="id", limit=BATCH)
