# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``Job``: one delayed call, in memory.

It is made by the delaying call, stored as a row of ``queue.job``, and made again from
that row by the worker that runs it.
"""

import inspect
import os
import uuid as uuid_module
from datetime import datetime, timedelta

from odoo import models

from .core.calls import left_undone
from .core.retry import (
    DEFAULT_MAX_RETRIES,
    RETRY_INTERVAL,
    exhausted_message,
    is_exhausted,
    retry_seconds,
)
from .core.states import State
from .current_job import Running, current_job
from .db import server_clock
from .db.acting import acting_as
from .db.children import ending_children
from .delaying.call import JobCall
from .delaying.decorators import job, related_action
from .delaying.deduplication import JobIdentity
from .delaying.identity import Identity, identity_exact, identity_exact_hasher
from .delaying.links import JobGraph
from .delaying.moment import naive_utc
from .delaying.repository import NO_USER, JobRow
from .exception import FailedJobError, MaxRetryJobError, RetryableJobError

__all__ = [
    "CANCELLED", "DEFAULT_MAX_RETRIES", "DEFAULT_PRIORITY", "DONE", "ENQUEUED",
    "FAILED", "PENDING", "RETRY_INTERVAL", "STARTED", "STATES", "WAIT_DEPENDENCIES",
    "DelayableRecordset", "Identity", "Job", "current_job", "identity_exact",
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

DEFAULT_PRIORITY = 10  # smaller runs earlier

DelayableRecordset: type  # lived here once; the delay module puts it here


def _is_model_method(func) -> bool:
    return inspect.ismethod(func) and isinstance(func.__self__, models.BaseModel)


class Job(JobCall, JobRow, JobIdentity, JobGraph):
    """One delayed call of a method of a recordset.

    :param func: bound method of a recordset
    :param args: list or tuple of positional arguments
    :param kwargs: dictionary of keyword arguments
    :param priority: smaller runs earlier; ``None`` means 10
    :param eta: not before: a ``datetime``, in UTC unless it has a time zone, a
        ``timedelta`` or whole seconds from now
    :param job_uuid: identifier; made when not given
    :param max_retries: attempts before the job fails; ``None`` means 5, 0 endless
    :param description: shown to people; ``None`` takes the method's docstring
    :param channel: complete name of the channel; ``None`` takes the method's
    :param identity_key: text, a function of the job that returns it, or an
        :class:`~.identity.Identity`
    :raise TypeError: when ``func`` is not a method of a recordset, or the method that
        is configured for failures does not exist
    :raise AssertionError: when ``args`` or ``kwargs`` have another type
    """

    def __init__(
        self, func, args=None, kwargs=None, priority=None, eta=None, job_uuid=None,
        max_retries=None, description=None, channel=None, identity_key=None,
    ):  # fmt: skip
        if not _is_model_method(func):
            raise TypeError(f"Job accepts only methods of Odoo models, got {func!r}")
        if args is not None and not isinstance(args, tuple | list):
            raise AssertionError(f"args of a job must be a list or tuple: {args!r}")
        if kwargs is not None and not isinstance(kwargs, dict):
            raise AssertionError(f"kwargs of a job must be a dictionary: {kwargs!r}")
        self.recordset = func.__self__
        self.method_name = func.__name__
        self._model_name = None
        self._args = tuple(args or ())
        self._kwargs = kwargs or {}
        self._uuid = job_uuid
        # a uuid made here cannot be in the database: no need to look
        self._is_new = job_uuid is None
        self.row_id = None
        self._forget_links()
        self.is_user_active = None  # not known
        self.is_without_user = False
        self.graph_uuid = None
        self.state = PENDING
        self.retry = 0
        self.attempt = 0
        self.repeats = 0  # in place
        self.priority = DEFAULT_PRIORITY if priority is None else priority
        self.max_retries = DEFAULT_MAX_RETRIES if max_retries is None else max_retries
        self._description = description
        self._channel = channel
        self.identity_key = identity_key
        self.date_created = self._now()
        self._reset_dates()
        self._eta = None
        self.eta = eta
        self.result = None
        self.exec_time = None
        self.worker_pid = None
        self._clear_exception()
        if self._is_new:
            self._check_on_fail_method()

    def _now(self):
        # tests put a stand-in where this module has datetime
        return server_clock.now(self.env.cr, datetime)

    def _reset_dates(self):
        self.date_enqueued = self.date_started = None
        self.date_done = self.date_cancelled = self.date_failed = None

    def _clear_exception(self):
        self.exc_info = self.exc_name = self.exc_message = None

    # --- identity -----------------------------------------------------------

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
    def exec_time(self):
        """Seconds from start to end; ``None`` when one of them is not known."""
        if self._exec_time is None and self.date_started and self.date_done:
            return (self.date_done - self.date_started).total_seconds()
        return self._exec_time

    @exec_time.setter
    def exec_time(self, seconds):
        self._exec_time = seconds

    # --- running ------------------------------------------------------------

    def perform(self):
        """Call the method as the job's user and keep what it returns in ``result``.
        Neither changes the state nor stores the job.

        :raise RetryableJobError: when the job is to be retried
        :raise MaxRetryJobError: when it asked for another attempt and has none left
        :raise FailedJobError: when its row does not say as whom it runs
        """
        if self.is_without_user:
            raise FailedJobError(NO_USER.format(self.uuid))
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
        with acting_as(self.acting_env) as actor, Running(self):
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
