"""Jobs wait while modules of their database change, and the log says for what."""

import logging
from collections.abc import Set

from ..core.upgrade_watch import PATIENCE, UpgradeWatch, Verdict

_logger = logging.getLogger(f"{__package__}.runner")
_NAMED_IN_LOG = 10


class UpgradeHold:
    """Of one database.

    :param db_name: the database
    """

    def __init__(self, db_name: str) -> None:
        self._db_name = db_name
        self._watch = UpgradeWatch()
        self._told = Verdict.NONE

    def holds(self, marked: Set[str], transactions: Set[str], ticks: float) -> bool:
        """Whether jobs have to wait; see :meth:`UpgradeWatch.look`."""
        verdict = self._watch.look(marked, transactions, ticks)
        if verdict is not self._told:
            self._told = verdict
            self._tell(verdict, _enumerated(marked))
        return verdict in (Verdict.AT_IT, Verdict.NOBODY)

    def _tell(self, verdict: Verdict, modules: str) -> None:
        if verdict is Verdict.AT_IT:
            _logger.info(
                "jobs of database %s wait while its modules change: %s",
                self._db_name,
                modules,
            )
        elif verdict is Verdict.NOBODY:
            _logger.warning(
                "jobs of database %s wait for modules that nobody seems to be changing:"
                " %s; upgrade them or cancel that in Apps, else the jobs go on in"
                " %d minutes",
                self._db_name,
                modules,
                PATIENCE / 60,
            )
        elif verdict is Verdict.GIVEN_UP:
            _logger.warning(
                "jobs of database %s do not wait any longer for: %s",
                self._db_name,
                modules,
            )


def _enumerated(modules: Set[str]) -> str:
    names = sorted(modules)
    more = len(names) - _NAMED_IN_LOG
    named = ", ".join(names[:_NAMED_IN_LOG])
    return f"{named} and {more} more" if more > 0 else named
