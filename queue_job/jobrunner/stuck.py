# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ends workers from outside whose jobs are to be stopped, and that cannot do it
themselves: a job can keep the interpreter to itself, as a regular expression does."""

import logging
from functools import partial

from ..config import SettingError, stop_steps
from ..core.stopping import StopSteps
from ..db import processes
from ..store import stopping
from .database import Database

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds that a worker has to end itself.
_MARGIN = 3.0


def end_stuck(database: Database) -> bool:
    """End the workers of this server that are at jobs which should have been stopped
    long ago. Called now and then by the runner's loop, and by who stands by.

    :return: whether there are others, which their own servers have to end
    """
    seconds = _steps().process + _MARGIN
    has_others = False
    for found in database.overdue(seconds):
        pid = processes.sibling(found.session_name)
        if pid is None:
            has_others = True
            continue
        if processes.end_if(pid, partial(_is_overdue, database, found, seconds)):
            _logger.warning(
                "job %s does not end: its worker process %d was ended", found.uuid, pid
            )
    return has_others


def _is_overdue(database: Database, found: stopping.Overdue, seconds: float) -> bool:
    return found in database.overdue(seconds)


def _steps() -> StopSteps:
    try:
        return stop_steps()
    except SettingError:  # the runner does not start with it
        return StopSteps()
