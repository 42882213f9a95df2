# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``with_delay()`` and ``delayable()``: from method calls to stored jobs."""

from uuid import uuid4

from odoo import models

from . import job as job_module
from .config import delay_any_method
from .core.graph.composition import build
from .core.graph.graph import Graph, Join
from .delaying.decorators import declaration
from .delaying.delay_options import DelayOptions, takes_options
from .delaying.delayable import CallTaker, Composite, DelayableCall
from .delaying.no_storing import check_may_store
from .job import Job
from .utils import is_direct_run, must_run_without_delay

__all__ = [
    "Delayable", "DelayableChain", "DelayableGraph", "DelayableGroup",
    "DelayableRecordset", "Graph", "chain", "check_may_be_delayed", "group",
]  # fmt: skip


def check_may_be_delayed(recordset, method_name):
    """Only declared methods are delayed: a job is a call made as another user,
    later, out of sight.

    :raise AttributeError: when the method does not exist or is not declared
    """
    if not isinstance(recordset, models.BaseModel):
        return  # a stand-in of some test: Job refuses it
    if method_name in recordset._fields:
        raise AttributeError(
            f"{method_name!r} is a field of {recordset._name}: only methods can be"
            " delayed"
        )
    getattr(recordset, method_name)  # the ordinary error when there is none
    if declaration(recordset, method_name) is not None:
        return
    functions = recordset.env["queue.job.function"]
    name = functions.job_function_name(recordset._name, method_name)
    if functions.job_config(name).job_function_id or delay_any_method():
        return
    raise AttributeError(
        f"Method {method_name!r} of model {recordset._name!r} is not allowed to be"
        " delayed. Decorate it with 'odoo.addons.queue_job.job.job', or add a"
        f" 'queue.job.function' record named {name!r}, or set"
        " 'delay_any_method = True' in the [queue_job] section of the configuration"
        " file"
    )


class DelayedTogether:
    """An element that can be delayed, with all that is inside and all that follows.

    Call it on the top element: what that one follows is not reached.
    """

    def delay(self):
        """Store the jobs in the current transaction.

        :raise ValueError: when there is nothing to delay, when calls wait for each
            other in a circle, or when they belong to two stored graphs
        """
        DelayableGraph(self).delay()


class Delayable(DelayedTogether, DelayableCall):
    """One call to be delayed, alone or as a part of a graph. ``delayable()`` makes
    it."""

    def _check(self, name):
        check_may_be_delayed(self.recordset, name)

    def split(self, size, chain=False):
        """Return this call for at most ``size`` records at a time.

        What follows this delayable does not follow the result: call ``on_done`` on
        that.

        :param chain: whether one slice waits for the other
        :return: a :class:`DelayableGroup` or :class:`DelayableChain`
        :raise ValueError: when no method was called yet
        """
        composite = DelayableChain if chain else DelayableGroup
        return composite(*self.slices(size))

    def _build_job(self):
        """Return the job of this call; the same one when it was delayed before."""
        if self._generated_job is None:
            self._generated_job = Job(
                self._need_method(),
                args=self._args,
                kwargs=self._kwargs,
                **self._options.as_keywords(),
            )
        self._is_used = True
        return self._generated_job


class DelayableGroup(DelayedTogether, Composite):
    """Elements side by side."""


class DelayableChain(DelayedTogether, Composite):
    """Elements one after the other."""

    is_sequence = True


def group(*delayables):
    """Elements that run side by side: ``group(a, b).on_done(c).delay()``."""
    return DelayableGroup(*delayables)


def chain(*delayables):
    """Elements that run one after the other: ``chain(a, group(b, c), d).delay()``."""
    return DelayableChain(*delayables)


class DelayableGraph(Graph):
    """The :class:`Delayable` calls inside an element and after it, and who waits for
    whom.

    :raise ValueError: for an element without any call, and for a circle
    """

    def __init__(self, top=None):
        super().__init__()
        if top is None:
            return
        built = build(top)
        for vertex in built.vertices():
            self.add_vertex(vertex)
        for join in built.joins():
            self.add_join(join)

    def delay(self):
        """Store all calls as jobs, or run them at once where delaying is off."""
        calls = self.topological_order()
        for call in calls:
            call._need_method()
        environments = {call.recordset.env for call in calls}
        if any(must_run_without_delay(env) for env in environments):
            for call in calls:
                call._build_job().perform()
            return
        jobs = {call: call._build_job() for call in self.vertices()}
        for call in calls:  # tests of other add-ons put a stand-in where Job is
            method = call._need_method().__name__
            check_may_store(call.recordset.env, f"<{call.recordset._name}>.{method}")
        if self._point_to_waiting(jobs):
            return
        if len(jobs) > 1:
            self._share_graph_uuid(list(jobs.values()))
        joins = [
            Join(
                tuple(jobs[parent] for parent in join.parents),
                tuple(jobs[child] for child in join.children),
                join.if_failed,
            )
            for join in self.joins()
        ]
        Job.store_graph([jobs[call] for call in calls], joins)

    def _point_to_waiting(self, jobs):
        """Let the calls point to waiting jobs, when each has an identity key whose
        job waits already and is to be kept, and those wait for each other as the
        calls would: nothing is to be stored. Else no call may be missing, nor its
        place."""
        wanted = list(jobs.values())
        if not all(job.identity_key and job.identity.is_keeping for job in wanted):
            return False
        waiting = Job.waiting_by_identity_key(wanted)
        if any(job.identity_key not in waiting for job in wanted):
            return False
        found = {call: waiting[job.identity_key] for call, job in jobs.items()}
        for join in self.joins():
            parents = {found[call] for call in join.parents}
            if not all(parents <= found[c].depends_on for c in join.children):
                return False
        for call, job in found.items():
            call._generated_job = job
        return True

    def _share_graph_uuid(self, jobs):
        known = {job.graph_uuid for job in jobs if job.graph_uuid}
        if len(known) > 1:
            raise ValueError(
                "Jobs of different stored graphs cannot be delayed together"
                f" (graphs {', '.join(sorted(known))})"
            )
        graph_uuid = known.pop() if known else str(uuid4())
        for job in jobs:
            job.graph_uuid = graph_uuid


class DelayableRecordset(CallTaker):
    """What ``with_delay()`` returns: calling a method on it stores a job.

    ``DelayableRecordset(recordset, priority=5).method(1, key=2)`` returns the
    :class:`~.job.Job`.
    """

    @takes_options
    def __init__(self, recordset, *given, **options):
        self.recordset = recordset
        self._options = DelayOptions.of_call("DelayableRecordset", given, options)

    @property
    def delayable(self):
        """The same recordset and options as a :class:`Delayable`."""
        made = Delayable(self.recordset, **vars(self._options))
        made._is_used = True  # to be looked at: nothing was prepared
        return made

    def _check(self, name):
        check_may_be_delayed(self.recordset, name)

    def _take(self, method, args, kwargs):
        new = Job(method, args=args, kwargs=kwargs, **self._options.as_keywords())
        if is_direct_run(self.recordset.env):
            new.perform()
            return new
        return new.store_unless_waiting()

    def __str__(self):
        return f"DelayableRecordset({self.recordset})"

    __repr__ = __str__


# its home in modules written for Odoo 11.0
job_module.DelayableRecordset = DelayableRecordset
