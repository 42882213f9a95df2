# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a subcommand works with."""

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .output import Output

_logger = logging.getLogger(__name__)

#: Exit statuses: all is well; what was asked cannot be done, or was found wrong; the
#: command line makes no sense (argparse says so by itself).
FINE, WRONG, USAGE = 0, 1, 2


class CommandError(Exception):
    """What was asked for cannot be done; the message says why, and what can."""


@dataclass(frozen=True)
class Call:
    """One call of a subcommand.

    :param env: environment of the superuser: who may run Odoo's programs and read its
        configuration may do all that Odoo can
    :param options: the command line
    :param out: where answers and complaints go
    :param operator: the user of the operating system, for the log
    :param commit: called when a part of the work is to last
    """

    env: Any
    options: argparse.Namespace
    out: Output
    operator: str
    commit: Callable[[], None]

    @property
    def jobs(self) -> Any:
        return self.env["queue.job"]

    def log(self, text: str, *args: object) -> None:
        """Write into Odoo's log what was changed, and who did it."""
        _logger.info(f"operator %s, odoo queue_job: {text}", self.operator, *args)

    def job(self) -> Any:
        """Return the job that the command line names.

        :raise CommandError: when there is none
        """
        uuid = self.options.uuid
        job = self.jobs.search([("uuid", "=", uuid)], limit=1)
        if not job:
            raise CommandError(
                f"there is no job {uuid} in database {self.env.cr.dbname}: give a whole"
                " UUID, as 'odoo queue_job jobs' shows it"
            )
        return job
