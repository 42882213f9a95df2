# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""For tests of modules that delay jobs::

from odoo.addons.queue_job.tests.common import JobMixin, trap_jobs
"""

import doctest
from contextlib import contextmanager
from unittest import TestSuite, mock

from ..core.deduplication import OnDuplicate
from ..job import Job
from ..store import dispatch
from .trap import JobCall, JobsTrap, trap_jobs

__all__ = [
    "JobCall", "JobCounter", "JobMixin", "JobsTrap", "OdooDocTestCase", "freeze_eta",
    "load_doctests", "mock_with_delay", "trap_jobs",
]  # fmt: skip

#: Calls that store jobs of their own, of which one runs.
_MANY_IN_ONE = (OnDuplicate.POSTPONE.value, OnDuplicate.MERGE.value)


class JobCounter:
    """Counts the stored jobs that came after it."""

    def __init__(self, env):
        self.env = env
        self.existing = self.search_all()

    def count_all(self):
        """How many jobs there are."""
        return len(self.search_all())

    def count_created(self):
        """How many jobs were stored since."""
        return len(self.search_created())

    def count_existing(self):
        """How many jobs there were at the beginning."""
        return len(self.existing)

    def search_all(self):
        """All jobs."""
        return self.env["queue.job"].sudo().search([])

    def search_created(self):
        """The jobs stored since."""
        return self.search_all() - self.existing


class JobMixin:
    """For test cases that have an ``env``."""

    def job_counter(self):
        """A counter of the jobs stored from now on."""
        return JobCounter(self.env)

    def perform_jobs(self, job_counter):
        """Run the jobs stored since the counter was made, by priority and age. Those
        that postpone each other or are to be merged become one, as by the runner."""
        created = job_counter.search_created()
        for record in created.sorted(lambda job: (job.priority, job.id)):
            if not _is_superfluous(record):
                Job.load(self.env, record.uuid).perform()

    @contextmanager
    def trap_jobs(self):
        """See :func:`trap_jobs`."""
        with trap_jobs() as trap:
            yield trap

    @contextmanager
    def assert_nothing_delayed(self):
        """Fail if anything is delayed within the block."""
        with trap_jobs() as trap:
            yield trap
        trap.assert_nothing_delayed()

    def drain_jobs(self, job_counter, rounds=100):
        """Run the stored jobs, those they delay and those that wait for them, to
        their end; an ETA is not waited for. What a job raises comes out.

        :raise AssertionError: when there is no end to it, or when jobs are left that
            wait for ever
        """
        for _round in range(rounds):
            left = job_counter.search_created().filtered(
                lambda job: job.state in ("pending", "enqueued")
            )
            if not left:
                break
            record = left.sorted(lambda job: (job.priority, job.id))[0]
            self._run_to_its_end(record)
        else:
            raise AssertionError(f"There are still jobs after {rounds} of them")
        stuck = job_counter.search_created().filtered(
            lambda job: job.state == "wait_dependencies"
        )
        if stuck:
            raise AssertionError(f"Jobs wait for ever: {stuck.mapped('func_string')}")

    def _run_to_its_end(self, record):
        if _is_superfluous(record):
            return
        job = Job.load(self.env, record.uuid)
        job.set_started()
        job.store()
        job.perform()
        self.env.flush_all()
        job.set_done()
        job.store()
        job.enqueue_waiting()


def _is_superfluous(record):
    """Whether another job stands for this one; its records are with that one then."""
    if record.state == "pending" and record.identity_on_duplicate in _MANY_IN_ONE:
        record.env.flush_all()
        dispatched_jobs = dispatch.enqueue(record.env.cr, record.ids)
        dispatch.return_pending(record.env.cr, dispatched_jobs)
        record.env["queue.job"].invalidate_model()
    return bool(record.same_as)


@contextmanager
def freeze_eta(now):
    """Let ``eta`` given as seconds or ``timedelta`` count from ``now``.

    :param now: naive UTC ``datetime``
    """
    with mock.patch("odoo.addons.queue_job.job.datetime", autospec=True) as clock:
        clock.now.return_value = now
        yield now


@contextmanager
def mock_with_delay():
    """Replace what ``with_delay()`` returns by a mock.

    :return: (mock of the class ``DelayableRecordset``: look at the properties it was
        called with; mock of its instance: look at the calls of methods)
    """
    with mock.patch(
        "odoo.addons.queue_job.models.base.DelayableRecordset",
        name="DelayableRecordset",
        spec=True,
    ) as delayable_class:
        delayable = mock.MagicMock(name="DelayableBinding")
        delayable_class.return_value = delayable
        yield delayable_class, delayable


class OdooDocTestCase(doctest.DocTestCase):
    """A doctest that Odoo's test runner can select and report."""

    test_tags = frozenset({"standard", "at_install", "queue_job", "doctest"})
    test_sequence = 0

    def __init__(self, doctest_case, seq=0):
        super().__init__(
            doctest_case._dt_test,
            doctest_case._dt_optionflags,
            doctest_case._dt_setUp,
            doctest_case._dt_tearDown,
            doctest_case._dt_checker,
        )
        self.test_sequence = seq
        name = doctest_case._dt_test.globs.get("__name__", "")
        parts = name.split(".")
        self.test_module = parts[2] if name.startswith("odoo.addons.") else parts[0]
        self.test_class = type(self).__name__


def load_doctests(module):
    """A ``load_tests`` function for the doctests of ``module``."""

    def load_tests(loader, tests, ignore):
        suite = TestSuite() if tests is None else tests
        for seq, case in enumerate(doctest.DocTestSuite(module)):
            suite.addTest(OdooDocTestCase(case, seq=seq))
        return suite

    return load_tests
