# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is wrong with a job queue, judged by facts: each finding says in words what is
wrong, and what puts it right.

Rules only; the facts come from ``store/health.py`` and from who asks. The words are
English here, and translated where people read them in Odoo.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .states import StrEnum


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    CRITICAL = "critical"  # jobs do not run
    WARNING = "warning"  # they run late, or will not run some day
    NOTE = "note"  # to be known


_ORDER = list(Severity)


def _(text: str) -> str:
    """Mark a text for translation; it is translated by who shows it."""
    return text


@dataclass(frozen=True)
class Thresholds:
    """From when on something is wrong.

    :param leader_age: seconds since the runner last asked the database anything
    :param oldest_due: seconds that a job waits after it could have begun
    :param unbegun: seconds that a dispatched job waits for a worker to take it
    :param failed_share: share of the jobs that ended which failed, within an hour
    :param least_ended: so many have to have ended for a share to mean anything
    :param transaction_age: seconds that a transaction is open
    :param dead_rows: rows that no transaction sees any more, in the table of jobs
    :param dead_share: share of the table that these are
    :param clock_difference: seconds between this host's clock and PostgreSQL's
    """

    leader_age: float = 30.0
    oldest_due: float = 900.0
    unbegun: float = 60.0
    failed_share: float = 0.2
    least_ended: int = 20
    transaction_age: float = 3600.0
    dead_rows: int = 100_000
    dead_share: float = 0.5
    clock_difference: float = 5.0


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
class Facts:
    """How a database stands just now; cheap to know, at any number of jobs.

    :param counts: by state that is not over, how many jobs; counted up to a bound
    :param leader_age: seconds since its runner last asked it anything; ``None`` where
        no runner serves it
    :param is_neutralized: whether none is to
    :param oldest_due: seconds that the job waits which could have begun first; ``None``
        where none waits
    :param unbegun: seconds that the first dispatched job waits for a worker
    :param copy: by what the database is seen to be a copy; empty where it is none
    :param ended: jobs that ended within an hour, if that is known
    :param failed: ... and how many of them failed
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    leader_age: float | None = None
    is_neutralized: bool = False
    oldest_due: float | None = None
    unbegun: float | None = None
    copy: str = ""
    ended: int = 0
    failed: int = 0


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


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    :param name: the same as long as the rule is the same, for programs
    :param template: what is wrong, with names of values
    :param cure_template: what puts it right, with names of values
    :param values: what the templates are filled with
    """

    name: str
    severity: Severity
    template: str
    cure_template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What is wrong, in English."""
        return self.template % self.values

    @property
    def cure(self) -> str:
        """What puts it right, in English."""
        return self.cure_template % self.values


Rule = Callable[[Any, Thresholds], Iterable[Finding]]


def judge(facts: Facts, thresholds: Thresholds = Thresholds()) -> list[Finding]:  # noqa: B008  # frozen
    """Return what is wrong with a database just now, the worst first."""
    return _sorted(_judge_all(facts, thresholds))


def diagnose(
    condition: Condition,
    thresholds: Thresholds = Thresholds(),  # noqa: B008  # frozen
) -> list[Finding]:
    """Return what goes wrong around it, the worst first."""
    return _sorted(_diagnose_all(condition, thresholds))


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the severity of the worst finding that is more than a note."""
    found = {finding.severity for finding in findings} - {Severity.NOTE}
    return min(found, key=_ORDER.index, default=None)


def sort(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings of several rules, the worst first."""
    return _sorted(findings)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def _judge_all(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if not facts.is_neutralized:
        yield from _of_leader(facts, limits)
        yield from _of_waiting(facts, limits)
    yield from _of_failures(facts, limits)


def _of_leader(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if facts.copy:
        yield Finding(
            "copy",
            Severity.CRITICAL,
            _("This database is a copy, so its jobs are held: %(difference)s."),
            _(
                "If the original is gone, choose Job Queue > Queue > Adopt Jobs; else"
                " neutralize the copy."
            ),
            {"difference": facts.copy},
        )
    elif facts.leader_age is None:
        yield Finding(
            "no_leader",
            Severity.CRITICAL,
            _("No runner serves this database: no job begins."),
            _(
                "Start a server with queue_job in server_wide_modules and a root"
                " channel of at least 1; its log says why a runner stays off."
            ),
        )
    elif facts.leader_age > limits.leader_age:
        yield Finding(
            "leader_silent",
            Severity.CRITICAL,
            _("The runner has not asked the database anything for %(seconds)d s."),
            _(
                "Another server takes over by itself where there is one. If not,"
                " restart the server whose runner leads; see its log."
            ),
            {"seconds": facts.leader_age},
        )


def _of_waiting(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if facts.unbegun is not None and facts.unbegun > limits.unbegun:
        yield Finding(
            "unbegun",
            Severity.CRITICAL,
            _(
                "A job was dispatched %(seconds)d s ago, and no worker has taken it:"
                " the runner does not reach Odoo, or all workers are busy."
            ),
            _(
                "Check host, port and scheme in [queue_job], and that Odoo answers"
                " there; raise 'workers', or lower the capacity of root."
            ),
            {"seconds": facts.unbegun},
        )
    if facts.oldest_due is not None and facts.oldest_due > limits.oldest_due:
        yield Finding(
            "oldest_due",
            Severity.WARNING,
            _("A job that could begin has been waiting for %(seconds)d s."),
            _(
                "See which channel is full: raise its capacity, or find out what takes"
                " long in it."
            ),
            {"seconds": facts.oldest_due},
        )


def _of_failures(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if facts.ended >= limits.least_ended:
        share = facts.failed / facts.ended
        if share > limits.failed_share:
            yield Finding(
                "failed_share",
                Severity.WARNING,
                _("%(percent)d %% of the jobs that ended within an hour have failed."),
                _(
                    "See what they failed of (odoo queue_job failures), put that"
                    " right, and requeue them."
                ),
                {"percent": 100 * share},
            )


def _diagnose_all(condition: Condition, limits: Thresholds) -> Iterator[Finding]:
    yield from _of_configuration(condition)
    yield from _of_sessions(condition, limits)
    yield from _of_table(condition, limits)
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
