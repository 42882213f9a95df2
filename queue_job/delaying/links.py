# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs that a job waits for, and those that wait for it."""

from collections import defaultdict
from uuid import uuid4

from ..core.graph.graph import Join
from ..core.states import State
from ..store import dependencies


class JobGraph:
    """The part of :class:`~.job.Job` that knows other jobs."""

    def _forget_links(self):
        self._depends_on = None  # looked up when asked for
        self._reverse_depends_on = None
        self._new_links = []  # (parent, child) with this job on either side

    @property
    def depends_on(self):
        """The jobs that this one waits, or waited, for: a set of ``Job``."""
        if self._depends_on is None:
            self._depends_on = self._linked(dependencies.parents_of)
        return self._depends_on

    @property
    def reverse_depends_on(self):
        """The jobs that wait, or waited, for this one: a set of ``Job``."""
        if self._reverse_depends_on is None:
            self._reverse_depends_on = self._linked(dependencies.children_of)
        return self._reverse_depends_on

    def _linked(self, look_up):
        if self.row_id is None:
            return set()
        ids = look_up(self.env.cr, [self.row_id])[self.row_id]
        records = self.job_model.sudo().browse(ids)
        return {self._load_from_db_record(record) for record in records}

    def add_depends(self, jobs):
        """Let this job wait for ``jobs``. Stored by the next ``store()`` of both
        sides, whichever comes last.

        :raise ValueError: when the job is one of them
        """
        if self in jobs:
            raise ValueError(f"{self!r} cannot wait for itself")
        for parent in jobs:
            link = (parent, self)
            self.depends_on.add(parent)
            parent.reverse_depends_on.add(self)
            self._new_links.append(link)
            parent._new_links.append(link)
            self._join_graph_of(parent)
        if any(parent.state != State.DONE for parent in jobs):
            self.state = State.WAIT_DEPENDENCIES.value

    def _join_graph_of(self, parent):
        graph_uuid = parent.graph_uuid or self.graph_uuid or str(uuid4())
        self.graph_uuid = self.graph_uuid or graph_uuid
        parent.graph_uuid = parent.graph_uuid or graph_uuid

    def _store_links(self):
        """Store the links whose jobs have rows. What is stored already is left as it
        is; asked for at each ``store()``, as a savepoint may have taken it back."""
        parents = defaultdict(list)
        for parent, child in self._new_links:
            if None not in (parent.row_id, child.row_id):
                parents[child.row_id].append(parent.row_id)
        if not parents:
            return
        joins = [Join(tuple(ids), (child,)) for child, ids in parents.items()]
        self.env["queue.job"].flush_model()
        dependencies.link(self.env.cr, joins)

    # --- many at once -------------------------------------------------------------

    @classmethod
    def store_graph(cls, jobs, joins):
        """Store jobs and who waits for whom, in few statements.

        :param jobs: in an order in which they could run
        :param joins: :class:`~.core.graph.Join` of jobs
        :raise TypeError: when an argument cannot be stored; names the argument
        """
        if not jobs:
            return
        for job in jobs:
            job._notice_rollback()
        stored = [job for job in jobs if not job._is_new]
        cls._refresh(stored)
        _let_wait(joins)
        cls._create([job for job in jobs if job._is_new])
        for job in stored:
            job.db_record().write({"graph_uuid": job.graph_uuid or False})
        rows = [
            Join(
                tuple(job.row_id for job in join.parents),
                tuple(job.row_id for job in join.children),
                join.if_failed,
            )
            for join in joins
        ]
        env = jobs[0].env
        env["queue.job"].flush_model()
        dependencies.link(env.cr, rows)
        if stored:
            jobs[0].job_model.sudo().browse(
                job.row_id for job in stored
            )._hold_for_parents()
            cls._refresh(stored)

    def _notice_rollback(self):
        """Make the job as if never stored, where a savepoint took the row back."""
        if not self._is_new and not self.db_record():
            self._is_new, self.row_id = True, None
            self.state = State.PENDING.value

    @classmethod
    def _refresh(cls, jobs):
        for job in jobs:
            record = job.db_record()
            job.row_id, job.state = record.id, record.state
            job._depends_on = job._reverse_depends_on = None

    # --- upkeep, for those who run jobs themselves ----------------------------------

    def should_check_dependents(self):
        """Tell whether others may wait for this job."""
        return bool(self.graph_uuid or self.reverse_depends_on)

    def enqueue_waiting(self):
        """Release the jobs that waited for this one, as far as its row and the rows of
        their other parents say."""
        if self.should_check_dependents():
            self.db_record()._release_dependents()

    def cancel_dependent_jobs(self):
        """Cancel the jobs that wait for this one, and those that wait for them."""
        record = self.db_record()
        record._cancel_dependents(self.date_cancelled)


def _let_wait(joins):
    for join in joins:
        if any(job.state != State.DONE for job in join.parents):
            for child in join.children:
                if child._is_new:
                    child.state = State.WAIT_DEPENDENCIES.value
