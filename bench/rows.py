"""One function per row of the table: measures once, answers figures by name."""

import random
import statistics
import threading
import time
from collections.abc import Callable, Iterable

from tooling.bootstrap.console import Stop

from . import load
from .cpu import Meter
from .server import ROLES, Bench

Figures = dict[str, float]

#: Jobs that arrive each second, of the row ``steady``.
RATES = (5, 20, 50, 100, 200)


def drain(bench: Bench, count: int, channels: int = 0) -> Figures:
    """No-op jobs committed at once, until the last of them is done."""
    load.clear(bench)
    meters = bench.meters()
    each = count // len(bench.databases)
    for name in bench.databases:
        load.fill(bench, each, channels, database=name)
    return _drained(bench, meters, lambda: load.is_drained(bench), each)


def chunk(bench: Bench, count: int) -> Figures:
    """Jobs that write one record each: one call for each, and one for many."""
    figures = {}
    for pattern, how in (("count_up", "alone"), ("count_up_together", "together")):
        if bench.ask(pattern) is None:
            return {}
        load.clear(bench, pattern)
        meters = bench.meters()
        load.fill_with_records(bench, count)
        found = _drained(bench, meters, lambda: load.is_drained(bench), count)
        counted = "SELECT min(began), max(began) FROM queue_job_bench"
        [(least, most)] = bench.query(counted)
        if (least, most) != (1, 1):
            raise Stop(f"records were written {least} to {most} times, not once")
        figures |= {f"{name} {how}": found[name] for name in ("jobs/s", "CPU ms/job")}
    return figures


def _drained(
    bench: Bench, meters: dict[str, Meter], is_over: Callable[[], bool], count: int
) -> Figures:
    def look() -> None:
        meters["postgresql"].look(bench.pids("postgresql"))

    took = load.wait(is_over, look, 0.05)
    count *= len(bench.databases)
    figures = {"jobs/s": count / took}
    for role in ROLES:
        meters[role].look(())
        figures[f"CPU ms/job {role}"] = 1000 * meters[role].used / count
    figures["CPU ms/job"] = sum(figures[f"CPU ms/job {role}"] for role in ROLES)
    return figures


def enqueue(bench: Bench, count: int, route: str = "enqueue") -> Figures:
    """``with_delay()`` one after the other in a transaction, commit included."""
    load.clear(bench)
    postgresql = Meter(bench.pids("postgresql"))
    found = bench.ask(f"{route}?count={count}")
    if found is None:
        return {}
    postgresql.look(bench.pids("postgresql"))
    return {
        "jobs/s": count / found["seconds"],
        "CPU ms/job workers": 1000 * found["cpu"] / count,
        "CPU ms/job postgresql": 1000 * postgresql.used / count,
    }


def bulk(bench: Bench, count: int) -> Figures:
    """One call for many jobs; where there is none, one by one."""
    return enqueue(bench, count, "enqueue_many") or enqueue(bench, count)


def latency(bench: Bench, count: int) -> Figures:
    """From the commit of a lone job to its beginning, on an idle queue."""
    load.clear(bench)
    bench.query("TRUNCATE queue_job_bench")
    waits = []
    for _number in range(count):
        committed = bench.ask("lone")
        load.wait(lambda: bool(_began(bench)), lambda: None, 0.02)
        waits.append(1000 * (_began(bench)[0][0] - committed))
        bench.query("TRUNCATE queue_job_bench")
        time.sleep(0.1)  # the queue is idle again, and so is everything around it
    return _waits(waits)


def steady(bench: Bench, seconds: float) -> Figures:
    """From a job's commit to its beginning, while jobs arrive at random."""
    figures = {}
    for rate in RATES:
        load.clear(bench, "noting")
        bench.query("TRUNCATE queue_job_bench")
        committed = load.arrive(bench, _moments(rate, seconds))
        load.wait(lambda: load.is_drained(bench), lambda: None, 0.1)
        began = dict(bench.query("SELECT uuid, began::float8 FROM queue_job_bench"))
        waits = [1000 * (began[uuid] - moment) for uuid, moment in committed.items()]
        figures |= _waits(waits, f" at {rate}/s")
    return figures


def _moments(rate: int, seconds: float) -> Iterable[float]:
    """The same random moments for all who are measured; a hundred at least, of which
    the slowest can be told."""
    chance, moment = random.Random(rate), 0.0
    for _number in range(max(100, round(rate * seconds))):
        moment += chance.expovariate(rate)
        yield moment


def _waits(waits: list[float], when: str = "") -> Figures:
    waits = sorted(waits)
    return {
        f"ms p50{when}": statistics.median(waits),
        f"ms p99{when}": waits[min(len(waits) - 1, round(0.99 * len(waits)))],
    }


def _began(bench: Bench) -> list:
    return bench.query("SELECT began::float8 FROM queue_job_bench")


def held(bench: Bench, count: int) -> Figures:
    """The drain, while a transaction that was begun before is held open."""
    load.clear(bench)
    connection = bench.installation.server.connect(bench.databases[0])
    try:
        connection.autocommit = False
        connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cr:
            cr.execute("SELECT count(*) FROM res_users")
        meters = bench.meters()
        load.fill(bench, count)
        return _drained(bench, meters, lambda: load.is_drained(bench), count)
    finally:
        connection.close()


def idle(bench: Bench, seconds: float) -> Figures:
    """Nothing to do: share of a core that the runner and its database use."""
    load.clear(bench)
    time.sleep(2)
    meters = bench.meters()
    threading.Event().wait(seconds)
    for role in ROLES:
        meters[role].look(bench.pids(role) if role == "postgresql" else ())
    return {
        f"% of a core {role}": 100 * meters[role].used / seconds
        for role in ("runner", "postgresql")
    }


def backlog(bench: Bench, pending: int, count: int) -> Figures:
    """Many pending jobs when the server starts: the first one, memory, the rate.

    The server is started by this row.
    """
    bench.stop()
    bench.start()
    load.clear(bench)
    time.sleep(8)
    empty = bench.runner_memory()
    bench.stop()
    load.fill(bench, pending)
    # Else counting what is done reads the million rows, and takes a core for itself.
    bench.query(
        "CREATE INDEX IF NOT EXISTS bench_done ON queue_job (id) WHERE state = 'done'"
    )
    # Filling such a table leaves work behind that has nothing to do with its jobs.
    bench.query("VACUUM ANALYZE queue_job")
    bench.start()
    begun = time.monotonic()
    load.wait(lambda: load.finished(bench) > 0, lambda: None, 0.05)
    first = time.monotonic() - begun
    load.wait(lambda: load.finished(bench) >= count, lambda: None, 0.05)
    beginning = time.monotonic() - begun
    before = load.finished(bench)  # the workers are warm now
    meters = bench.meters()
    figures = _drained(
        bench, meters, lambda: load.finished(bench) >= before + count, count
    )
    figures["jobs/s from the start on"] = count / beginning
    figures["s to first job"] = first
    figures["MB more in the runner"] = (bench.runner_memory() - empty) / 1e6
    bench.query("TRUNCATE queue_job CASCADE")
    return figures
