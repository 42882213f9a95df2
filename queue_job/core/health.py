# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is wrong with a job queue, judged by facts: each finding says in words what is
wrong, and what puts it right.

Rules only; the facts come from ``store/health.py`` and from who asks. The words are
English here, and translated where people read them in Odoo.
"""
# The core has no environment to translate in: it only marks texts.
# pylint: disable=prefer-env-translation

from collections.abc import Iterable, Iterator, Mapping
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
    :param ceiling: how many jobs the runner lets run at a time, if it has lowered
        itself because of overload
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
    ceiling: int | None = None


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


def judge(facts: Facts, thresholds: Thresholds = Thresholds()) -> list[Finding]:  # noqa: B008  # frozen
    """Return what is wrong with a database just now, the worst first."""
    return sort(_judge_all(facts, thresholds))


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the severity of the worst finding that is more than a note."""
    found = {finding.severity for finding in findings} - {Severity.NOTE}
    return min(found, key=_ORDER.index, default=None)


def sort(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the worst first."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def _judge_all(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    if not facts.is_neutralized:
        yield from _of_leader(facts, limits)
        yield from _of_waiting(facts, limits)
        yield from _of_load(facts)
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


def _of_load(facts: Facts) -> Iterator[Finding]:
    if facts.ceiling is not None:
        yield Finding(
            "lowered",
            Severity.NOTE,
            _(
                "The runner has lowered the number of jobs that run at a time to"
                " %(jobs)d, because workers, machine or PostgreSQL are overloaded."
            ),
            _(
                "It goes back by itself. See the log of its server for what it is, and"
                " users_first_… in [queue_job] for what it goes by."
            ),
            {"jobs": facts.ceiling},
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
