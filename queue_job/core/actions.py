# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users do to many jobs at once, and from which states.

The work itself is done batch by batch in ``models/queue_job_action``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .states import TRANSITIONS, UNDER_WAY, State, StrEnum


class Operation(StrEnum):
    """One thing that is done to jobs. The order is the one shown to people."""

    REQUEUE = "requeue"
    SET_DONE = "set_done"
    CANCEL = "cancel"
    STOP = "stop"
    CHANGE_CHANNEL = "change_channel"
    CHANGE_PRIORITY = "change_priority"
    CHANGE_USER = "change_user"


#: States of jobs whose plan may change for all: what runs, or is about to, is left
#: alone, and what is over has none.
PLANNED = frozenset({State.WAIT_DEPENDENCIES, State.PENDING, State.FAILED})

#: Those that are moves of ``TRANSITIONS``, and the methods of ``queue.job`` that make
#: them.
MOVES: Mapping[Operation, str] = MappingProxyType(
    {
        Operation.REQUEUE: "requeue",
        Operation.SET_DONE: "button_done",
        Operation.CANCEL: "button_cancelled",
    }
)
#: Others, and the field of ``queue.job`` that each of them writes.
CHANGES: Mapping[Operation, str] = MappingProxyType(
    {
        Operation.CHANGE_CHANNEL: "channel",
        Operation.CHANGE_PRIORITY: "priority",
        Operation.CHANGE_USER: "user_id",
    }
)


def sources(operation: Operation) -> frozenset[State]:
    """Return the states of the jobs that an operation concerns."""
    if operation in MOVES:
        return TRANSITIONS[operation.value].sources
    return UNDER_WAY if operation == Operation.STOP else PLANNED


def written(operation: Operation) -> frozenset[State]:
    """Return the states of the jobs whose rows an operation writes. That of a job that
    runs is written by its worker alone, which is asked to stop beside it."""
    return sources(operation) - {State.STARTED}
