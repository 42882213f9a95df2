"""The rows in their order, each in turns of ours and theirs."""

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tooling import setup
from tooling.bootstrap import parsers
from tooling.bootstrap.console import Stop, say
from tooling.odoo_server import Installation

from . import peers, report, rows, subjects
from .rows import Figures
from .server import WORKERS, Bench
from .subjects import Subject


class Sizes(NamedTuple):
    """How much is measured."""

    pairs: int
    jobs: int
    enqueued: int
    lone: int
    steady: float
    idle: float
    backlog: int


FULL = Sizes(5, 10_000, 2_000, 100, 10.0, 30.0, 1_000_000)
QUICK = Sizes(2, 500, 300, 20, 3.0, 5.0, 20_000)


def main(words: list[str]) -> int:
    """Measure what was asked for."""
    options = parsers.parse("bench", words)
    sizes = _sizes(options)
    chosen = options.rows or list(ROWS)
    for row in chosen:
        if row not in ROWS:
            raise Stop(f"no row {row}: one of {', '.join(ROWS)}")
    with setup.installation() as installation:
        tested = [subjects.ours()]
        tested += [subjects.beside(Path(folder)) for folder in options.beside]
        if not options.only_ours:
            tested.append(subjects.existing())
        versions = {subject.name: subject.version for subject in tested}
        versions["postgresql"] = installation.server.query("SHOW server_version")[0][0]
        machine = report.machine(versions)
        say(", ".join(f"{key}: {value}" for key, value in machine.items()))
        found = {}
        for row in chosen:
            found[row] = ROWS[row](installation, tested, sizes, row)
    if options.json:
        report.write(Path(options.json), machine, found)
    return 0


def _sizes(options: argparse.Namespace) -> Sizes:
    sizes = QUICK if options.quick else FULL
    given = {name: getattr(options, name) for name in ("pairs", "jobs", "backlog")}
    return sizes._replace(**{name: value for name, value in given.items() if value})


def _in_turns(
    installation: Installation,
    tested: list[Subject],
    pairs: int,
    measure: Callable[[Bench], Figures],
    channels: str = f"root:{WORKERS}",
    more: int = 0,
) -> dict[str, list[Figures]]:
    """Both servers run all the time; ours and theirs work one after the other."""
    with contextlib.ExitStack() as stack:
        benches = []
        for subject in tested:
            bench = Bench(installation, subject, channels, more)
            benches.append(stack.enter_context(bench.open()))
            bench.start()
            rows.drain(bench, 200)  # registries, connections, caches
        found: dict[str, list[Figures]] = {bench.name: [] for bench in benches}
        for _turn in range(pairs):
            for bench in benches:
                found[bench.name].append(measure(bench))
    return found


def _simple(what: str, measure: Callable[[Bench, Sizes], Figures]) -> Callable:
    def run_row(
        installation: Installation, tested: list[Subject], sizes: Sizes, row: str
    ) -> dict[str, Any]:
        found = _in_turns(
            installation, tested, sizes.pairs, lambda bench: measure(bench, sizes)
        )
        return report.show(row, what, found)

    return run_row


def _many(
    installation: Installation, tested: list[Subject], sizes: Sizes, row: str
) -> dict[str, Any]:
    names = [f"root.c{number}:{WORKERS}" for number in range(1000)]
    channels = ",".join([f"root:{WORKERS}", *names])
    found = _in_turns(
        installation,
        tested,
        sizes.pairs,
        lambda bench: rows.drain(bench, sizes.jobs, channels=1000),
        channels,
        more=9,
    )
    return report.show(row, "drain of 10 databases with 1,000 channels", found)


def _peers(
    installation: Installation, tested: list[Subject], sizes: Sizes, row: str
) -> dict[str, Any]:
    found = peers.measure(installation, sizes.pairs, sizes.jobs)
    return report.show(row, "drain by Python queues without Odoo", found)


ROWS: dict[str, Callable[..., dict[str, Any]]] = {
    "drain": _simple(
        "drain of no-op jobs, 4 HTTP workers, root:4",
        lambda bench, sizes: rows.drain(bench, sizes.jobs),
    ),
    "enqueue": _simple(
        "with_delay() one after the other in a transaction",
        lambda bench, sizes: rows.enqueue(bench, sizes.enqueued),
    ),
    "keyed": _simple(
        "with_delay() one after the other, each with an identity key of its own",
        lambda bench, sizes: rows.enqueue(bench, sizes.enqueued, "enqueue_keyed"),
    ),
    "bulk": _simple(
        "one call that delays many jobs",
        lambda bench, sizes: rows.bulk(bench, sizes.enqueued),
    ),
    "latency": _simple(
        "commit to beginning of a lone job",
        lambda bench, sizes: rows.latency(bench, sizes.lone),
    ),
    "steady": _simple(
        "commit to beginning, jobs arriving at random",
        lambda bench, sizes: rows.steady(bench, sizes.steady),
    ),
    "chunk": _simple(
        "drain of jobs that write a record: one call for each, and one for many",
        lambda bench, sizes: rows.chunk(bench, sizes.jobs),
    ),
    "held": _simple(
        "drain while a REPEATABLE READ transaction is open",
        lambda bench, sizes: rows.held(bench, sizes.jobs),
    ),
    "idle": _simple(
        "nothing to do",
        lambda bench, sizes: rows.idle(bench, sizes.idle),
    ),
    "backlog": _simple(
        "a large backlog when the server starts",
        lambda bench, sizes: rows.backlog(bench, sizes.backlog, sizes.jobs),
    ),
    "many": _many,
    "peers": _peers,
}
