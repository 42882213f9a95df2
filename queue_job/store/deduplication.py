# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What identity keys ask of the rows: which jobs count as the same, and what becomes
of those that are not to run by themselves. The core decides; here it is done.

Needs nothing but a cursor, as the store does.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..core.deduplication import Keyed, Settlement
from ..core.deduplication import settle as decide
from .sql import load
from .transitions import IS_FREE, Cursor, guard_of, move, update_of

#: Result of a job that ended because another one stands for it.
SAME_AS = "same as job {}"
#: ... and of a failed one that a later call made superfluous, as PostgreSQL formats it.
SUPERSEDED_BY = "superseded by job %s"
#: Waiting jobs of a key that are read together; more have their turn later.
MOST = 1000
#: Of those that may supersede a failed job, how many are looked at.
FEW = 10

_SQL = load("deduplication")
_UNDER_WAY = _SQL.under_way.format(columns=_SQL.columns)
_DONE_LATELY = _SQL.done_lately.format(columns=_SQL.columns)
_ENDS = ("result", "same_as")
_MERGE_RECORDS = _SQL.merge_records.format(
    update=update_of("merge", _ENDS), is_free=IS_FREE
)
_SUPERSEDE_OF_KEYS, _SUPERSEDE_AMONG = (
    _SQL.supersede.format(
        update=update_of("supersede"),
        failed=failed,
        is_unfollowed=_SQL.is_unfollowed,
        is_fresh=_SQL.is_fresh,
    )
    for failed in (_SQL.failed_of_keys, _SQL.failed_among)
)
_COUNTING = _SQL.counting.format(is_fresh=_SQL.is_fresh)
_AT_ODDS = _SQL.at_odds.format()


def settle(cr: Cursor, keys: Collection[str], handed: Sequence[int]) -> set[int]:
    """See to jobs with identity keys that have just been dispatched, and to what
    waits beside them. Called by the runner.

    :param handed: row ids, best job first
    :return: ids of those that are not to run now
    """
    jobs = under_way(cr, keys)
    dispatched = [job for job in jobs if job.id in set(handed)]
    periods = [job.period for job in dispatched if job.period]
    if periods:
        jobs += done_lately(cr, {j.key for j in dispatched if j.period}, max(periods))
    settlement = decide(jobs, handed)
    # first, for then a call that another one stands for still waits: it may be the one
    # that says so
    superseding = {job.key for job in settlement.taken_up(dispatched) if job.supersedes}
    if superseding:
        _supersede(cr, _SUPERSEDE_OF_KEYS, keys=list(superseding))
    return _record(cr, settlement)


def supersede(cr: Cursor, ids: Collection[int]) -> list[int]:
    """Cancel those of these failed jobs that a later call of their key makes
    superfluous, because it says so. Called by the runner, for it may be behind them in
    a sequential channel, and by the worker, for it may have begun before they failed.

    :return: ids of the jobs that were cancelled
    """
    return _supersede(cr, _SUPERSEDE_AMONG, ids=list(ids))


def counting(
    cr: Cursor,
    keys: Collection[str],
    states: Collection[str],
    due: datetime,
    supersedes: bool = False,
) -> dict[str, int]:
    """Return by key the id of the latest job that counts as the same as one that is due
    then, naive UTC: none that sleeps longer, nor what was to be dispatched when a
    caller still relied on it.

    :param supersedes: only those that supersede failed jobs
    """
    params = {"keys": list(set(keys)), "states": list(states), "due": due}
    cr.execute(_COUNTING, {**params, "supersedes": supersedes})
    return dict(cr.fetchall())


def under_way(cr: Cursor, keys: Collection[str]) -> list[Keyed]:
    """Return of each key what is dispatched or runs, and the youngest of those that
    wait."""
    cr.execute(_UNDER_WAY, {"keys": list(keys), "most": MOST})
    return [Keyed(*row) for row in cr.fetchall()]


def done_lately(cr: Cursor, keys: Collection[str], seconds: int) -> list[Keyed]:
    """Return of each key the last job that was done within so many seconds, if it was
    delayed with a period."""
    cr.execute(_DONE_LATELY, {"keys": list(keys), "seconds": seconds})
    return [Keyed(*row) for row in cr.fetchall()]


def at_odds(cr: Cursor, key: str, call: dict[str, Any]) -> str | None:
    """Return the call of a waiting job of the key that another one cannot be merged
    with.

    :param call: ``model``, ``method``, and as stored texts ``records``, ``args`` and
        ``kwargs``
    """
    cr.execute(_AT_ODDS, {**call, "key": key, "most": MOST})
    return next((row[0] for row in cr.fetchall()), None)


def deadline(cr: Cursor, key: str) -> datetime | None:
    """Tell when the waiting job of a key has to run at the latest: naive UTC."""
    cr.execute(_SQL.deadline, {"key": key})
    return next((row[0] for row in cr.fetchall()), None)


def still_counting(cr: Cursor) -> list[int]:
    """Row ids of jobs that are done and, by their period, still keep others out."""
    cr.execute(_SQL.still_counting)
    return [row[0] for row in cr.fetchall()]


def _record(cr: Cursor, settlement: Settlement) -> set[int]:
    stay: set[int] = set()
    by_runs: dict[Keyed, list[int]] = defaultdict(list)
    for job, runs in settlement.merged.items():
        by_runs[runs].append(job.id)
    for runs, ids in by_runs.items():
        stay.update(_merge_records(cr, runs, ids))
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for job, standing in settlement.same.items():
        groups[standing.uuid, job.attempt].append(job.id)
    for (uuid, attempt), ids in groups.items():
        moved = move(
            cr, "merge", ids, attempt=attempt, condition=IS_FREE, **_ended_as(uuid)
        )
        # another transaction changes the others, or relies on them: not to be ended,
        # nor to run
        rest = set(ids).difference(moved)
        move(cr, "return_pending", rest, attempt=attempt)
        stay.update(ids)
    for job, seconds in settlement.waits.items():
        cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        eta = cr.fetchall()[0][0] + timedelta(seconds=seconds)
        move(cr, "return_pending", [job.id], attempt=job.attempt, eta=eta)
        stay.add(job.id)
    return stay


def _supersede(cr: Cursor, statement: str, **which: Any) -> list[int]:
    params = {**guard_of("supersede"), "text": SUPERSEDED_BY, "most": MOST, "few": FEW}
    cr.execute(statement, {**params, **which})
    return [row[0] for row in cr.fetchall()]


def _merge_records(cr: Cursor, runs: Keyed, ids: list[int]) -> list[int]:
    guard = {**guard_of("merge", runs.attempt), **_ended_as(runs.uuid)}
    cr.execute(_MERGE_RECORDS, {**guard, "runs": runs.id, "ids": ids})
    return [row[0] for row in cr.fetchall()]


def _ended_as(uuid: str) -> dict[str, Any]:
    return {"result": SAME_AS.format(uuid), "same_as": uuid}
