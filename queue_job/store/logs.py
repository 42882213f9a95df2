# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept of the lines that jobs log."""

from .dispatch import Cursor, DispatchedJob
from .sql import load

_SQL = load("logs")
#: Logs of one job: those of its latest attempts.
MOST_LOGS = 20


def write(cr: Cursor, dispatched_job: DispatchedJob, text: str, lines_cut: int) -> None:
    """Keep the log of an attempt; of more than :data:`MOST_LOGS` the oldest goes.
    Called by the worker, once the attempt is recorded.

    :param lines_cut: how many lines are not in the text
    """
    values = {"text": text, "lines_cut": lines_cut, "most": MOST_LOGS}
    cr.execute(_SQL.write, {**dispatched_job._asdict(), **values})
