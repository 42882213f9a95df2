# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The command line."""

import argparse
import textwrap
from collections.abc import Callable
from typing import Any

from ..core.states import State
from . import (
    channels,
    check,
    doctor,
    failures,
    keys,
    looking,
    moving,
    running,
)
from .call import Call

_EXAMPLES = {
    "status": "odoo queue_job status -c odoo.conf -d prod --json",
    "jobs": "odoo queue_job jobs -d prod --state failed --since 2h --limit 50",
    "show": "odoo queue_job show -d prod 6f8c1c8e-0f1a-4b53-a7a4-6b5ef4e39d01",
    "requeue": (
        "odoo queue_job requeue -d prod --function sale.order.export --since 1d\n"
        "odoo queue_job requeue -d prod --yes 6f8c1c8e-0f1a-4b53-a7a4-6b5ef4e39d01"
    ),
    "cancel": "odoo queue_job cancel -d prod --channel root.mail --state pending",
    "stop": (
        "odoo queue_job stop -d prod 6f8c1c8e-0f1a-4b53-a7a4-6b5ef4e39d01"
        " --reason 'wrong period'"
    ),
    "run": "odoo queue_job run -d prod --requeue 6f8c1c8e-0f1a-4b53-a7a4-6b5ef4e39d01",
    "channels": "odoo queue_job channels -d prod",
    "pause": "odoo queue_job pause -d prod root.mail",
    "resume": "odoo queue_job resume -d prod root.mail",
    "failures": "odoo queue_job failures -d prod --since 1d",
    "check": "odoo queue_job check -c odoo.conf -d prod --all",
    "doctor": "odoo queue_job doctor -c odoo.conf -d prod",
    "encrypt": "odoo queue_job encrypt -c odoo.conf -d prod",
    "explain": "odoo queue_job explain -d prod 6f8c1c8e-0f1a-4b53-a7a4-6b5ef4e39d01",
}
_EPILOG = """\
Exit status: 0 all is well; 1 what was asked cannot be done, or was found wrong;
2 the command line makes no sense.

Examples:
{examples}"""

Function = Callable[[Call], int]


def build(prog: str) -> argparse.ArgumentParser:
    """Return the parser; ``run`` in what it parses is the function to be called."""
    parser = _parser(prog, "Look into the job queue of a database, and put it right.")
    parser.epilog = _epilog(*_EXAMPLES)
    adder = parser.add_subparsers(dest="subcommand", required=True, metavar="WHAT")

    def add(name: str, function: Function) -> argparse.ArgumentParser:
        return _add_subcommand(adder, name, function)

    add("status", looking.status)
    _add_filters(add("jobs", looking.jobs), limit=20)
    add("show", looking.show).add_argument("uuid", metavar="UUID")
    _add_moving(add("requeue", moving.requeue))
    _add_moving(add("cancel", moving.cancel))
    stop = add("stop", moving.stop)
    _add_moving(stop)
    stop.add_argument("--reason", help="shown with the request, and in the results")
    run = add("run", running.run)
    run.add_argument("uuid", metavar="UUID")
    run.add_argument(
        "--requeue", action="store_true", help="requeue it before, if it has ended"
    )
    add("channels", channels.channels)
    add("pause", channels.pause).add_argument("name", metavar="CHANNEL")
    add("resume", channels.resume).add_argument("name", metavar="CHANNEL")
    _add_failures(add("failures", failures.failures))
    add("check", check.check).add_argument(
        "--all",
        action="store_true",
        help="look at arguments and records of all jobs, not of a thousand of each"
        " function",
    )
    add("doctor", doctor.doctor)
    add("encrypt", keys.encrypt)
    add("explain", looking.explain).add_argument("uuid", metavar="UUID")
    return parser


def _parser(prog: str, description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=prog,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_subcommand(
    adder: Any, name: str, function: Function
) -> argparse.ArgumentParser:
    summary = " ".join((function.__doc__ or "").split())
    made: argparse.ArgumentParser = adder.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=_epilog(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=function)
    _add_place(made)
    return made


def _epilog(*names: str) -> str:
    examples = "\n".join(_EXAMPLES[name] for name in names)
    return _EPILOG.format(examples=textwrap.indent(examples, "  "))


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-c", "--config", metavar="FILE", help="Odoo's configuration")
    parser.add_argument("-d", "--database", metavar="DB", help="name of the database")
    parser.add_argument(
        "--json", action="store_true", help="answer with JSON, for programs"
    )
    parser.add_argument(
        "--log-level",
        choices=("critical", "error", "warn", "info", "debug"),
        help="what of Odoo's log to see (default: warn; info while a job runs)",
    )


def _add_filters(parser: argparse.ArgumentParser, limit: int | None = None) -> None:
    parser.add_argument(
        "--state",
        action="append",
        choices=[state.value for state in State],
        help="only jobs of this state; may be given several times",
    )
    parser.add_argument("--channel", help="only of this channel and those below it")
    parser.add_argument(
        "--function", metavar="MODEL.METHOD", help="only of this method"
    )
    parser.add_argument("--model", help="only of this model")
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="only created since then: 30m, 2h, 7d ago, or a date and time in UTC",
    )
    if limit is not None:
        _add_limit(parser, limit)


def _add_limit(parser: argparse.ArgumentParser, limit: int) -> None:
    parser.add_argument(
        "--limit",
        type=_count,
        default=limit,
        help=f"show so many at most (default: {limit})",
    )


def _add_failures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--status",
        choices=("open", "ignored", "fixed", "all"),
        default="open",
        help="what users think of it (default: open)",
    )
    parser.add_argument(
        "--function", metavar="MODEL.METHOD", help="only of this method"
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="only met since then: 30m, 2h, 7d ago, or a date and time in UTC",
    )
    _add_limit(parser, 20)


def _add_moving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("uuids", metavar="UUID", nargs="*", help="of the jobs")
    _add_filters(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say how many jobs would be moved"
    )


def _count(word: str) -> int:
    try:
        count = int(word)
    except ValueError:
        count = 0
    if not 0 < count <= 100_000:
        raise argparse.ArgumentTypeError(f"{word!r} is not between 1 and 100000")
    return count
