# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs wait while modules of their database change, and the log says for what."""

import logging
from collections.abc import Collection, Set

from ..core.runner.upgrade_watch import MARKS_COUNT_FOR, UpgradeWatch, Verdict, Writer

_logger = logging.getLogger(f"{__package__}.runner")
_NAMED_IN_LOG = 10
#: Seconds after which the log is told again what jobs wait for.
_TOLD_AGAIN_AFTER = 600.0
_WAITING = (Verdict.AT_IT, Verdict.LEFT_OVER)


class UpgradeHold:
    """Of one database.

    :param db_name: the database
    """

    def __init__(self, db_name: str) -> None:
        self._db_name = db_name
        self._watch = UpgradeWatch()
        self._told = Verdict.NONE
        self._told_at = 0.0
        self._waiting_since = 0.0

    def keeps_waiting(
        self, marked: Set[str], writers: Collection[Writer], monotonic: float
    ) -> bool:
        """Tell whether jobs have to wait; see :meth:`UpgradeWatch.look`."""
        waited = self._told in _WAITING
        verdict = self._watch.look(marked, writers, monotonic)
        if verdict is not self._told:
            self._told, self._told_at = verdict, monotonic
            self._tell(verdict, _enumerated(marked))
        elif verdict in _WAITING and monotonic - self._told_at >= _TOLD_AGAIN_AFTER:
            self._told_at = monotonic
            self._tell_again(_enumerated(marked), monotonic)
        if not waited:
            self._waiting_since = monotonic
        return verdict in _WAITING

    def _tell(self, verdict: Verdict, modules: str) -> None:
        if verdict is Verdict.AT_IT:
            _logger.info(
                "jobs of database %s wait while its modules change: %s",
                self._db_name,
                modules,
            )
        elif verdict is Verdict.LEFT_OVER:
            _logger.warning(
                "jobs of database %s wait for modules that no session seems to be"
                " changing: %s; upgrade them or cancel that in Apps, else the jobs"
                " go on in %d minutes",
                self._db_name,
                modules,
                MARKS_COUNT_FOR / 60,
            )
        elif verdict is Verdict.GIVEN_UP:
            _logger.warning(
                "jobs of database %s do not wait any longer for: %s",
                self._db_name,
                modules,
            )

    def _tell_again(self, modules: str, monotonic: float) -> None:
        _logger.warning(
            "jobs of database %s have waited for %d minutes while its modules change:"
            " %s; session of PostgreSQL that is at it: %s",
            self._db_name,
            (monotonic - self._waiting_since) / 60,
            modules,
            "; ".join(self._watch.at_it) or "none just now",
        )


def _enumerated(modules: Set[str]) -> str:
    names = sorted(modules)
    more = len(names) - _NAMED_IN_LOG
    named = ", ".join(names[:_NAMED_IN_LOG])
    return f"{named} and {more} more" if more > 0 else named
