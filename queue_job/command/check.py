# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``check``: which waiting jobs cannot run with the code as it is."""

from ..models.queue_job.runnable import SAMPLE
from .call import FINE, WRONG, Call

_COLUMNS = ("problem", "function", "jobs", "example", "detail")


def check(call: Call) -> int:
    """Which jobs that wait cannot run with the code as it is: before an upgrade, with
    the new code, or after it."""
    sample = None if call.options.all else SAMPLE
    troubles = call.jobs._examine_waiting(sample=sample)
    rows = [
        {
            "problem": trouble.flaw.value,
            "function": trouble.function,
            "jobs": trouble.jobs,
            "example": trouble.example,
            "detail": trouble.detail or None,
        }
        for trouble in troubles
    ]
    call.out.table(_COLUMNS, rows)
    if not rows:
        call.out.say("Nothing was found that cannot run.")
    call.out.say(
        f"({troubles.waiting} jobs wait; the arguments and records of"
        f" {troubles.examined} were looked at"
        f"{'' if call.options.all else '; --all looks at all'})"
    )
    return WRONG if rows else FINE
