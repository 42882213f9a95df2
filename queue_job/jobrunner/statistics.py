# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner hears of the ends of a database's jobs, written down now and then.

It hears of them anyway, so no job pays for it: they are counted in memory, and added to
the statistics about once a minute, in one statement. Of jobs whose answer is lost, or
went to a runner before, the rows are asked at the same time.
"""

import logging
from collections.abc import Iterable, Sequence

import psycopg2

from ..config import keeps_statistics
from ..core.protocol import End, RunAnswer
from ..core.states import State
from ..core.statistics import Ended, EndStatistics
from .clock import Clock
from .database import Database
from .snapshot import Row

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two writings.
WRITE_INTERVAL = 60.0
#: Seconds that the first end waits to be written, after a while without any.
FIRST_WRITING = 5.0
#: Jobs whose rows are to be asked for, at most; those beyond are not counted.
_MOST_WATCHED = 5000
_NEVER = float("inf")
_KINDS = {
    End.DONE.value: "done",
    End.FAILED.value: "failed",
    End.POSTPONED.value: "retried",
}


class JobStatistics:
    """The ends of one database's jobs since they were last written down.

    :param db_name: the database
    :param clock: follows the database's
    """

    def __init__(self, db_name: str, clock: Clock) -> None:
        self._db_name = db_name
        self._clock = clock
        self._ends = EndStatistics()
        #: Jobs of whose end no answer will tell, by row id.
        self._watched: dict[int, Row] = {}
        self._written = -_NEVER
        self._problem = ""
        #: Monotonic seconds.
        self.next_writing = _NEVER

    def answered(self, rows: Sequence[Row], answer: RunAnswer) -> None:
        """Count the jobs of a request as the worker's answer tells.

        :param rows: the jobs, in the order in which they ran
        """
        end = self._clock.wall()
        for row in reversed(rows):  # the answer came when the last one ended
            outcome = answer.outcomes.get(row.uuid)
            took = answer.seconds.get(row.uuid)
            if kind := _KINDS.get(outcome or ""):
                waited = None if took is None else _waited(row, end - took)
                self._note(row, kind, end, waited, took)
            elif outcome != End.NOT_TAKEN:
                self.watch([row])
            end -= took or 0.0

    def rescued(self, rows: Iterable[Row]) -> None:
        """Count jobs that are to run again because their workers are gone."""
        for row in rows:
            self._note(row, "retried", self._clock.wall(), None, None)

    def watch(self, rows: Iterable[Row]) -> None:
        """Ask the rows of these jobs for their end, when it is time to write."""
        for row in rows:
            if len(self._watched) < _MOST_WATCHED or row.id in self._watched:
                self._watched[row.id] = row
                self._plan()

    def write(self, database: Database) -> None:
        """Add what was counted to the database's statistics. Where that is refused, it
        is kept for the next time: the jobs go on.

        :raise psycopg2.Error: when the connection is lost
        """
        self._written, self.next_writing = self._clock.monotonic(), _NEVER
        try:
            self._write(database)
        except psycopg2.Error as error:
            if not database.is_connected:
                raise
            self._refused(error)

    def _write(self, database: Database) -> None:
        if not keeps_statistics():
            self._forget()
            return
        if self._watched:
            self._look_up(database)
        if self._ends:
            database.insert_statistics(self._ends.counts())
        self._ends.forget()
        self._problem = ""
        if self._watched:
            self._plan()

    def _look_up(self, database: Database) -> None:
        asked = {(row.id, row.attempt): row for row in self._watched.values()}
        found = database.standing(list(asked))
        self._watched = {
            one.id: self._watched[one.id] for one in found if not one.is_over
        }
        by_id = {row.id: row for row in asked.values()}
        for one in found:
            if one.is_over:
                kind = "done" if one.state == State.DONE else "failed"
                self._note(by_id[one.id], kind, one.at, None, one.took)

    def _refused(self, error: psycopg2.Error) -> None:
        if isinstance(error, psycopg2.ProgrammingError):
            self._forget()  # the table comes with an update of the module
        text = str(error).strip().partition("\n")[0]
        if text != self._problem:
            self._problem = text
            _logger.info("db %s: no statistics were written: %s", self._db_name, text)
        if self._ends or self._watched:
            self._plan()

    def _forget(self) -> None:
        self._ends.forget()
        self._watched.clear()

    def _note(
        self,
        row: Row,
        kind: str,
        at: float,
        waited: float | None,
        took: float | None,
    ) -> None:
        where = (row.channel, row.function, row.company)
        self._ends.note(Ended(kind, at, *where, waited, took))
        self._plan()

    def _plan(self) -> None:
        if self.next_writing == _NEVER:
            soon = self._clock.monotonic() + FIRST_WRITING
            self.next_writing = max(soon, self._written + WRITE_INTERVAL)


def _waited(row: Row, began: float) -> float | None:
    """Return the seconds between a job's being due and its beginning, where the row
    tells: it does not say when a job was released, requeued or retried."""
    if row.is_of_graph or row.attempt > 1:
        return None
    return began - max(row.date_created, row.eta or 0.0)
