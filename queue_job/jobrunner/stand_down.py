"""A leader that cannot reach Odoo lets another runner lead."""

from ..core.runner.reach import Reach
from .database_queue import ServedDatabase
from .databases import Fleet
from .dispatcher import Answer
from .leader import Leadership


class OdooOutOfReach(Exception):  # noqa: N818  # not the fault of anything here
    """Nobody begins the jobs that this runner hands out; another one may do better."""


class StandDown:
    """Decides when to let another one lead.

    Workers that are busy begin nothing either. So what counts is whether anybody else
    wants to lead: a server that is alone goes on. Where that cannot be known, without
    the lock of the group, a leader goes on as long as any job runs.

    :param leadership: the lock of the group
    :param fleet: the databases
    """

    def __init__(self, leadership: Leadership, fleet: Fleet) -> None:
        self._reach = Reach()
        self._leadership = leadership
        self._fleet = fleet
        self.asked = self._reach.asked
        self.gave_up = self._reach.gave_up

    @property
    def deadline(self) -> float:
        """When to check again, in ticks, if nothing is heard before."""
        return self._reach.next_review

    def answered(self, answer: Answer, ticks: float) -> None:
        """A request has ended."""
        if answer.is_heard:
            self._reach.heard(ticks)
        elif answer.is_refused:
            self._reach.refused(ticks)

    def check(self, ticks: float) -> None:
        """To be called in each round.

        :raise OdooOutOfReach: when another runner is to lead
        """
        reach = self._reach
        if ticks < reach.next_review:
            return
        was_refused = reach.was_refused(ticks)
        waiting = [served for served in self._fleet if served.handouts.unbegun]
        waits = was_refused or bool(waiting)
        reach.reviewed(ticks, waits)
        self._leadership.watch_rivals(waits)
        if not waits or not self._would_another_do(ticks):
            return
        if was_refused:
            raise OdooOutOfReach("connections to it are refused")
        if any(self._is_unheard(served, ticks) for served in waiting):
            raise OdooOutOfReach("no worker takes its requests")

    def _would_another_do(self, ticks: float) -> bool:
        if self._leadership.is_held:
            return self._leadership.has_rivals()
        return not any(self._has_holders(served, ticks) for served in self._fleet)

    def _has_holders(self, served: ServedDatabase, ticks: float) -> bool:
        found: list[object] = []
        self._fleet.attempt(served, lambda s: found.extend(s.holders()), ticks)
        return bool(found)

    def _is_unheard(self, served: ServedDatabase, ticks: float) -> bool:
        """Whether no worker holds what the rows, when last looked at, said is waiting:
        it may have been begun since."""
        ids = {handout.id for handout in served.handouts.unbegun}
        held: set[int] = set()
        self._fleet.attempt(served, lambda s: held.update(s.held(ids)), ticks)
        return served.database is not None and bool(ids - held)
