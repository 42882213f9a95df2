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

from ..core.deduplication import Decision, Keyed, decide
from .sql import load
from .transitions import IS_FREE, IS_IN_TIME, Cursor, may_move, move, update_of

#: Result of a job that ended because another one stands for it.
SAME_AS = "same as job {}"
#: ... and of a failed one that a later call made superfluous, as PostgreSQL formats it.
SUPERSEDED_BY = "superseded by job %s"
#: Waiting jobs of a key that are read together; more have their turn later.
MOST_OF_A_KEY = 1000
#: Of those that may supersede a failed job, how many are looked at.
FEW_SUPERSEDING = 10

#: Parts of the statements: the moves that they make.
MOVES = {
    "is_free": IS_FREE,
    "is_in_time": IS_IN_TIME,
    "merge": update_of("merge", ("result", "same_as")),
    "may_merge": may_move("merge"),
    "supersede": update_of("supersede"),
    "may_supersede": may_move("supersede"),
}
_SQL = load("deduplication", **MOVES)


def deduplicate(cr: Cursor, keys: Collection[str], chosen: Sequence[int]) -> set[int]:
    """See to jobs with identity keys that have just been dispatched, and to what
    waits beside them. Called by the runner.

    :param chosen: row ids, best job first
    :return: ids of those that are not to run now
    """
    jobs = under_way(cr, keys)
    dispatched = [job for job in jobs if job.id in set(chosen)]
    periods = [job.period for job in dispatched if job.period]
    if periods:
        jobs += done_lately(cr, {j.key for j in dispatched if j.period}, max(periods))
    decision = decide(jobs, chosen)
    # first, for then a call that another one stands for still waits: it may be the one
    # that says so
    superseding = {job.key for job in decision.taken_up(dispatched) if job.supersedes}
    if superseding:
        _supersede(cr, _SQL.supersede_of_keys, keys=list(superseding))
    return _record(cr, decision)


def supersede(cr: Cursor, ids: Collection[int]) -> list[int]:
    """Cancel those of these failed jobs that a later call of their key makes
    superfluous, because it says so. Called by the runner, for it may be behind them in
    a sequential channel, and by the worker, for it may have begun before they failed.

    :return: ids of the jobs that were cancelled
    """
    return _supersede(cr, _SQL.supersede_among, ids=list(ids))


def counting(
    cr: Cursor,
    keys: Collection[str],
    states: Collection[str],
    due: datetime,
    expires: datetime | None = None,
    supersedes: bool = False,
) -> dict[str, int]:
    """Return by key the id of the latest job that counts as the same as one that is due
    then, naive UTC: none that sleeps longer or may expire before it, nor what was to be
    dispatched when a caller still relied on it.

    :param expires: ``None``: never
    :param supersedes: only those that supersede failed jobs
    """
    params = {
        "keys": list(set(keys)),
        "states": list(states),
        "due": due,
        "expires": expires or "infinity",
        "supersedes": supersedes,
    }
    cr.execute(_SQL.counting, params)
    return dict(cr.fetchall())


def under_way(cr: Cursor, keys: Collection[str]) -> list[Keyed]:
    """Return of each key what is dispatched or runs, and the youngest of those that
    wait."""
    cr.execute(_SQL.under_way, {"keys": list(keys), "most": MOST_OF_A_KEY})
    return [Keyed(*row) for row in cr.fetchall()]


def done_lately(cr: Cursor, keys: Collection[str], seconds: int) -> list[Keyed]:
    """Return of each key the last job that was done within so many seconds, if it was
    delayed with a period."""
    cr.execute(_SQL.done_lately, {"keys": list(keys), "seconds": seconds})
    return [Keyed(*row) for row in cr.fetchall()]


def other_call(cr: Cursor, key: str, call: dict[str, Any]) -> str | None:
    """Return the call of a waiting job of the key that another one cannot be merged
    with.

    :param call: ``model``, ``method``, and as stored texts ``records``, ``args`` and
        ``kwargs``
    """
    cr.execute(_SQL.other_call, {**call, "key": key, "most": MOST_OF_A_KEY})
    return next((row[0] for row in cr.fetchall()), None)


def deadline(cr: Cursor, key: str) -> datetime | None:
    """Tell when the waiting job of a key has to run at the latest: naive UTC."""
    cr.execute(_SQL.deadline, {"key": key})
    return next((row[0] for row in cr.fetchall()), None)


def still_counting(cr: Cursor) -> list[int]:
    """Row ids of jobs that are done and, by their period, still keep others out."""
    cr.execute(_SQL.still_counting)
    return [row[0] for row in cr.fetchall()]


def _record(cr: Cursor, decision: Decision) -> set[int]:
    stay: set[int] = set()
    by_runs: dict[Keyed, list[int]] = defaultdict(list)
    for job, runs in decision.merged.items():
        by_runs[runs].append(job.id)
    for runs, ids in by_runs.items():
        stay.update(_merge_records(cr, runs, ids))
    groups: dict[tuple[Keyed, int], list[Keyed]] = defaultdict(list)
    for job, standing in decision.same.items():
        groups[standing, job.attempt].append(job)
    for (standing, attempt), jobs in groups.items():
        ids = [job.id for job in jobs]
        ended = _ended_as(standing.uuid)
        to_end = ids if _outlasts(cr, standing, jobs) else []
        moved = move(cr, "merge", to_end, attempt=attempt, condition=IS_FREE, **ended)
        # another transaction changes the others, or relies on them: not to be ended,
        # nor to run
        rest = set(ids).difference(moved)
        move(cr, "return_pending", rest, attempt=attempt)
        stay.update(ids)
    for job, seconds in decision.waits.items():
        cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        eta = cr.fetchall()[0][0] + timedelta(seconds=seconds)
        move(cr, "return_pending", [job.id], attempt=job.attempt, eta=eta)
        stay.add(job.id)
    return stay


def _supersede(cr: Cursor, statement: str, **which: Any) -> list[int]:
    params = {
        **which,
        "text": SUPERSEDED_BY,
        "most": MOST_OF_A_KEY,
        "few": FEW_SUPERSEDING,
    }
    cr.execute(statement, params)
    return [row[0] for row in cr.fetchall()]


def _outlasts(cr: Cursor, standing: Keyed, jobs: Collection[Keyed]) -> bool:
    """Have a job expire no sooner than those that it stands for.

    :return: whether it does
    """
    if all(standing.outlasts(job) for job in jobs):
        return True
    ids = [job.id for job in jobs]
    cr.execute(_SQL.expire_as_late, {"stands": standing.id, "ids": ids})
    return bool(cr.fetchall())


def _merge_records(cr: Cursor, runs: Keyed, ids: list[int]) -> list[int]:
    params = {"runs": runs.id, "attempt": runs.attempt, "ids": ids}
    cr.execute(_SQL.merge_records, {**params, **_ended_as(runs.uuid)})
    return [row[0] for row in cr.fetchall()]


def _ended_as(uuid: str) -> dict[str, Any]:
    return {"result": SAME_AS.format(uuid), "same_as": uuid}
