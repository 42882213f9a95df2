# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leader that cannot reach Odoo lets another runner lead."""

from ..core.runner.reach import Reach
from .database_queue import DatabaseQueue
from .databases import Databases
from .leader import Leadership
from .request import Answer


class OdooOutOfReach(Exception):  # noqa: N818  # not the fault of anything here
    """No worker begins the jobs that this runner dispatches; another one may do
    better."""


class StandDown:
    """Decides when to let another one lead.

    Workers that are busy begin nothing either. So what counts is whether any other
    wants to lead: a server that is alone goes on. Where that cannot be known, without
    the lock of the group, a leader goes on as long as any job runs.

    :param leadership: the lock of the group
    :param databases: the databases
    """

    def __init__(self, leadership: Leadership, databases: Databases) -> None:
        self._reach = Reach()
        self._leadership = leadership
        self._databases = databases
        self.asked = self._reach.asked
        self.gave_up = self._reach.gave_up

    @property
    def deadline(self) -> float:
        """When to check again, in monotonic seconds, if nothing is heard before."""
        return self._reach.next_review

    def answered(self, answer: Answer, monotonic: float) -> None:
        """Note that a request has ended."""
        if answer.is_heard:
            self._reach.heard(monotonic)
        elif answer.is_refused:
            self._reach.refused(monotonic)

    def check(self, monotonic: float) -> None:
        """To be called in each round.

        :raise OdooOutOfReach: when another runner is to lead
        """
        reach = self._reach
        if monotonic < reach.next_review:
            return
        was_refused = reach.was_refused(monotonic)
        waiting = [queue for queue in self._databases if queue.dispatched_jobs.unbegun]
        waits = was_refused or bool(waiting)
        reach.reviewed(monotonic, waits)
        self._leadership.watch_rivals(waits)
        if not waits or not self._would_another_do(monotonic):
            return
        if was_refused:
            raise OdooOutOfReach("connections to it are refused")
        if any(self._is_unheard(queue, monotonic) for queue in waiting):
            raise OdooOutOfReach("no worker takes its requests")

    def _would_another_do(self, monotonic: float) -> bool:
        if self._leadership.is_leader:
            return self._leadership.has_rivals()
        return not any(self._has_workers(queue, monotonic) for queue in self._databases)

    def _has_workers(self, queue: DatabaseQueue, monotonic: float) -> bool:
        found: list[object] = []
        self._databases.attempt(
            queue, lambda s: found.extend(s.locks_of_workers()), monotonic
        )
        return bool(found)

    def _is_unheard(self, queue: DatabaseQueue, monotonic: float) -> bool:
        """Tell whether no worker has locked what the rows, when last polled, said is
        waiting: it may have been begun since."""
        ids = {dispatched_job.id for dispatched_job in queue.dispatched_jobs.unbegun}
        locked: set[int] = set()
        self._databases.attempt(
            queue, lambda s: locked.update(s.locked(ids)), monotonic
        )
        return queue.database is not None and bool(ids - locked)
