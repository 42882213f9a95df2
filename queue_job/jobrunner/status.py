# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a database can be served, when to try again, and what the log is told."""

import logging

from .database import Database, MasterElectionLost, Status
from .upgrades import UpgradeHold

_logger = logging.getLogger(f"{__package__}.runner")

#: Seconds between two checks that the addon is (still) installed.
STATUS_INTERVAL = 5.0
_BACK_OFF, _LONGEST_BACK_OFF = 0.5, 30.0
_NEVER = float("inf")


class Readiness:
    """What is known of a database that is, or is not, served. Times are monotonic
    seconds.

    :param name: the database
    """

    def __init__(self, name: str) -> None:
        self._name = name
        #: When to try to open it (again).
        self.next_try = 0.0
        #: Whether there was nothing to serve at the last look into it: then it is not
        #: opened before a call of :meth:`retry`.
        self.lacks_addon = False
        #: Why the database is not served, as last told to the log.
        self._reason: str | None = None
        self._back_off = _BACK_OFF
        self._upgrade = UpgradeHold(name)
        self._copied = ""

    def status(self, database: Database, monotonic: float) -> Status:
        """Return what the database is, just now."""

        def is_upgrading() -> bool:
            marked = database.marked_modules()
            writers = database.writers() if marked else []
            return self._upgrade.keeps_waiting(marked, writers, monotonic)

        status = database.status(is_upgrading)
        self._copied = database.copied
        return status

    def is_ready(self, status: Status) -> bool:
        """Tell whether to serve a database of that status; if not, the log says why."""
        self.lacks_addon = status in (Status.NOT_ODOO, Status.NOT_INSTALLED)
        if status is Status.READY:
            return True
        if self._is_news(status.value):
            self._tell(status)
        return False

    def not_ready(self, status: Status, monotonic: float) -> None:
        """Note that it was opened in vain."""
        pause = _NEVER
        if not self.lacks_addon:
            if status is Status.COPY:  # perhaps for ever, and of many
                self._grow()
            pause = max(STATUS_INTERVAL, self._back_off)
        self.next_try = monotonic + pause

    def lost(self, error: BaseException, monotonic: float) -> None:
        """Set it aside for a while."""
        if isinstance(error, MasterElectionLost):
            self.next_try = monotonic + 1
            _logger.debug(
                "master election lost: %s, sleeping %ds and retrying", error, 1
            )
            return
        self.next_try = monotonic + self._back_off
        self._grow()
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        if self._is_news(text):
            _logger.warning(
                "database %s is set aside: %s; trying again with growing pauses",
                self._name,
                text,
            )

    def retry(self, monotonic: float) -> None:
        """Do not wait any longer before the next connection."""
        self.next_try, self._back_off = monotonic, _BACK_OFF
        self.lacks_addon = False

    def is_well(self) -> None:
        """Note that it could be polled: what was wrong is over."""
        self._back_off, self._reason = _BACK_OFF, None

    def _grow(self) -> None:
        self._back_off = min(1.5 * self._back_off, _LONGEST_BACK_OFF)

    def _is_news(self, reason: str) -> bool:
        is_news = reason != self._reason
        self._reason = reason
        return is_news

    def _tell(self, status: Status) -> None:
        if status is Status.NO_TRIGGER:
            _logger.error("queue_job_notify trigger is missing in db %s", self._name)
        elif status is Status.COPY:
            _logger.warning(
                "jobs of database %s are held, because it is a copy (%s):"
                " give it another database.uuid, or choose Job Queue > Queue >"
                " Adopt Jobs in it",
                self._name,
                self._copied,
            )
        else:
            _logger.debug("database %s is skipped: %s", self._name, status.value)
