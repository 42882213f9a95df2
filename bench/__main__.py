"""From the command line to the table and the JSON."""

import argparse
import importlib.util
import os
import signal
import sys

from tooling import cache, processes, python_packages
from tooling.console import Stop, complain, say

EPILOG = """\
Needs what script/setup fetches, and the package index for the others. Takes about
an hour and more with all rows and five pairs; --quick is for a first look: fewer jobs,
two pairs. Absolute figures need a machine that does nothing else; CPU milliseconds
per job bear company better than rates.
"""


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    signal.signal(signal.SIGTERM, _terminated)
    _enter_environment()
    from . import course

    try:
        return course.run(options)
    finally:
        processes.stop_all()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure the job queue, beside the existing addon and others.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "rows",
        nargs="*",
        metavar="ROW",
        help="which to measure (default: all): drain enqueue bulk latency held idle"
        " backlog many peers",
    )
    parser.add_argument("--quick", action="store_true", help="short runs, two pairs")
    parser.add_argument("--pairs", type=int, metavar="N", help="turns per row (5)")
    parser.add_argument("--jobs", type=int, metavar="N", help="jobs per drain (10000)")
    parser.add_argument(
        "--backlog", type=int, metavar="N", help="pending jobs (1000000)"
    )
    parser.add_argument(
        "--only-ours", action="store_true", help="without the existing addon"
    )
    parser.add_argument("--json", metavar="FILE", help="where to write the figures")
    return parser


def _enter_environment() -> None:
    """Go on under the Python that holds the PostgreSQL driver."""
    if importlib.util.find_spec("psycopg2"):
        return
    environment = python_packages.get()
    variables = python_packages.variables(environment, cache.CHECKOUT)
    python = str(environment.python)
    os.execve(python, [python, "-B", "-m", "bench", *sys.argv[1:]], variables)


def _terminated(_number: int, _frame: object) -> None:
    raise Stop("terminated", status=143)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as error:
        complain(f"bench: {error}")
        sys.exit(error.status)
    except KeyboardInterrupt:
        say("bench: stopped")
        sys.exit(130)
