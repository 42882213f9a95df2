"""The command lines, read before anything is fetched: who asks for help or mistypes a
word is answered at once."""

import argparse

COMMANDS = (
    "setup",
    "test",
    "lint",
    "demo",
    "bench",
    "translations",
    "screenshots",
)

_SETUP = """\
Everything goes into a cache outside the checkout ($QUEUE_JOB_CACHE, else
$XDG_CACHE_HOME or ~/.cache; as root with a closed home: /var/cache).
Odoo 19 is taken from ODOO_PATH, else the odoo on the PATH, else the cache, else
Debian's unstable suite (unpacked, not installed), else a git clone.
PostgreSQL is the server that PGHOST names (with PGPORT, PGUSER, PGPASSWORD), else
an embedded one. Templates stay there: databases named queue_job_base_… and
queue_job_demo_…

On other systems than Debian: install python3 (3.10 or later, with venv and pip) and
git; Odoo is then cloned. Or name your own in ODOO_PATH. On systems for which there
is no embedded PostgreSQL, name a server in PGHOST.
"""

_TEST = """\
PATTERN is the name of a suite (lint, pure, tooling, bench, store, runner, packaging,
odoo, demo, clients, former), else it is looked for in the names of files, classes,
tests and lint checks.
What follows -- goes to pytest: script/test runner -- -x
"""

_DEMO = """\
The server listens on loopback only. The first run takes minutes (see script/setup
--help for what it fetches and which Odoo or PostgreSQL of yours it can use), the next
ones take seconds and need no network. Ctrl-C or SIGTERM ends the demo; its database
is dropped then.
"""

_SCREENSHOTS = """\
Starts a server like the one of script/demo, on a database that is dropped at the end,
and a headless Chromium. Look at each picture before you commit it.
"""

_BENCH = """\
Needs what script/setup fetches, and the package index for the others. Takes about
an hour and more with all rows and five pairs; --quick is for a first look: fewer jobs,
two pairs. Absolute figures need a machine that does nothing else; CPU milliseconds
per job bear company better than rates.
"""


def parse(command: str, words: list[str]) -> argparse.Namespace:
    """What a command was asked for.

    :raises SystemExit: after help, or after what is wrong with the words
    """
    return _PARSERS[command]().parse_args(words)


def _parser(
    command: str, description: str, epilog: str = ""
) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"script/{command}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _setup() -> argparse.ArgumentParser:
    parser = _parser(
        "setup", "Fetch and prepare what the demo and the tests need.", _SETUP
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="do not look for a browser"
    )
    return parser


def _test() -> argparse.ArgumentParser:
    parser = _parser(
        "test", "Run every test there is, or those that a pattern names.", _TEST
    )
    parser.add_argument("pattern", nargs="?", default="", metavar="PATTERN")
    parser.add_argument(
        "--clients",
        action="store_true",
        help="also the tests of published add-ons that delay jobs, and of taking over a"
        " database of the add-on that there was before",
    )
    parser.add_argument(
        "--pure", action="store_true", help="only what needs no Odoo: seconds"
    )
    parser.add_argument(
        "--nightly",
        action="store_true",
        help="only the long forms: properties with 3,000 examples, large tables five"
        " times as large (QUEUE_JOB_TEST_SIZE), and --faults: hours",
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="of these only kills and restarts, each several times, and 10,000 jobs"
        " under a random schedule of them: an hour. QUEUE_JOB_FAULTS_JOBS, _ROUNDS"
        " and _SEED say otherwise",
    )
    return parser


def _lint() -> argparse.ArgumentParser:
    parser = _parser(
        "lint", "Check style, types, import contracts, XML and JavaScript."
    )
    parser.add_argument(
        "--fix", action="store_true", help="put right what a program can"
    )
    return parser


def _demo() -> argparse.ArgumentParser:
    parser = _parser(
        "demo", "Watch a prefork Odoo server work off some hundred jobs.", _DEMO
    )
    parser.add_argument(
        "--exit",
        action="store_true",
        help="stop when all jobs have ended; status 0 if all ended as intended",
    )
    parser.add_argument("--jobs", type=_count, default=300, metavar="N")
    parser.add_argument(
        "--port", type=int, metavar="N", help="for HTTP; else 8069 or the next free one"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to 100000")
    return int(text)


def _bench() -> argparse.ArgumentParser:
    parser = _parser(
        "bench", "Measure the job queue, beside the existing addon and others.", _BENCH
    )
    parser.add_argument(
        "rows",
        nargs="*",
        metavar="ROW",
        help="which to measure (default: all): drain enqueue keyed bulk latency steady"
        " chunk held idle backlog many peers",
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
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="CHECKOUT",
        help="also measure the addon of another checkout: before and after, in turns;"
        " as often as there are any",
    )
    parser.add_argument("--json", metavar="FILE", help="where to write the figures")
    return parser


def _translations() -> argparse.ArgumentParser:
    return _parser(
        "translations",
        "Write the template of translations anew and bring every language in step;\n"
        "what is not translated yet is named.",
    )


def _screenshots() -> argparse.ArgumentParser:
    parser = _parser(
        "screenshots", "Take the pictures of the documentation anew.", _SCREENSHOTS
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="which of them (default: all)"
    )
    parser.add_argument(
        "--to",
        metavar="FOLDER",
        help="where to write them (default: queue_job/static/description)",
    )
    return parser


_PARSERS = {
    "setup": _setup,
    "test": _test,
    "lint": _lint,
    "demo": _demo,
    "bench": _bench,
    "translations": _translations,
    "screenshots": _screenshots,
}
