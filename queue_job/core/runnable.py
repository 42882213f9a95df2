# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which waiting jobs cannot run with the code as it is: added up by what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

from .explanation.facts import Flaw


@dataclass
class Trouble:
    """Jobs of one function that cannot run for one reason.

    :param function: ``<model>.method``, as the jobs name it
    :param jobs: how many were found
    :param example: uuid of one of them
    :param detail: what else is to be said, of the example
    """

    flaw: Flaw
    function: str
    jobs: int
    example: str
    detail: str = ""


class Troubles:
    """What was found; and how much was looked at.

    :ivar waiting: jobs that were counted
    :ivar examined: ... of which the arguments and records were looked at, too
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.examined = 0
        self._found: dict[tuple[Flaw, str], Trouble] = {}

    def add(
        self, flaw: Flaw, function: str, example: str, jobs: int = 1, detail: str = ""
    ) -> None:
        """Note jobs that cannot run; the first one is the example."""
        known = self._found.setdefault(
            (flaw, function), Trouble(flaw, function, 0, example, detail)
        )
        known.jobs += jobs

    def __iter__(self) -> Iterator[Trouble]:
        return iter(
            sorted(
                self._found.values(),
                key=lambda found: (-found.jobs, found.function, found.flaw.name),
            )
        )

    def __len__(self) -> int:
        return len(self._found)
