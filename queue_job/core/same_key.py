"""Which of several waiting jobs of the same identity key is to run.

Delaying calls look for an equal job that waits, but transactions do not see each other:
two may delay the same key at the same time. What slipped through is settled when one of
the jobs is handed out. Neither call waits or fails for it, and there is one run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .states import State


class Waiting(NamedTuple):
    """A waiting job that has an identity key."""

    id: int
    uuid: str
    key: str
    state: str
    attempt: int


def to_merge(
    waiting: Iterable[Waiting], handed: Sequence[int]
) -> Mapping[Waiting, Waiting]:
    """Which jobs need not run, and which ones run in their place.

    A job that was handed out before, and has not begun, goes first: it will see what
    all the others stand for. Then come those just handed out, in their order.

    :param waiting: all jobs of some keys that are pending or enqueued
    :param handed: ids of those that have just been handed out, best first
    :return: ``{superfluous job: the one that runs}``
    """
    order = {job_id: rank for rank, job_id in enumerate(handed)}
    by_key: dict[str, list[Waiting]] = defaultdict(list)
    for job in waiting:
        by_key[job.key].append(job)
    merged: dict[Waiting, Waiting] = {}
    for jobs in by_key.values():
        out = [job for job in jobs if job.state == State.ENQUEUED]
        if not out:
            continue
        runs = min(out, key=lambda job: (order.get(job.id, -1), job.id))
        for job in jobs:
            if job is not runs and (job.state == State.PENDING or job.id in order):
                merged[job] = runs
    return merged
