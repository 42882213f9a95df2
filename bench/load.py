"""Jobs to measure with: made in bulk by copying one, watched until they are over."""

import time
from collections.abc import Callable, Iterable
from uuid import uuid4

from tooling.bootstrap.console import Stop

from .server import Bench

_UNFINISHED = "('pending', 'enqueued', 'started', 'wait_dependencies')"
_PATIENCE = 600.0  # seconds


def clear(bench: Bench, pattern: str = "one") -> None:
    """Leave one job per database, which is not to run for a long time: the pattern
    of all others.

    :param pattern: the bench's route that delays it
    """
    for name in bench.databases:
        bench.query("TRUNCATE queue_job CASCADE", database=name)
        bench.ask(pattern, database=name)
        bench.query("VACUUM ANALYZE queue_job", database=name)


def fill(bench: Bench, count: int, channels: int = 0, database=None) -> None:
    """Copy the pattern so many times, as jobs that may run at once; one commit.

    :param channels: spread the jobs over so many channels below the root
    """
    channel = f"'root.c' || (copy %% {channels})" if channels else "channel"
    copy = _copy(bench, "gen_random_uuid()::text", channel, database)
    bench.query(f"{copy}, generate_series(1, %s) copy", (count,), database=database)


def fill_with_records(bench: Bench, count: int) -> None:
    """Copy the pattern so many times, each for a record of its own; one commit."""
    bench.query("TRUNCATE queue_job_bench RESTART IDENTITY")
    bench.query(
        "INSERT INTO queue_job_bench (began) SELECT 0 FROM generate_series(1, %s)",
        (count,),
    )
    records = "jsonb_set(records::jsonb, '{ids}', jsonb_build_array(copy))::json"
    copy = _copy(bench, "gen_random_uuid()::text", "channel", records=records)
    bench.query(f"{copy}, generate_series(1, %s) copy", (count,))


def arrive(bench: Bench, moments: Iterable[float]) -> dict[str, float]:
    """Copy the pattern once at each of the moments, as a job that may run at once.

    :param moments: seconds from now, in order; who is late is made up for at once
    :return: by uuid, when the job was committed, in seconds since 1970
    """
    # planned once: who measures is to leave the machine to who is measured
    bench.query("SET plan_cache_mode = force_generic_plan")
    bench.query(f"PREPARE arrive (text) AS {_copy(bench, '$1', 'channel')}")
    begun, committed = time.monotonic(), {}
    for moment in moments:
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        uuid = str(uuid4())
        bench.query("EXECUTE arrive (%s)", (uuid,))
        committed[uuid] = time.time()
    bench.query("DEALLOCATE arrive")
    bench.query("RESET plan_cache_mode")
    return committed


def _copy(
    bench: Bench, uuid: str, channel: str, database: str | None = None, **others: str
) -> str:
    """The statement, without an end, that copies the pattern with these anew."""
    found = bench.query(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'queue_job' AND column_name NOT IN ('id', 'eta')",
        database=database,
    )
    names = [name for (name,) in found]
    anew = {"uuid": uuid, "channel": channel, **others}
    anew["date_created"] = "now() AT TIME ZONE 'UTC'"
    return (
        f"INSERT INTO queue_job ({', '.join(names)})"
        f" SELECT {', '.join(anew.get(name, name) for name in names)}"
        " FROM (SELECT * FROM queue_job WHERE eta IS NOT NULL LIMIT 1) pattern"
    )


def is_drained(bench: Bench) -> bool:
    """Whether every job but the pattern is over."""
    left = f"SELECT 1 FROM queue_job WHERE state IN {_UNFINISHED} AND eta IS NULL"
    return not any(bench.query(f"{left} LIMIT 1", database=n) for n in bench.databases)


def finished(bench: Bench) -> int:
    """How many jobs are done."""
    sql = "SELECT count(*) FROM queue_job WHERE state = 'done'"
    return sum(bench.query(sql, database=name)[0][0] for name in bench.databases)


def wait(is_so: Callable[[], bool], look: Callable[[], None], every: float) -> float:
    """Wait for something; ``look`` is called at each turn.

    :return: seconds it took
    :raises Stop: when it takes too long
    """
    begun = time.monotonic()
    while not is_so():
        look()
        if time.monotonic() - begun > _PATIENCE:
            raise Stop(f"the jobs were not over after {_PATIENCE:.0f} s")
        time.sleep(every)
    took = time.monotonic() - begun
    look()
    return took
