# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``Job``: one delayed call, in memory.

It is made by the delaying call, stored as a row of ``queue.job``, and made again from
that row by the worker that runs it.
"""

import uuid as uuid_module
from datetime import datetime
from functools import cached_property
from typing import Any

from .client_context import with_own
from .core.calls import left_undone
from .core.retry import (
    DEFAULT_MAX_RETRIES,
    RETRY_INTERVAL,
    exhausted_message,
    exponential,
    is_exhausted,
)
from .core.states import State
from .core.text import UNSTORABLE
from .current_job import Running, current_job
from .db import server_clock
from .db.acting import acting_as
from .db.children import EndingChildren
from .db.transaction import flush
from .delaying import (
    deduplication,
    enqueueing,
    expiry,
    links,
    lock_keys,
    progress,
    reading,
    repository,
    writing,
)
from .delaying.call import Call
from .delaying.call import is_model_method as _is_model_method
from .delaying.composed import of_call, said
from .delaying.decorators import job, related_action
from .delaying.delay_options import DEFAULT_PRIORITY, DelayOptions, takes_options
from .delaying.identity import (
    PLAIN,
    Identity,
    identity_exact,
    identity_exact_hasher,
    unstorable_key,
)
from .delaying.moment import moment_given
from .exception import FailedJobError, MaxRetryJobError, RetryableJobError
from .utils import SWITCHES

__all__ = [
    "CANCELLED", "DEFAULT_MAX_RETRIES", "DEFAULT_PRIORITY", "DONE", "ENQUEUED",
    "FAILED", "PENDING", "RETRY_INTERVAL", "STARTED", "STATES", "WAIT_DEPENDENCIES",
    "DelayableRecordset", "Identity", "Job", "_is_model_method", "current_job",
    "exponential",
    "identity_exact",
    "identity_exact_hasher", "job", "related_action",
]  # fmt: skip

WAIT_DEPENDENCIES = State.WAIT_DEPENDENCIES.value
PENDING = State.PENDING.value
ENQUEUED = State.ENQUEUED.value
STARTED = State.STARTED.value
DONE = State.DONE.value
CANCELLED = State.CANCELLED.value
FAILED = State.FAILED.value

STATES = [(state.value, state.replace("_", " ").title()) for state in State]

DelayableRecordset: type  # lived here once; the delay module puts it here


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

    identity = PLAIN  #: what counts as the same; said by the delaying call only
    guard: Any = None  #: of the attempt that runs; see :mod:`.worker.guard`
    row_id: Any = None  #: an integer, once there is a row
    graph_uuid: str | None = None
    state: str = PENDING
    timeout: int | None  #: seconds that an attempt may take
    max_retries: int
    priority: int
    retry = 0
    attempt = 0
    repeats = 0  #: in place
    date_created: datetime
    date_enqueued: datetime | None = None
    date_started: datetime | None = None
    date_done: datetime | None = None
    date_cancelled: datetime | None = None
    date_failed: datetime | None = None
    result: Any = None
    exc_info: str | None = None
    exc_name: str | None = None
    exc_message: str | None = None
    worker_pid: int | None = None
    is_user_active: int | None = None  #: ``None``: not known
    is_without_user = False
    _is_new = False
    _exec_time: float | None = None
    _acting: tuple[Any, Any] = (None, None)  #: an environment, and its acting one
    _expires: Any

    @takes_options
    def __init__(
        self, func: Any, args: Any = None, kwargs: Any = None, priority: Any = None,
        eta: Any = None, job_uuid: str | None = None, *given: Any, **options: Any,
    ) -> None:  # fmt: skip
        # ``job_uuid`` always stood among the options, so the first two are named here
        chosen = DelayOptions.of_call("Job", (priority, eta, *given), options)
        self.call = Call(func, args, kwargs)
        self._uuid = job_uuid
        # a uuid made here cannot be in the database: no need to look
        self._is_new = job_uuid is None
        self.date_created = self._now()
        for name, value in chosen.or_absent().items():
            setattr(self, name, value)
        if self._is_new:
            self.call.check_on_fail_method()

    # --- what is called: the call ---------------------------------------------

    env = _env = of_call("env")
    recordset = of_call("recordset")
    model_name = of_call("model_name")
    method_name = of_call("method_name")
    args = of_call("args")
    kwargs = of_call("kwargs")
    user_id = of_call("user_id")
    company_id = of_call("company_id")
    func_string = of_call("func_string")
    job_function_name = of_call("job_function_name")
    job_config = of_call("job_config")
    retry_pattern = of_call("retry_pattern")
    retry_rules = of_call("retry_rules")
    may_repeat_in_place = of_call("may_repeat_in_place")
    keep_log = of_call("keep_log")
    on_fail_method_name = of_call("on_fail_method_name")
    on_fail = of_call("on_fail")
    is_retried_on_timeout = of_call("is_retried_on_timeout")

    job_model_name = "queue.job"
    #: Set when code of the running job told how far it is.
    has_told_progress = False

    @property
    def notifies_user(self) -> bool:
        """Whether the user who delayed it is told of its end in his web client."""
        return self.call.notifies_user(self.has_told_progress)

    @property
    def job_model(self) -> Any:
        return self.env["queue.job"]

    def related_action(self, record: Any = None) -> Any:
        """Return the action of the *Related* button, or ``None``.

        :param record: the ``queue.job`` record, in the environment of who asks
        :raise ValueError: as :meth:`~.call.Call.related_action`
        """
        return self.call.related_action(self.db_record() if record is None else record)

    # --- how far it is, in memory: progress -------------------------------------

    set_pending = progress.set_pending
    set_enqueued = progress.set_enqueued
    set_started = progress.set_started
    set_done = progress.set_done
    set_cancelled = progress.set_cancelled
    set_failed = progress.set_failed
    postpone = progress.postpone
    _get_retry_seconds = progress.get_retry_seconds

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
    bound_to = repository.bound_to
    has_additions = writing.has_additions
    store_additions = writing.store_additions

    def stop(self, reason: str | None = None) -> bool:
        """Stop the job: if it waits, it is cancelled; if it runs, it is asked to end,
        and made to if it does not. For managers.

        :param reason: shown with the request and in the result
        :return: False when it has ended already; nothing changes then
        :raise AccessError: when the user of the job's environment is no manager
        """
        return any(self.db_record().with_env(self.env)._stop(reason))

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

    @cached_property
    def links(self) -> Any:
        """What is known of other jobs: most never ask."""
        return links.Links()

    def _now(self) -> Any:
        # tests put a stand-in where this module has datetime
        return server_clock.now(self.env.cr, datetime)

    # --- who it is, and what was said of it -------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Job):
            return NotImplemented
        return self.uuid == other.uuid

    def __hash__(self) -> int:
        return hash(self.uuid)

    def __repr__(self) -> str:
        return f"<Job {self.uuid}, priority:{self.priority}>"

    @property
    def uuid(self) -> str:
        if self._uuid is None:
            self._uuid = str(uuid_module.uuid4())
        return self._uuid

    @property
    def eta(self) -> Any:
        return self._eta

    @eta.setter
    def eta(self, value: Any) -> None:
        self._eta = moment_given(self, value) if value else None

    expires = property(expiry.expires, expiry.set_expires, doc=expiry.expires.__doc__)
    description = said("description")
    channel = said("channel")

    @property
    def identity_key(self) -> Any:
        """Text; ``None`` where other jobs do not matter."""
        if callable(self._identity_key):
            self._identity_key = self._identity_key(self)
            made = self._identity_key
            if isinstance(made, str) and UNSTORABLE.search(made):
                raise unstorable_key(self, made)
        return self._identity_key or None

    @identity_key.setter
    def identity_key(self, value: Any) -> None:
        is_rule = isinstance(value, Identity)
        self._identity_key = value.key if is_rule else value
        key = self._identity_key
        if isinstance(key, str) and UNSTORABLE.search(key):
            raise unstorable_key(self, key)
        self.identity = value if is_rule else PLAIN

    lock_key = property(lock_keys.get_key, lock_keys.put_key)
    lock_limit = property(lock_keys.get_limit, lock_keys.put_limit)

    exec_time = property(progress.exec_time, progress.set_exec_time)

    # --- running ------------------------------------------------------------

    @property
    def acting_env(self) -> Any:
        """The environment the method is called in: whose user acts in the job."""
        env = self.recordset.env
        if self._acting[0] is not env:  # asked by each step of an attempt
            self._acting = env, with_own(env, SWITCHES, job_uuid=self.uuid)
        return self._acting[1]

    @property
    def func(self) -> Any:
        """The method, bound to the recordset, knowing its job by the context."""
        return getattr(self.recordset.with_env(self.acting_env), self.method_name)

    def perform(self) -> Any:
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

    def _call(self) -> Any:
        if self._is_direct_call:
            return self.func(*self.args, **self.kwargs)
        flush(self.env.transaction)  # what others left to compute is not the job's
        with acting_as(self.acting_env) as actor, Running(self):
            with EndingChildren():
                result = self.func(*self.args, **self.kwargs)
            if reason := left_undone(self.method_name, result):
                raise FailedJobError(
                    f"{self.job_function_name} did nothing: it {reason}"
                )
            flush(actor.transaction)
        return result

    @property
    def _is_direct_call(self) -> bool:
        """Whether nothing was delayed: a switch says that the caller calls himself."""
        return self._is_new
