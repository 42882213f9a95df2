"""The demo's jobs, as the database tells of them."""

import itertools
from collections import Counter
from typing import NamedTuple

from ..postgresql import Server

FINAL = ("done", "failed", "cancelled")
_COUNTS = """
SELECT channel, state, count(*) FROM queue_job GROUP BY channel, state
"""
# As JSON: moments come as text.
_ENDED = """
SELECT jsonb_build_object('uuid', j.uuid, 'state', j.state, 'result', j.result,
    'eta', j.eta, 'started', j.date_started, 'done', j.date_done,
    'exception', j.exc_message, 'channel', j.channel,
    'attempts', (SELECT count(*) FROM queue_job_attempt a WHERE a.job_id = j.id))
FROM queue_job j ORDER BY j.date_started, j.id
"""


class Channel(NamedTuple):
    """How far a channel is."""

    name: str
    total: int
    ended: int
    running: int
    failed: int


def channels(server: Server, database: str) -> list[Channel]:
    """Every channel that has jobs, by name."""
    states: dict[str, Counter[str]] = {}
    for name, state, count in server.query(_COUNTS, database):
        states.setdefault(name, Counter())[state] += count
    return [
        Channel(
            name,
            sum(found.values()),
            sum(found[state] for state in FINAL),
            found["started"],
            found["failed"],
        )
        for name, found in sorted(states.items())
    ]


def ended(server: Server, database: str) -> dict[str, dict]:
    """All jobs by their uuid, in the order in which they were started."""
    return {job["uuid"]: job for (job,) in server.query(_ENDED, database)}


def verdict(plan: list[dict], found: dict[str, dict]) -> list[str]:
    """What did not end as intended; empty if everything did."""
    complaints = [text for job in plan if (text := _wrong(job, found.get(job["uuid"])))]
    planned = {job["uuid"] for job in plan}
    complaints += [f"job {uuid} was never delayed" for uuid in set(found) - planned]
    return complaints + overlaps([found[u] for u in planned & set(found)])


def _wrong(intended: dict, job: dict | None) -> str:
    name = f"{intended['kind']} job {intended['uuid']}"
    if job is None:
        return f"{name} has vanished"
    if job["state"] != intended["state"]:
        why = f" ({job['exception']})" if job["exception"] else ""
        return f"{name} is {job['state']}{why}, not {intended['state']}"
    if intended["result"] is not None and job["result"] != intended["result"]:
        return f"{name} has the result {job['result']!r}, not {intended['result']!r}"
    if intended["kind"] == "eta" and _second(job["started"]) < _second(job["eta"]):
        return f"{name} began before its time"
    if intended["kind"] == "retry" and job["attempts"] != 2:
        return f"{name} was tried in vain {job['attempts']} times, not twice"
    return ""


def _second(moment: str) -> str:
    """A moment as the table keeps it when a job moves: without fractions."""
    return moment[:19]


def overlaps(jobs: list[dict], channel: str = "root.heavy") -> list[str]:
    """Jobs of the channel of capacity 1 that ran at the same time."""
    spans = sorted(
        (job["started"], job["done"], job["uuid"])
        for job in jobs
        if job["channel"] == channel and job["started"] and job["done"]
    )
    return [
        f"jobs {first[2]} and {second[2]} of {channel} ran at the same time"
        for first, second in itertools.pairwise(spans)
        if second[0] < first[1]
    ]
