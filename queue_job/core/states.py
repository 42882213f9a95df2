# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a job and every legal move between them, as data.

This is the only place that names a transition. ``store.move`` turns a transition into
guarded SQL, ``Job`` checks its in-memory moves against it, the documentation is
drawn from it.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

if sys.version_info >= (3, 11):
    from enum import StrEnum
else:  # Odoo 19 still runs on Python 3.10
    from enum import Enum

    class StrEnum(str, Enum):
        __str__ = str.__str__


class State(StrEnum):
    """Where a job stands. The order is the one shown to people."""

    WAIT_DEPENDENCIES = "wait_dependencies"
    PENDING = "pending"
    ENQUEUED = "enqueued"
    STARTED = "started"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: States in which a runner has dispatched the job: a live attempt may have locked it.
DISPATCHED = frozenset({State.ENQUEUED, State.STARTED})
#: States that end a job; only a person (or code acting as one) moves it on.
FINAL = frozenset({State.DONE, State.CANCELLED, State.FAILED})
#: States the runner has to know of.
NOT_DONE = frozenset(State) - {State.DONE, State.CANCELLED}
#: States in which an equal identity key keeps a second job from being made.
WAITING = frozenset({State.WAIT_DEPENDENCIES, State.PENDING, State.ENQUEUED})
#: ... or, where that is asked for, until the job is done.
UNDER_WAY = WAITING | {State.STARTED}


@dataclass(frozen=True)
class Transition:
    """One named move.

    :param sources: states it may start from
    :param target: state it leads to
    :param stamped: date columns set to now (UTC)
    :param cleared: columns set to NULL
    :param counted: columns raised by one
    :param made_by: who makes it, for the drawing
    :param skip_locked: whether it leaves alone the jobs that another transaction is
        changing just now, instead of waiting for it. The runner has more to do; what is
        left, it finds again at its next poll.
    """

    name: str
    sources: frozenset[State]
    target: State
    made_by: str
    stamped: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    skip_locked: bool = False


_EXCEPTION = ("exc_name", "exc_message", "exc_info")
_WORKER = ("worker_pid", "worker_backend", "worker_host")
_DISPATCH = ("date_enqueued", "date_started", *_WORKER)
_ENDS = ("date_done", "date_cancelled", "date_failed", "exec_time")
_ANEW = (*_DISPATCH, *_ENDS, "same_as", "expires_at")
_IDLE = frozenset({State.WAIT_DEPENDENCIES, State.PENDING})
_BY_HAND = _IDLE | {State.ENQUEUED, State.FAILED}

_ALL = (
    # the runner
    Transition(
        "enqueue",
        frozenset({State.PENDING}),
        State.ENQUEUED,
        "runner",
        stamped=("date_enqueued",),
        cleared=("date_started", *_WORKER),
        counted=("attempt",),
        skip_locked=True,
    ),
    Transition(
        "return_pending",
        frozenset({State.ENQUEUED}),
        State.PENDING,
        "runner",
        cleared=_DISPATCH,
        skip_locked=True,
    ),
    Transition(
        "rescue",
        frozenset({State.STARTED}),
        State.PENDING,
        "runner",
        cleared=_DISPATCH,
        counted=("retry",),
        skip_locked=True,
    ),
    Transition(
        "stop_dead",
        frozenset({State.STARTED}),
        State.CANCELLED,
        "runner",
        stamped=("date_cancelled",),
        cleared=_EXCEPTION,
        skip_locked=True,
    ),
    Transition(
        "merge",
        frozenset({State.PENDING, State.ENQUEUED}),
        State.DONE,
        "runner",
        stamped=("date_done",),
        cleared=_EXCEPTION,
        skip_locked=True,
    ),
    Transition(
        "supersede",
        frozenset({State.FAILED}),
        State.CANCELLED,
        "runner",
        stamped=("date_cancelled",),
        skip_locked=True,
    ),
    Transition(
        "expire",
        _IDLE,
        State.CANCELLED,
        "runner",
        stamped=("date_cancelled",),
        skip_locked=True,
    ),
    # the executor
    Transition(
        "expire_dispatched",
        frozenset({State.ENQUEUED}),
        State.CANCELLED,
        "worker",
        stamped=("date_cancelled",),
    ),
    Transition(  # what has begun does not expire any more
        "start",
        frozenset({State.ENQUEUED}),
        State.STARTED,
        "worker",
        stamped=("date_started",),
        cleared=("expires_at",),
    ),
    Transition(
        "succeed",
        frozenset({State.STARTED}),
        State.DONE,
        "worker",
        stamped=("date_done",),
        cleared=_EXCEPTION,
    ),
    Transition(
        "postpone",
        frozenset({State.STARTED}),
        State.PENDING,
        "worker",
        cleared=_EXCEPTION + _DISPATCH + _ENDS,
    ),
    Transition(
        "fail",
        frozenset({State.STARTED}),
        State.FAILED,
        "worker",
        stamped=("date_failed",),
    ),
    Transition(
        "stop",
        frozenset({State.STARTED}),
        State.CANCELLED,
        "worker",
        stamped=("date_cancelled",),
        cleared=_EXCEPTION,
    ),
    Transition(
        "release", frozenset({State.WAIT_DEPENDENCIES}), State.PENDING, "worker"
    ),
    Transition(
        "cancel_dependent",
        frozenset({State.WAIT_DEPENDENCIES}),
        State.CANCELLED,
        "worker",
        skip_locked=True,
    ),
    # people, and code that acts for them
    Transition("requeue", FINAL, State.PENDING, "person", cleared=_ANEW),
    Transition(
        "requeue_waiting",
        FINAL,
        State.WAIT_DEPENDENCIES,
        "person",
        cleared=_ANEW,
    ),
    Transition("unblock", DISPATCHED, State.PENDING, "person", cleared=_DISPATCH),
    Transition(
        "set_done",
        _BY_HAND,
        State.DONE,
        "person",
        stamped=("date_done",),
        cleared=(*_EXCEPTION, "date_failed"),
    ),
    Transition(
        "cancel", _BY_HAND, State.CANCELLED, "person", stamped=("date_cancelled",)
    ),
    # other add-ons that run jobs themselves through ``Job``
    Transition("take", _IDLE, State.STARTED, "add-on", stamped=("date_started",)),
    Transition(
        "give_up",
        _IDLE | {State.ENQUEUED},
        State.FAILED,
        "add-on",
        stamped=("date_failed",),
    ),
    Transition("wait_again", _IDLE, State.WAIT_DEPENDENCIES, "add-on"),
)

TRANSITIONS: Mapping[str, Transition] = MappingProxyType({t.name: t for t in _ALL})


def is_legal(source: State, target: State) -> bool:
    """Tell whether some transition leads from ``source`` to ``target``."""
    return source == target or any(
        source in t.sources and target == t.target for t in _ALL
    )


def is_open_to_people(source: State, target: State) -> bool:
    """Tell whether people may lead a job from ``source`` to ``target``."""
    return source == target or any(
        source in t.sources and target == t.target
        for t in _ALL
        if t.made_by == "person"
    )
