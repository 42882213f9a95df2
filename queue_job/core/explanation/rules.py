# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which reason comes first.

Nothing is decided anew here. The channels are asked as the runner asks them
(:mod:`.channel_model`), jobs of one identity key as at a dispatch
(:mod:`..deduplication`).

A further reason is a member of :class:`.reason.Kind`, a rule in :data:`RULES`, and a
sentence of the model.
"""

from collections.abc import Callable, Mapping

from ..deduplication import LONGEST_WAIT, decide
from ..states import DISPATCHED, FINAL, State
from .channel_model import channel_reason
from .facts import Facts
from .reason import Kind, Reason

Rule = Callable[[Facts], Reason | None]


def explain(facts: Facts) -> Reason:
    """Tell why a job is not running: the first rule of its state that finds something
    says so."""
    rules = RULES[State(facts.job.state)]
    return next(reason for rule in rules if (reason := rule(facts)) is not None)


# what concerns all jobs


def _copy(facts: Facts) -> Reason | None:
    copied = facts.database.copied
    return Reason(Kind.COPY, words=(copied,)) if copied else None


def _no_runner(facts: Facts) -> Reason | None:
    return None if facts.database.has_runner else Reason(Kind.NO_RUNNER)


def _upgrade(facts: Facts) -> Reason | None:
    marked = facts.database.marked
    return Reason(Kind.UPGRADE, words=marked) if marked else None


# other jobs


def _parents(facts: Facts) -> Reason | None:
    if not facts.parents:
        return None
    failed = [i for i, state in facts.parents if state in FINAL]
    ids = tuple(job_id for job_id, _state in facts.parents)
    has_more = facts.has_more_parents and len(failed) in (0, len(ids))
    return Reason(Kind.PARENTS, jobs=ids, failed=tuple(failed), has_more=has_more)


def _same_key(facts: Facts) -> Reason | None:
    """Ask what would become of the job if it was dispatched now."""
    chosen = next((job for job in facts.same_key if job.id == facts.job.id), None)
    if chosen is None:
        return None
    others = [job for job in facts.same_key if job is not chosen]
    chosen = chosen._replace(state=State.ENQUEUED, attempt=chosen.attempt + 1)
    decision = decide([*others, chosen], [chosen.id])
    if (standing := decision.same.get(chosen)) is not None:
        return Reason(Kind.DUPLICATE, jobs=(standing.id,))
    if chosen not in decision.waits:
        return None
    before = [j for j in others if j.state in DISPATCHED] or [
        j for j in others if j.state == State.DONE
    ]
    return Reason(Kind.SAME_KEY, jobs=tuple(job.id for job in before))


def _tied(facts: Facts) -> Reason | None:
    return Reason(Kind.TIED) if facts.is_locked else None


# its time


def _time(facts: Facts) -> Reason | None:
    eta = facts.job.eta
    if eta is None or eta <= facts.now:
        return None
    if eta <= facts.now + LONGEST_WAIT:  # perhaps it was put off for another one
        reason = _same_key(facts)
        if reason is not None and reason.kind is Kind.SAME_KEY:
            return reason
    return Reason(Kind.TIME, until=eta)


# the workers


def _workers(facts: Facts) -> Reason | None:
    return Reason(Kind.WORKERS_BUSY)


def _stopping(facts: Facts) -> Reason | None:
    return Reason(Kind.STOPPING) if facts.is_stopping else None


def _worker_gone(facts: Facts) -> Reason | None:
    return None if facts.is_locked else Reason(Kind.WORKER_GONE)


# nothing


def _flaw(facts: Facts) -> Reason | None:
    return Reason(Kind.FLAW, flaw=facts.flaw) if facts.flaw else None


def _is(kind: Kind) -> Rule:
    return lambda facts: Reason(kind)


_OVER: tuple[Rule, ...] = (_is(Kind.OVER),)

#: What to look at, in this order; the last rule of each always finds something.
RULES: Mapping[State, tuple[Rule, ...]] = {
    State.WAIT_DEPENDENCIES: (_copy, _parents, _no_runner, _is(Kind.RELEASED_SOON)),
    State.PENDING: (
        _copy, _no_runner, _time, channel_reason, _same_key, _tied, _flaw, _upgrade,
        _is(Kind.NEXT),
    ),
    State.ENQUEUED: (_copy, _no_runner, _workers),
    State.STARTED: (_stopping, _worker_gone, _is(Kind.RUNS)),
    **dict.fromkeys(FINAL, _OVER),
}  # fmt: skip
