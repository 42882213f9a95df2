# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is told of a job whose arguments are encrypted: an error may quote them, so its
class and its place in the code are told, and its text is not."""

import traceback
from collections.abc import Iterator
from dataclasses import replace

from ..core import text
from ..core.outcome import Failed, Lost, Outcome, Postponed
from ..core.text import dotted_name

#: Stands where the text of an error would.
WITHHELD = "(not told: the arguments of this job are encrypted)"


def withheld(outcome: Outcome) -> Outcome:
    """Return an outcome without the texts of errors; a traceback in it is to be one of
    :func:`bare_traceback` already."""
    match outcome:
        case Failed():
            return replace(outcome, exc_message=WITHHELD)
        case Postponed() | Lost():
            return replace(outcome, message=WITHHELD)
    return outcome


def bare_traceback(error: BaseException) -> str:
    """Return the traceback, causes included, without the text of any exception."""
    parts = [
        f"Traceback (most recent call last):\n"
        f"{''.join(traceback.format_tb(one.__traceback__))}"
        f"{dotted_name(type(one))}: {WITHHELD}\n"
        for one in reversed(list(_chain(error)))
    ]
    return text.traceback_text("\n".join(parts))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        is_cut = error.__cause__ is not None or error.__suppress_context__
        error = error.__cause__ if is_cut else error.__context__
