# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Catching delayed calls in a test, instead of storing them."""

import heapq
from contextlib import contextmanager
from typing import NamedTuple
from unittest import mock

from ..core.text import dotted_name, exception_message
from ..delaying.deduplication import other_call_text
from ..exception import NothingToDoJob, RetryableJobError
from ..job import Job

_JOB = "odoo.addons.queue_job.delay.Job"
#: Rounds of ``drain`` before jobs that keep delaying others are taken for endless.
MOST_ROUNDS = 100


class JobCall(NamedTuple):
    """A delayed call, as it was made."""

    method: object
    args: tuple
    kwargs: dict
    properties: dict

    def __repr__(self):
        method = self.method
        arguments = [repr(arg) for arg in self.args]
        arguments += [f"{key}={value!r}" for key, value in self.kwargs.items()]
        given = {k: v for k, v in self.properties.items() if v is not None}
        call = f"{method.__self__!r}.{method.__name__}({', '.join(arguments)})"
        return f"<{call} with {given}>" if given else f"<{call}>"


class TrappedJob(Job):
    """A job that is caught when it is to be stored."""

    trap = None
    is_caught = False

    def store(self):
        self.trap._catch([self], [])

    def store_unless_waiting(self):
        known = self.trap._known(self) if self.identity.is_keeping else None
        if known is None:
            self.store()
            return self
        if not self.identity.supersedes_failed or known.identity.supersedes_failed:
            return known
        self.trap._supersede(self)  # it is stored, and the other one stands for it
        return self

    def perform(self):
        self._is_direct = not self.is_caught
        if self._is_direct:  # run at once, by a switch: that counts as well
            self.trap._catch([self], [])
        with self.trap._running(self):
            return super().perform()

    @property
    def _is_direct_call(self):
        return self._is_direct


class _JobFactory:
    """Stands where the ``delay`` module looks for ``Job``."""

    def __init__(self, trap):
        self._trap = trap

    def __call__(self, func, args=None, kwargs=None, **properties):
        trap = self._trap
        recordset = getattr(func, "__self__", None)
        if hasattr(recordset, "_job_prepare_context_before_enqueue"):
            context = recordset._job_prepare_context_before_enqueue()
            recordset = recordset.with_env(recordset.env(context=context))
            func = getattr(recordset, func.__name__)
        job = TrappedJob(func, args=args, kwargs=kwargs, **properties)
        job.trap = trap
        trap.calls.append(JobCall(func, job.args, job.kwargs, properties))
        return job

    def store_graph(self, jobs, joins):
        self._trap._catch(jobs, joins)

    def enqueue_many(self, jobs):
        return [job.store_unless_waiting() for job in jobs]

    def waiting_by_identity_key(self, jobs):
        known = ((job.identity_key, self._trap._known(job)) for job in jobs)
        return {key: job for key, job in known if job is not None}

    def __getattr__(self, name):
        return getattr(Job, name)


class JobsTrap:
    """The calls that were delayed within :func:`trap_jobs`.

    ``calls`` has every delayed call; ``enqueued_jobs`` the jobs that would run: of
    jobs whose identity key makes them one, there is one, with the records of all if
    they are merged. ``failed_jobs`` has those that failed when they were run here, but
    for those that a later call of their key superseded: they are in
    ``superseded_jobs``, and cancelled.
    """

    def __init__(self):
        self.calls = []
        self.enqueued_jobs = []
        self.failed_jobs = []
        self.superseded_jobs = []
        self._begun = []
        self._done = []

    # --- asking and asserting -----------------------------------------------------

    def jobs_count(self, only=None):
        """How many jobs were delayed.

        :param only: a bound method: count those of the same records and method
        """
        return len(self._matching(only))

    def assert_jobs_count(self, expected, only=None):
        """Fail unless ``expected`` jobs were delayed (of the method ``only``)."""
        actual = self.jobs_count(only=only)
        if actual != expected:
            raise AssertionError(
                f"{actual} jobs were delayed, not {expected}{self._listed()}"
            )

    def assert_nothing_delayed(self):
        """Fail if any call was delayed, stored or not."""
        if self.calls:
            raise AssertionError(f"Nothing was to be delayed{self._listed()}")

    def assert_enqueued_job(self, method, args=None, kwargs=None, properties=None):
        """Fail unless such a job was delayed.

        :param method: bound method, on the same records
        :param args: exactly these
        :param kwargs: exactly these
        :param properties: at least these, as they were passed to ``with_delay()``
        """
        expected = JobCall(method, tuple(args or ()), kwargs or {}, properties or {})
        if not any(_matches(call, expected) for call in self.calls):
            raise AssertionError(f"No such job was delayed: {expected}{self._listed()}")

    def _listed(self):
        lines = "".join(f"\n * {call}" for call in self.calls)
        return f"\nDelayed calls:{lines or ' none'}"

    def _matching(self, only):
        if only is None:
            return self.enqueued_jobs
        return [job for job in self.enqueued_jobs if _is_same(job.func, only)]

    # --- running --------------------------------------------------------------------

    def perform_enqueued_jobs(self):
        """Run the jobs caught so far by priority and age: single ones, then those of
        graphs, none before those that it waits for. An ETA is not waited for. Jobs
        delayed by them are caught anew."""
        jobs, self.enqueued_jobs = self.enqueued_jobs, []
        singles = [job for job in jobs if not job.graph_uuid]
        for job in sorted(singles, key=lambda job: job.priority):
            job.perform()
        for job in _in_order([job for job in jobs if job.graph_uuid]):
            job.perform()

    def drain(self):
        """Run the jobs, those they delay, and so on, until none is left.

        :raise AssertionError: when there is no end to it
        """
        for _round in range(MOST_ROUNDS):
            if not self.enqueued_jobs:
                return
            self.perform_enqueued_jobs()
        raise AssertionError(f"Jobs delay jobs without end{self._listed()}")

    # --- catching -------------------------------------------------------------------

    def _catch(self, jobs, joins):
        held = {child for join in joins for child in join.children}
        for join in joins:
            for child in join.children:
                child.depends_on.update(join.parents)
            for parent in join.parents:
                parent.reverse_depends_on.update(join.children)
        for job in jobs:
            job.is_caught = True
            if job in held:
                job.state = "wait_dependencies"
            if job not in self.enqueued_jobs and not self._is_merged(job):
                self.enqueued_jobs.append(job)
            self._supersede(job)

    def _known(self, job):
        """The job that counts as the same, by the rule of this one. All that happens
        within a trap happens within any period."""
        counting = list(self.enqueued_jobs)
        if job.identity.until == "done":
            counting += self._begun
        if job.identity.period:
            counting += [done for done in self._done if done.identity.period]
        same = (j for j in counting if j.identity_key == job.identity_key)
        return next(same, None) if job.identity_key else None

    def _is_merged(self, job):
        """Let waiting jobs of the same key make place for one that postpones them, or
        take the records of one that is to be merged."""
        if not job.identity_key or job.identity.is_keeping or job.state != "pending":
            return False
        same = [
            other
            for other in self.enqueued_jobs
            if other.identity_key == job.identity_key
            and other.state == "pending"
            and not other.reverse_depends_on
        ]
        if job.identity.is_merging:
            return any(_merge(other, job) for other in same)
        for other in same:
            if not other.identity.is_merging:
                self.enqueued_jobs.remove(other)
        return False

    def _supersede(self, job):
        """Cancel the jobs of the same key that failed before this one was delayed, if
        its call says so. Records of a failed job that was to be merged are in no other
        run, and what others wait for is not cancelled."""
        if not job.identity_key or not job.identity.supersedes_failed:
            return
        for failed in list(self.failed_jobs):
            is_kept = failed.identity.is_merging or failed.reverse_depends_on
            if failed.identity_key == job.identity_key and not is_kept:
                self.failed_jobs.remove(failed)
                self.superseded_jobs.append(failed)
                failed.set_cancelled(f"superseded by job {job.uuid}")

    def _fail(self, job, error):
        """Keep a job that failed; one that waits already may supersede it."""
        job.set_failed(
            exc_name=dotted_name(type(error)), exc_message=exception_message(error)
        )
        self.failed_jobs.append(job)
        for waiting in self.enqueued_jobs:
            if waiting is not job:
                self._supersede(waiting)

    @contextmanager
    def _running(self, job):
        self._begun.append(job)
        try:
            yield
        except (RetryableJobError, NothingToDoJob):  # that is no failure
            raise
        except Exception as error:
            self._fail(job, error)
            raise
        finally:
            self._begun.remove(job)
        self._done.append(job)


def _in_order(jobs):
    """As one worker runs them: of those that wait for no other, the best one first."""
    place = {job: number for number, job in enumerate(jobs)}
    missing = {job: len(job.depends_on & place.keys()) for job in jobs}
    ready = [(job.priority, place[job]) for job in jobs if not missing[job]]
    heapq.heapify(ready)
    while ready:
        job = jobs[heapq.heappop(ready)[1]]
        yield job
        for child in job.reverse_depends_on & place.keys():
            missing[child] -= 1
            if not missing[child]:
                heapq.heappush(ready, (child.priority, place[child]))


def _merge(job, other):
    """Add the records of another job, if nothing but them differs.

    :raise ValueError: when it is another call of the same user, in the same context
    """
    mine, its = job.recordset.env, other.recordset.env
    if not job.identity.is_merging or (mine.uid, mine.su, mine.context) != (
        its.uid, its.su, its.context,
    ):  # fmt: skip
        return False
    if (job.model_name, job.method_name, job.args, job.kwargs) != (
        other.model_name, other.method_name, other.args, other.kwargs,
    ):  # fmt: skip
        raise ValueError(other_call_text(job, other.func_string))
    job.recordset |= other.recordset
    return True


def _is_same(method, other):
    """Whether two bound methods are the same function on the same records."""
    return method.__self__ == other.__self__ and getattr(
        method, "__func__", method
    ) == getattr(other, "__func__", other)


def _matches(call, expected):
    return (
        _is_same(call.method, expected.method)
        and call.args == expected.args
        and call.kwargs == expected.kwargs
        and expected.properties.items() <= call.properties.items()
    )


@contextmanager
def trap_jobs():
    """Catch what is delayed within the block: nothing is stored.

    ::

        with trap_jobs() as trap:
            record.button_that_delays()
            trap.assert_enqueued_job(record.export, properties={"priority": 5})
            trap.perform_enqueued_jobs()
    """
    trap = JobsTrap()
    with mock.patch(_JOB, _JobFactory(trap)):
        yield trap
