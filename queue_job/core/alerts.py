# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When people are told of findings: once, when one has lasted, and when it is over."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .health import Finding, Severity

#: Times in a row that a finding is found before it is told: a restart is none.
LASTING = 2


class News(NamedTuple):
    """What is to be told.

    :param begun: findings that have lasted
    :param over: names of findings that were told, and are no more
    :param seen: what to remember until the next time
    """

    begun: list[Finding]
    over: list[str]
    seen: dict[str, int]


def news(found: Iterable[Finding], seen: Mapping[str, int]) -> News:
    """Compare what is found with what was.

    :param seen: by name, how many times in a row each finding was found before
    """
    bad = [finding for finding in found if finding.severity is not Severity.NOTE]
    times = {f.name: min(seen.get(f.name, 0) + 1, LASTING + 1) for f in bad}
    over = sorted(
        name for name, count in seen.items() if count >= LASTING and name not in times
    )
    return News([f for f in bad if times[f.name] == LASTING], over, times)
