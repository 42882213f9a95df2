# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong around a job queue in practice: in the configuration, in PostgreSQL,
in the code. The rules of the doctor; those of ``health.py`` are the ones a monitor may
ask for every few seconds.
"""
# The core has no environment to translate in: it only marks texts.
# pylint: disable=prefer-env-translation

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .health import Finding, Severity, Thresholds, _, sort


@dataclass(frozen=True)
class Transaction:
    """One that is open.

    :param pid: process of PostgreSQL
    :param age: seconds since it began
    :param told_as: what else tells which it is
    """

    pid: int
    age: float
    told_as: str


@dataclass(frozen=True)
class Condition:
    """What takes longer to find out, or is not in the database.

    :param marked_modules: modules that are to be installed, upgraded or removed
    :param missing_triggers: triggers that the table of jobs should have
    :param missing_indexes: indexes that are missing, or that PostgreSQL cannot use
    :param transactions: those open for longest
    :param live_rows: rows of the table of jobs, as PostgreSQL estimates
    :param dead_rows: ... and rows no transaction sees any more
    :param clock_difference: seconds that this host's clock is ahead
    :param is_pooled: whether a pooler shares the sessions that the queue uses
    :param channels_error: why the configured channels cannot be read
    :param root_capacity: what they let run at a time
    :param http_workers: of this server; 0 = threads
    :param is_server_wide: whether this configuration loads the add-on server-wide
    :param address_error: why Odoo does not answer where a runner would ask it
    :param gone_functions: functions of waiting jobs that the code does not have
    :param unrecorded_functions: functions of waiting jobs without a record
    :param unrunnable: functions some of whose waiting jobs cannot run, each with why
    """

    marked_modules: Sequence[str] = ()
    missing_triggers: Sequence[str] = ()
    missing_indexes: Sequence[str] = ()
    transactions: Sequence[Transaction] = ()
    live_rows: int = 0
    dead_rows: int = 0
    clock_difference: float = 0.0
    is_pooled: bool = False
    channels_error: str = ""
    root_capacity: int = 1
    http_workers: int = 0
    is_server_wide: bool = True
    address_error: str = ""
    gone_functions: Sequence[str] = ()
    unrecorded_functions: Sequence[str] = ()
    unrunnable: Sequence[str] = ()


def diagnose(
    condition: Condition,
    thresholds: Thresholds = Thresholds(),  # noqa: B008  # frozen
) -> list[Finding]:
    """Return what goes wrong around it, the worst first."""
    return sort(_diagnose_all(condition, thresholds))


def _diagnose_all(condition: Condition, limits: Thresholds) -> Iterator[Finding]:
    yield from _of_configuration(condition)
    yield from _of_sessions(condition, limits)
    yield from _of_table(condition, limits)
    yield from _of_modules(condition)
    yield from _of_code(condition)


def _of_configuration(condition: Condition) -> Iterator[Finding]:
    if condition.channels_error:
        yield Finding(
            "channels",
            Severity.CRITICAL,
            _("The configured channels cannot be read: %(error)s."),
            _("Correct 'channels' in [queue_job], and restart the server."),
            {"error": condition.channels_error},
        )
    if not condition.is_server_wide:
        yield Finding(
            "not_server_wide",
            Severity.NOTE,
            _("A server with this configuration runs no jobs."),
            _("If it is to, add queue_job to server_wide_modules, and restart it."),
        )
    if condition.address_error:
        yield Finding(
            "address",
            Severity.CRITICAL,
            _("Odoo does not answer where a runner would ask it: %(error)s."),
            _("Check host, port and scheme in [queue_job], and that Odoo runs."),
            {"error": condition.address_error},
        )
    capacity, workers = condition.root_capacity, condition.http_workers
    if 0 < workers <= capacity:
        yield Finding(
            "workers",
            Severity.WARNING,
            _(
                "Jobs may take all %(workers)d HTTP workers of this server, and leave"
                " none for users."
            ),
            _("Lower the capacity of root, or raise 'workers'."),
            {"workers": workers},
        )


def _of_sessions(condition: Condition, limits: Thresholds) -> Iterator[Finding]:
    if condition.is_pooled:
        yield Finding(
            "pooler",
            Severity.CRITICAL,
            _("A connection pooler stands between the queue and PostgreSQL."),
            _(
                "Set jobrunner_db_host and jobrunner_db_port in [queue_job] to"
                " PostgreSQL itself."
            ),
        )
    ahead = condition.clock_difference
    if abs(ahead) > limits.clock_difference:
        yield Finding(
            "clocks",
            Severity.WARNING,
            _("The clock of this server differs from PostgreSQL's by %(seconds)d s."),
            _(
                "Let both hosts keep time with NTP. Jobs go by PostgreSQL's clock, what"
                " else Odoo does by this one."
            ),
            {"seconds": abs(ahead)},
        )
    for transaction in condition.transactions:
        if transaction.age > limits.transaction_age:
            yield _old_transaction(transaction)


def _old_transaction(transaction: Transaction) -> Finding:
    return Finding(
        "old_transaction",
        Severity.WARNING,
        _(
            "A transaction has been open for %(seconds)d s (process %(pid)s of"
            " PostgreSQL, %(told_as)s): dead rows of all tables are kept for it, and"
            " every poll reads past them."
        ),
        _("Let it end, or end it: SELECT pg_terminate_backend(%(pid)s)."),
        {
            "seconds": transaction.age,
            "pid": transaction.pid,
            "told_as": transaction.told_as,
        },
    )


def _of_table(condition: Condition, limits: Thresholds) -> Iterator[Finding]:
    if condition.missing_triggers:
        yield Finding(
            "triggers",
            Severity.CRITICAL,
            _("Triggers are missing or disabled: %(names)s."),
            _("Update the module: odoo -u queue_job --stop-after-init."),
            {"names": _enumerated(condition.missing_triggers)},
        )
    if condition.missing_indexes:
        yield Finding(
            "indexes",
            Severity.WARNING,
            _("Indexes are missing or invalid: %(names)s."),
            _(
                "Drop those that are invalid, and update the module:"
                " odoo -u queue_job --stop-after-init."
            ),
            {"names": _enumerated(condition.missing_indexes)},
        )
    dead, whole = condition.dead_rows, condition.live_rows + condition.dead_rows
    if dead > limits.dead_rows and dead > limits.dead_share * whole:
        yield Finding(
            "bloat",
            Severity.WARNING,
            _("The table of jobs holds %(dead)d dead rows, and %(live)d others."),
            _(
                "Find what keeps autovacuum from them (an old transaction, a"
                " replication slot), then VACUUM queue_job."
            ),
            {"dead": dead, "live": condition.live_rows},
        )


def _of_modules(condition: Condition) -> Iterator[Finding]:
    if condition.marked_modules:
        yield Finding(
            "marked_modules",
            Severity.WARNING,
            _("Jobs wait while modules are to be changed: %(names)s."),
            _("Upgrade them, or cancel that in Apps; else jobs go on after minutes."),
            {"names": _enumerated(condition.marked_modules)},
        )


def _of_code(condition: Condition) -> Iterator[Finding]:
    if condition.gone_functions:
        yield Finding(
            "gone_functions",
            Severity.WARNING,
            _("Jobs wait whose model or method is not in the code: %(names)s."),
            _(
                "They will fail. Install the module that brings it, or cancel them:"
                " odoo queue_job cancel --function …"
            ),
            {"names": _enumerated(condition.gone_functions)},
        )
    if condition.unrunnable:
        yield Finding(
            "unrunnable",
            Severity.WARNING,
            _("Jobs wait that cannot run: %(names)s."),
            _("See which: odoo queue_job check. Put them right, or cancel them."),
            {"names": _enumerated(condition.unrunnable)},
        )
    if condition.unrecorded_functions:
        yield Finding(
            "unrecorded_functions",
            Severity.NOTE,
            _("Functions of waiting jobs have no record: %(names)s."),
            _(
                "Their jobs run, in the channel that they have. Mark the method with"
                " @job, or add a record of queue.job.function, to choose more."
            ),
            {"names": _enumerated(condition.unrecorded_functions)},
        )


#: Names that one finding tells at most.
_MOST_NAMED = 10


def _enumerated(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:_MOST_NAMED])
    return f"{shown}, …" if len(names) > _MOST_NAMED else shown
