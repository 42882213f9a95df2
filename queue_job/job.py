# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``Job``: one delayed call, in memory.

It is made by the delaying call, stored as a row of ``queue.job``, and made again from
that row by the worker that runs it.
"""

import os
import uuid as uuid_module
from datetime import datetime, timedelta
from operator import attrgetter

from .core.calls import left_undone
from .core.retry import (
    DEFAULT_MAX_RETRIES,
    RETRY_INTERVAL,
    exhausted_message,
    is_exhausted,
    retry_seconds,
)
from .core.states import State
from .db import server_clock
from .db.acting import acting_as
from .db.children import ending_children
from .delaying import deduplication, enqueueing, links, reading, repository, writing
from .delaying.call import Call
from .delaying.call import is_model_method as _is_model_method
from .delaying.decorators import job, related_action
from .delaying.identity import (
    PLAIN,
    Identity,
    identity_exact,
    identity_exact_hasher,
)
from .delaying.moment import naive_utc
from .delaying.options import DEFAULT_PRIORITY, DelayOptions, takes_options
from .exception import FailedJobError, MaxRetryJobError, RetryableJobError

__all__ = [
    "CANCELLED", "DEFAULT_MAX_RETRIES", "DEFAULT_PRIORITY", "DONE", "ENQUEUED",
    "FAILED", "PENDING", "RETRY_INTERVAL", "STARTED", "STATES", "WAIT_DEPENDENCIES",
    "DelayableRecordset", "Identity", "Job", "_is_model_method", "identity_exact",
    "identity_exact_hasher", "job", "related_action",
]  # fmt: skip

WAIT_DEPENDENCIES = State.WAIT_DEPENDENCIES.value
PENDING = State.PENDING.value
ENQUEUED = State.ENQUEUED.value
STARTED = State.STARTED.value
DONE = State.DONE.value
CANCELLED = State.CANCELLED.value
FAILED = State.FAILED.value

STATES = [
    (WAIT_DEPENDENCIES, "Wait Dependencies"),
    (PENDING, "Pending"),
    (ENQUEUED, "Enqueued"),
    (STARTED, "Started"),
    (DONE, "Done"),
    (CANCELLED, "Cancelled"),
    (FAILED, "Failed"),
]

DelayableRecordset: type  # lived here once; the delay module puts it here


def _of_call(name):
    """Return a property: the one of that name of the job's call."""

    def put(job, value):
        setattr(job.call, name, value)

    doc = getattr(getattr(Call, name, None), "__doc__", None)
    return property(attrgetter(f"call.{name}"), put, doc=doc)


class Job:
    """One delayed call of a method of a recordset.

    :param func: bound method of a recordset
    :param args: list or tuple of positional arguments
    :param kwargs: dictionary of keyword arguments
    :param job_uuid: identifier; made when not given
    :param options: those of ``with_delay()``
    :raise TypeError: when ``func`` is not a method of a recordset, for an option that
        there is not, or when the method configured for failures does not exist
    :raise AssertionError: when ``args`` or ``kwargs`` have another type
    """

    @takes_options
    def __init__(
        self, func, args=None, kwargs=None, priority=None, eta=None, job_uuid=None,
        *given, **options,
    ):  # fmt: skip
        # ``job_uuid`` always stood among the options, so the first two are named here
        chosen = DelayOptions.of_call("Job", (priority, eta, *given), options)
        self.call = Call(func, args, kwargs)
        self._uuid = job_uuid
        # a uuid made here cannot be in the database: no need to look
        self._is_new = job_uuid is None
        self.row_id = None
        self.links = links.Links()
        self.is_user_active = None  # not known
        self.is_without_user = False
        self.graph_uuid = None
        self.state = PENDING
        self.retry = 0
        self.attempt = 0
        self.repeats = 0  # in place
        self.date_created = self._now()
        self._reset_dates()
        for name, value in chosen.or_absent().items():
            setattr(self, name, value)
        self.result = None
        self.exec_time = None
        self.worker_pid = None
        self._clear_exception()
        if self._is_new:
            self.call.check_on_fail_method()

    # --- what is called: the call ---------------------------------------------

    env = _env = _of_call("env")
    recordset = _of_call("recordset")
    model_name = _of_call("model_name")
    method_name = _of_call("method_name")
    args = _of_call("args")
    kwargs = _of_call("kwargs")
    user_id = _of_call("user_id")
    company_id = _of_call("company_id")
    func_string = _of_call("func_string")
    job_function_name = _of_call("job_function_name")
    job_config = _of_call("job_config")
    retry_pattern = _of_call("retry_pattern")
    may_repeat_in_place = _of_call("may_repeat_in_place")
    on_fail_method_name = _of_call("on_fail_method_name")
    on_fail = _of_call("on_fail")

    job_model_name = "queue.job"

    @property
    def job_model(self):
        return self.env["queue.job"]

    def related_action(self, record=None):
        """Return the action of the *Related* button, or ``None``.

        :param record: the ``queue.job`` record, in the environment of who asks
        :raise ValueError: as :meth:`~.call.Call.related_action`
        """
        return self.call.related_action(self.db_record() if record is None else record)

    # --- its row: the repository ----------------------------------------------

    db_record_from_uuid = classmethod(repository.db_record_from_uuid)
    db_records_from_uuids = classmethod(repository.db_records_from_uuids)
    load = classmethod(repository.load)
    load_many = classmethod(repository.load_many)
    _load_from_db_record = classmethod(reading.from_record)
    _from_row = classmethod(reading.from_row)
    db_record = repository.db_record
    store = repository.store
    lock = repository.lock
    in_temporary_env = repository.in_temporary_env
    has_additions = writing.has_additions
    store_additions = writing.store_additions

    # --- other jobs: those of its identity key, and those of its graph ----------

    enqueue = classmethod(enqueueing.enqueue)
    enqueue_many = classmethod(enqueueing.enqueue_many)
    waiting_by_identity_key = classmethod(enqueueing.waiting_by_identity_key)
    store_graph = classmethod(enqueueing.store_graph)
    store_unless_waiting = enqueueing.store_unless_waiting
    job_record_with_same_identity_key = deduplication.job_record_with_same_identity_key

    depends_on = property(links.depends_on)
    reverse_depends_on = property(links.reverse_depends_on)
    add_depends = links.add_depends
    should_check_dependents = links.should_check_dependents
    enqueue_waiting = links.enqueue_waiting
    cancel_dependent_jobs = links.cancel_dependent_jobs

    def _now(self):
        # tests put a stand-in where this module has datetime
        return server_clock.now(self.env.cr, datetime)

    def _reset_dates(self):
        self.date_enqueued = self.date_started = None
        self.date_done = self.date_cancelled = self.date_failed = None

    def _clear_exception(self):
        self.exc_info = self.exc_name = self.exc_message = None

    # --- who it is, and what was said of it -------------------------------------

    def __eq__(self, other):
        if not isinstance(other, Job):
            return NotImplemented
        return self.uuid == other.uuid

    def __hash__(self):
        return hash(self.uuid)

    def __repr__(self):
        return f"<Job {self.uuid}, priority:{self.priority}>"

    @property
    def uuid(self):
        if self._uuid is None:
            self._uuid = str(uuid_module.uuid4())
        return self._uuid

    @property
    def eta(self):
        return self._eta

    @eta.setter
    def eta(self, value):
        if not value:
            self._eta = None
        elif isinstance(value, timedelta | int):
            self._eta = self._time_from_now(value)
        else:
            self._eta = naive_utc(value)

    def _time_from_now(self, value):
        try:
            wait = value if isinstance(value, timedelta) else timedelta(seconds=value)
            return self._now() + wait
        except OverflowError as error:
            raise ValueError(
                f"{self.job_function_name} cannot be delayed with eta={value!r:.80}:"
                " give a time from now that ends before the year 10000"
            ) from error

    @property
    def description(self):
        """What people are shown: as given, else of the method."""
        return self._description or self.call.description

    @description.setter
    def description(self, value):
        self._description = value

    @property
    def channel(self):
        """As given, else that of the method."""
        return self._channel or self.call.channel

    @channel.setter
    def channel(self, value):
        self._channel = value

    @property
    def identity_key(self):
        """Text; ``None`` where other jobs do not matter."""
        if callable(self._identity_key):
            self._identity_key = self._identity_key(self)
        return self._identity_key or None

    @identity_key.setter
    def identity_key(self, value):
        is_rule = isinstance(value, Identity)
        self._identity_key = value.key if is_rule else value
        #: what counts as the same; said by the delaying call only
        self.identity = value if is_rule else PLAIN

    @property
    def exec_time(self):
        """Seconds from start to end; ``None`` when one of them is not known."""
        if self._exec_time is None and self.date_started and self.date_done:
            return (self.date_done - self.date_started).total_seconds()
        return self._exec_time

    @exec_time.setter
    def exec_time(self, seconds):
        self._exec_time = seconds

    # --- running ------------------------------------------------------------

    @property
    def acting_env(self):
        """The environment the method is called in: whose user acts in the job."""
        return self.recordset.with_context(job_uuid=self.uuid).env

    @property
    def func(self):
        """The method, bound to the recordset, knowing its job by the context."""
        return getattr(self.recordset.with_env(self.acting_env), self.method_name)

    def perform(self):
        """Call the method as the job's user and keep what it returns in ``result``.
        Neither changes the state nor stores the job.

        :raise RetryableJobError: when the job is to be retried
        :raise MaxRetryJobError: when it asked for another attempt and has none left
        :raise FailedJobError: when its row does not say as whom it runs
        """
        if self.is_without_user:
            raise FailedJobError(reading.NO_USER.format(self.uuid))
        self.retry += 1
        try:
            self.result = self._call()
        except RetryableJobError as error:
            if error.ignore_retry:
                self.retry -= 1
                raise
            if not is_exhausted(self.retry, self.max_retries):
                raise
            message = exhausted_message(self.max_retries, str(error))
            raise MaxRetryJobError(message) from error
        return self.result

    def _call(self):
        if self._is_direct_call:
            return self.func(*self.args, **self.kwargs)
        self.env.transaction.flush()  # what others left to compute is not the job's
        with acting_as(self.acting_env) as actor:
            with ending_children():
                result = self.func(*self.args, **self.kwargs)
            if reason := left_undone(self.method_name, result):
                raise FailedJobError(
                    f"{self.job_function_name} did nothing: it {reason}"
                )
            actor.flush_all()
        return result

    @property
    def _is_direct_call(self):
        """Whether nothing was delayed: a switch says that the caller calls himself."""
        return self._is_new

    def _get_retry_seconds(self, seconds=None):
        return retry_seconds(self.retry_pattern, self.retry, seconds)

    def postpone(self, result=None, seconds=None):
        """Set the ETA of the next attempt; the state stays."""
        wait = self._get_retry_seconds(seconds)
        self.eta = timedelta(seconds=wait)
        self._clear_exception()
        if result is not None:
            self.result = result

    # --- states, in memory ----------------------------------------------------

    def set_pending(self, result=None, reset_retry=True):
        self.state = PENDING
        self._reset_dates()
        self.worker_pid = None
        if reset_retry:
            self.retry = 0
        if result is not None:
            self.result = result

    def set_enqueued(self):
        self.state = ENQUEUED
        self.date_enqueued = self._now().replace(microsecond=0)
        self.date_started = None
        self.worker_pid = None

    def set_started(self):
        self.state = STARTED
        self.date_started = self._now()
        self.worker_pid = os.getpid()

    def set_done(self, result=None):
        self.state = DONE
        self._clear_exception()
        self.date_failed = None
        self.date_done = self._now()
        if self.date_started:
            self.exec_time = (self.date_done - self.date_started).total_seconds()
        if result is not None:
            self.result = result

    def set_cancelled(self, result=None):
        self.state = CANCELLED
        self.date_cancelled = self._now()
        if result is not None:
            self.result = result

    def set_failed(self, exc_info=None, exc_name=None, exc_message=None):
        self.state = FAILED
        self.date_failed = self._now()
        given = {"exc_info": exc_info, "exc_name": exc_name, "exc_message": exc_message}
        for name, value in given.items():
            if value is not None:
                setattr(self, name, value)
