"""Jobs to measure with: made in bulk by copying one, watched until they are over."""

import time
from collections.abc import Callable

from tooling.bootstrap.console import Stop

from .server import Bench

_UNFINISHED = "('pending', 'enqueued', 'started', 'wait_dependencies')"
_PATIENCE = 600.0  # seconds


def clear(bench: Bench) -> None:
    """Leave one job per database, which is not to run for a long time: the pattern
    of all others."""
    for name in bench.databases:
        bench.query("TRUNCATE queue_job CASCADE", database=name)
        bench.ask("one", database=name)
        bench.query("VACUUM ANALYZE queue_job", database=name)


def fill(bench: Bench, count: int, channels: int = 0, database=None) -> None:
    """Copy the pattern so many times, as jobs that may run at once; one commit.

    :param channels: spread the jobs over so many channels below the root
    """
    found = bench.query(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'queue_job' AND column_name NOT IN ('id', 'uuid', 'eta')",
        database=database,
    )
    names = [name for (name,) in found]
    values = ["now() AT TIME ZONE 'UTC'" if n == "date_created" else n for n in names]
    if channels:
        place = names.index("channel")
        values[place] = f"'root.c' || (copy %% {channels})"
    bench.query(
        f"INSERT INTO queue_job (uuid, {', '.join(names)})"
        f" SELECT gen_random_uuid()::text, {', '.join(values)}"
        " FROM (SELECT * FROM queue_job WHERE eta IS NOT NULL LIMIT 1) pattern,"
        " generate_series(1, %s) copy",
        (count,),
        database=database,
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
