# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subcommands that move jobs: ``requeue``, ``cancel`` and ``stop``."""

from collections.abc import Iterable
from typing import Any

from odoo import fields

from ..core.actions import Operation, sources, written
from ..core.states import State
from .call import FINE, WRONG, Call, CommandError
from .selection import domain_of, has_filter

#: What a filter without states means: to run again what is done needs the word.
_UNASKED = {
    Operation.REQUEUE: {State.FAILED},
    Operation.CANCEL: {State.WAIT_DEPENDENCIES, State.PENDING},
    Operation.STOP: {State.STARTED},
}
_SAID = {
    Operation.STOP: "{} jobs are to end: those that run do soon, the others are"
    " cancelled.",
}


def requeue(call: Call) -> int:
    """Let failed jobs run again; those of other states where they are named."""
    return _move(call, Operation.REQUEUE, "Requeue")


def cancel(call: Call) -> int:
    """Cancel jobs that wait; those of other states where they are named."""
    return _move(call, Operation.CANCEL, "Cancel")


def stop(call: Call) -> int:
    """Stop jobs that run; those that wait are cancelled where they are named. A job
    that runs ends as the setting stop_after says; this does not wait for it."""
    reason = call.options.reason or f"{call.operator}, odoo queue_job stop"
    return _move(call, Operation.STOP, "Stop", reason)


def _move(
    call: Call, operation: Operation, verb: str, reason: str | None = None
) -> int:
    if not has_filter(call.options):
        raise CommandError(
            f"{verb} which jobs? Give UUIDs, or a filter such as --state or --channel"
        )
    domain = _movable(call, operation)
    count = call.jobs.search_count(domain)
    if not count:
        return _tell_of_none(call)
    if call.options.dry_run:
        _answer(call, moved=0, would_move=count)
        call.out.say(f"{count} jobs would be moved.")
        return FINE
    if not call.options.yes and not call.out.agrees(f"{verb} {count} jobs?"):
        raise CommandError("nothing was changed")
    action = _in_batches(call, domain, operation, reason)
    moved = action.changed_count
    call.log("%s moved %s jobs of %s", operation.value, moved, list(domain))
    left = call.jobs.search_count(domain & _in_states(written(operation)))
    if operation is Operation.STOP:  # those that run stay as they are for now
        left = max(left, count - moved)
    _answer(call, moved=moved, left=left)
    call.out.say(_SAID.get(operation, "{} jobs moved.").format(moved))
    if not left:
        return FINE
    call.out.complain(
        f"{left} jobs are left: another transaction is changing them, they came or"
        " ended meanwhile, or they do the work of an action, which is stopped itself."
        " Call this once more."
    )
    return WRONG


def _answer(call: Call, **values: int) -> None:
    call.out.answer(values)


def _movable(call: Call, operation: Operation) -> fields.Domain:
    states = sources(operation)
    if not call.options.state and not call.options.uuids:
        states &= _UNASKED[operation]
    return domain_of(call.env, call.options) & _in_states(states)


def _in_states(states: Iterable[State]) -> fields.Domain:
    return fields.Domain("state", "in", sorted(str(state) for state in states))


def _tell_of_none(call: Call) -> int:
    _answer(call, moved=0, left=0)
    call.out.complain("no job matches whose state allows that")
    return WRONG


def _in_batches(
    call: Call, domain: fields.Domain, operation: Operation, reason: str | None
) -> Any:
    """Let an action do it, kept in the log of actions: each batch in a transaction of
    its own.

    :return: the action
    """
    actions = call.env["queue.job.action"]
    operator = call.operator
    action = actions._record(operation, domain, "command", reason, operator=operator)
    call.commit()
    try:
        action._go_on(lambda: True)
    except BaseException:
        call.env.cr.rollback()
        action._end("stopped")
        call.commit()
        raise
    call.commit()
    return action
