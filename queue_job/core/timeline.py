# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened to a job, one thing after the other, from what is kept of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .states import State, StrEnum


class Kind(StrEnum):
    """What an event of a job's life is."""

    CREATED = "created"
    PLANNED = "planned"  # not to start before
    EDITED = "edited"  # planned anew by a user
    ATTEMPT = "attempt"  # an unsuccessful one
    NOT_KEPT = "not_kept"  # further ones, of which nothing is known
    DISPATCHED = "dispatched"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RUN_AGAIN = "run_again"  # by a user, as another job


@dataclass(frozen=True)
class Attempt:
    """An unsuccessful attempt that is kept.

    :param key: whatever the caller knows it by
    :param seconds: how long it took, if that was measured
    """

    key: int
    started: datetime | None
    ended: datetime | None
    seconds: float | None


class Edit(NamedTuple):
    """What a user changed in the plan of a job.

    :param key: whatever the caller knows it by
    """

    key: int
    at: datetime


@dataclass(frozen=True)
class Life:
    """What the row of a job says.

    :param seconds: how long the work took that ended well
    :param not_kept: number of attempts that are no longer listed, between the first
        and the latest ones
    """

    state: str
    created: datetime | None
    eta: datetime | None = None
    enqueued: datetime | None = None
    started: datetime | None = None
    done: datetime | None = None
    failed: datetime | None = None
    cancelled: datetime | None = None
    seconds: float | None = None
    not_kept: int = 0


class Event(NamedTuple):
    """One thing that happened.

    :param at: when; ``None`` when that is not known
    :param waited: seconds since the job could last have gone on
    :param seconds: how long it took
    :param key: of the attempt, or of what was changed
    :param number: of how many it is told
    """

    kind: Kind
    at: datetime | None
    waited: float | None = None
    seconds: float | None = None
    key: int | None = None
    number: int = 1


def events(
    life: Life, attempts: Sequence[Attempt], edits: Sequence[Edit] = ()
) -> list[Event]:
    """Return what happened to a job, in order.

    :param attempts: unsuccessful ones, oldest first
    :param edits: what users changed, oldest first
    """
    told = [
        Event(Kind.CREATED, life.created),
        *_attempts(life, attempts),
        *_latest_dispatch(life, attempts),
        *_ends(life),
    ]
    return _with_edits(told, edits)


def _with_edits(told: list[Event], edits: Iterable[Edit]) -> list[Event]:
    """Put what users changed before the first event that may be later: a plan changes
    before it is carried out."""
    for edit in edits:
        later = (
            place
            for place, event in enumerate(told)
            if event.kind not in (Kind.CREATED, Kind.EDITED)
            and event.at
            and event.at >= edit.at
        )
        told.insert(next(later, len(told)), Event(Kind.EDITED, edit.at, key=edit.key))
    return told


def _attempts(life: Life, attempts: Sequence[Attempt]) -> Iterator[Event]:
    """Yield the attempts, and the time before which the job is not to begin where it
    was set: at the creation, or by the attempt that asked for another one."""
    ready, planned = life.created, _planned(life)
    for place, attempt in enumerate(attempts):
        if planned and attempt.started and planned <= attempt.started:
            yield Event(Kind.PLANNED, planned)
            planned = None
        waited = _between(ready, attempt.started)
        yield Event(Kind.ATTEMPT, attempt.started, waited, _took(attempt), attempt.key)
        ready = attempt.ended
        if place == 0 and life.not_kept:
            yield Event(Kind.NOT_KEPT, None, number=life.not_kept)
            ready = None
    if planned:
        yield Event(Kind.PLANNED, planned)


def _planned(life: Life) -> datetime | None:
    """Return the time before which the job is not to begin, to the second, cut, like
    the times of attempts."""
    if not life.eta or not life.created or life.eta <= life.created:
        return None
    return life.eta.replace(microsecond=0)


def _latest_dispatch(life: Life, attempts: Sequence[Attempt]) -> Iterator[Event]:
    """Yield the dispatch that no unsuccessful attempt tells of."""
    if life.state == State.FAILED and attempts and life.failed:
        return  # the last attempt is that of the failure
    ready = attempts[-1].ended if attempts else life.created
    if life.enqueued:
        yield Event(Kind.DISPATCHED, life.enqueued, _between(ready, life.enqueued))
    if life.started:
        waited = _between(life.enqueued or ready, life.started)
        yield Event(Kind.BEGUN, life.started, waited)


def _ends(life: Life) -> Iterator[Event]:
    if life.state == State.DONE:
        yield Event(Kind.DONE, life.done, seconds=life.seconds)
    elif life.state == State.FAILED:
        yield Event(Kind.FAILED, life.failed)
    elif life.state == State.CANCELLED:
        yield Event(Kind.CANCELLED, life.cancelled)


def _took(attempt: Attempt) -> float | None:
    if attempt.seconds:
        return attempt.seconds
    return _between(attempt.started, attempt.ended)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds from one moment to another, as far as they are known: moments
    are kept to the second, cut, so that one may seem to come before the other."""
    if start is None or end is None:
        return None
    return max((end - start).total_seconds(), 0.0)


def duration_text(seconds: float, is_exact: bool = True) -> str:
    """Return a duration for people: to the millisecond below a minute.

    :param is_exact: whether it was measured; else it is known to the second
    """
    if seconds < 60:
        if is_exact:
            return f"{seconds:.3f} s"
        return f"{seconds:.0f} s" if seconds >= 1 else "< 1 s"
    parts: Iterable[tuple[int, str]] = _parts(int(seconds))
    return " ".join(f"{amount} {unit}" for amount, unit in parts)


def _parts(seconds: int) -> list[tuple[int, str]]:
    """Return the two greatest units of a duration that are in it."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next(place for place, unit in enumerate(units) if unit[0])
    return [unit for unit in units[first : first + 2] if unit[0]]
