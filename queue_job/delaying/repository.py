# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The row of a job: stored, found and read again."""

from contextlib import contextmanager

from odoo import SUPERUSER_ID

from ..core.limits import MOST_CALL
from ..core.text import clipped, message_text, result_text, storable, traceback_text
from ..db.transaction import side_transaction
from ..exception import NoSuchJobError, NotReadableJobError
from ..fields import encode, from_plain, storable_text
from ..marks import Unfaithful
from .no_storing import check_may_store
from .options import COLUMNS, check_options, stored_options
from .unserved import job_was_stored


class JobRow:
    """The part of :class:`~.job.Job` that knows ``queue.job``."""

    @classmethod
    def db_record_from_uuid(cls, env, job_uuid):
        """Return the ``queue.job`` record (sudo) of a uuid, or an empty one."""
        return cls.db_records_from_uuids(env, [job_uuid])[:1]

    @classmethod
    def db_records_from_uuids(cls, env, job_uuids):
        """Return the ``queue.job`` records (sudo) of the uuids that exist."""
        return env["queue.job"].sudo().search([("uuid", "in", list(job_uuids))])

    def db_record(self):
        return self.db_record_from_uuid(self.env, self.uuid)

    @classmethod
    def load(cls, env, job_uuid):
        """Make the job again from its row.

        :raise NoSuchJobError: when there is none
        :raise NotReadableJobError: when its model or method is gone
        """
        record = cls.db_record_from_uuid(env, job_uuid)
        if not record:
            raise NoSuchJobError(f"Job {job_uuid} does not exist (any more)")
        return cls._load_from_db_record(record)

    @classmethod
    def load_many(cls, env, job_uuids):
        """Make the jobs again whose rows exist, as a set."""
        records = cls.db_records_from_uuids(env, job_uuids)
        return {cls._load_from_db_record(record) for record in records}

    @classmethod
    def _load_from_db_record(cls, record):
        """Make the job again from a ``queue.job`` record.

        :raise NotReadableJobError: when its model or method is gone
        """
        values = {name: record[name] or None for name in _CARRIED}
        values.update({name: _unless_false(record[name]) for name in _NUMBERED})
        values.update(
            id=record.id,
            user_id=record.user_id.id or None,
            company_id=record.company_id.id or None,
        )
        with _readable(record):
            return cls._remake(record.records, record.args, record.kwargs, values)

    @classmethod
    def _from_row(cls, env, row):
        """Make the job again from its row as SQL gives it.

        :param row: :class:`~.store.Row`
        :raise NotReadableJobError: when its model or method is gone, or it names no
            to run as
        """
        if row.user_id is None and not _says_whose(row.records):
            raise NotReadableJobError(NO_USER.format(row.uuid))
        with _readable(row):
            records = from_plain(row.records, env)
            args, kwargs = from_plain(row.args, env), from_plain(row.kwargs, env)
            job_ = cls._remake(records, args or (), kwargs or {}, row._asdict())
        job_.is_user_active = row.is_user_active
        return job_

    @classmethod
    def _remake(cls, records, args, kwargs, values):
        job_ = cls(
            getattr(records, values["method_name"]),
            args=args,
            kwargs=kwargs,
            job_uuid=values["uuid"],
            **{name: values[column] for name, column in COLUMNS.items()},
        )
        for name in _KEPT:
            setattr(job_, name, values[name])
        job_.row_id = values["id"]
        job_.company_id = values["company_id"]
        user_id = values["user_id"]
        if user_id and user_id != job_.user_id:
            job_.user_id = user_id
        job_.is_without_user = user_id is None and job_.env.su
        return job_

    def store(self):
        """Create or update the row, in the caller's transaction.

        :raise TypeError: when an argument cannot be stored, named; when the method to
            call on failure does not exist
        :raise ValueError: when a new job is to be merged with one that calls something
            else
        :raise UserError: when the row's state does not allow the new one
        """
        if not self._is_new and (record := self.db_record()):
            record.with_env(self.job_model.sudo().env).write(self._row_values())
            self.row_id = record.id
            self._store_links()
            return
        self._create([self])
        self._store_links()

    @classmethod
    def _create(cls, jobs):
        """Create the rows of new jobs, in one statement for each environment.

        :raise TypeError, ValueError: as :meth:`store`
        """
        by_env = {}
        for job in jobs:
            check_may_store(job.env, job.job_function_name)
            check_options(job)
            job._heed_others()
            by_env.setdefault(job.env, []).append(job)
        for env, together in by_env.items():
            calls = [job._call_texts() for job in together]
            values = [
                {**job._row_values(), **job._creation_values()} for job in together
            ]
            ids = env["queue.job"]._insert_jobs(values, calls)
            for job, row_id in zip(together, ids, strict=True):
                job.row_id = row_id
                job._is_new = False
            job_was_stored(env)

    def _row_values(self):
        """Return what every ``store()`` writes; additions of the models included."""
        return {**self._model_additions(), **self._own_values()}

    def _own_values(self):
        values = {name: getattr(self, name) or False for name in _CARRIED}
        values.update(
            state=self.state,
            retry=self.retry,
            result=result_text(self.result) or False,
            user_id=self.user_id,
            company_id=self.company_id or False,
            **stored_options(self, is_fixed=False),
        )
        for name, text_of in _TEXTS.items():
            values[name] = text_of(values[name]) if values[name] else False
        return values

    def has_additions(self):
        """Tell whether the job's model wants something stored besides."""
        general = type(self.recordset)._job_store_values
        return general.__module__ != _BASE or self._additions_of_method is not None

    @property
    def _additions_of_method(self):
        hook = f"_job_store_values_for_{self.method_name}"
        return getattr(self.recordset, hook, None)

    def store_additions(self):
        """Store what the job's model adds at an end of the job that was not written by
        ``store()``."""
        additions = self._model_additions()
        names = additions.keys() - self._own_values().keys()
        if names:
            record = self.job_model.sudo().browse(self.row_id)
            record.write({name: additions[name] for name in names})

    def _model_additions(self):
        """Return what the job's model wants stored besides; the hook of the method
        wins."""
        additions = dict(self.recordset._job_store_values(self) or {})
        specific = self._additions_of_method
        if specific is not None:
            additions.update(specific(self) or {})
        # what is written once and for all is not for others to change
        fixed = {*self.job_model._protected_fields, "channel"}
        return {key: additions[key] for key in additions.keys() - fixed}

    def _creation_values(self):
        """Return what is written once, and protected from then on."""
        return {
            **stored_options(self, is_fixed=True),
            "uuid": self.uuid,
            "attempt": 0,
            "func_string": clipped(self.func_string, MOST_CALL),
            "date_created": self.date_created,
            "model_name": self.model_name,
            "method_name": self.method_name,
            "job_function_id": self.job_config.job_function_id or False,
            "channel_method_name": self.job_function_name,
            "records": self.recordset,
            "args": self.args,
            "kwargs": self.kwargs,
            **self._identity_values(),
        }

    def _call_texts(self):
        """Return what is called, as the JSON texts that are stored."""
        try:
            return {
                "records": self._records_text(),
                "args": storable_text(list(self.args), "args"),
                "kwargs": storable_text(self.kwargs, "kwargs"),
            }
        except TypeError as error:
            raise TypeError(
                f"{self.job_function_name} cannot be delayed: {error}"
            ) from None

    def _records_text(self):
        try:
            return encode(self.recordset)
        except Unfaithful as error:
            raise TypeError(f"the recordset {error}") from None

    def _check_on_fail_method(self):
        name = self.on_fail_method_name
        if name and not callable(getattr(self.recordset, name, None)):
            raise TypeError(
                f"{self.job_function_name} cannot be delayed: its job function or its"
                f" decorator names {name!r} as the method called on failure, which"
                f" {self.model_name} does not have"
            )

    def lock(self):
        """Take the job's liveness lock for the caller's transaction.

        :return: False when a live attempt has locked it
        """
        return self.db_record()._is_unlocked()

    @contextmanager
    def in_temporary_env(self):
        """Yield the job on a cursor of its own, committed when the block ends well."""
        previous = self.env
        with side_transaction(previous) as env:
            self.env = env
            try:
                yield self
            finally:
                self.env = previous


_TEXTS = {
    "exc_info": traceback_text,
    "exc_name": storable,
    "exc_message": message_text,
}
NO_USER = "Job {} has no user: set one on the job, and requeue it"
#: Where models have the hook that adds nothing.
_BASE = "odoo.addons.queue_job.models.base"
#: Columns that a job carries in memory as they stand in its row.
_CARRIED = (
    "graph_uuid", "date_enqueued", "date_started",
    "date_done", "date_cancelled", "date_failed", "exec_time", "result", "exc_info",
    "exc_name", "exc_message", "worker_pid",
)  # fmt: skip
_KEPT = (*_CARRIED, "date_created", "state", "retry", "attempt", "repeats")
#: ... and those in which 0 is not nothing
_NUMBERED = (
    "uuid", "date_created", "state", "retry", "attempt", "repeats", "method_name",
    *COLUMNS.values(),
)  # fmt: skip


def _unless_false(value):
    return None if value is False else value


def _says_whose(records) -> bool:
    """Tell whether the stored records of a job without user say as whom it runs.
    Without, it would run as the worker, as superuser; and so it must not run,
    either."""
    uid = (records or {}).get("uid")
    return type(uid) is int and uid != SUPERUSER_ID and not records.get("su")


@contextmanager
def _readable(row):
    """Say what is gone when the call of a row cannot be made again."""
    try:
        yield
    except KeyError as error:
        raise NotReadableJobError(
            f"Job {row.uuid} cannot be read: the model {row.model_name!r} does not"
            " exist (any more). Install the module that brings it, and requeue"
        ) from error
    except AttributeError as error:
        raise NotReadableJobError(
            f"Job {row.uuid} cannot be read: the model {row.model_name!r} has no"
            f" method {row.method_name!r} (any more)"
        ) from error
    except AssertionError as error:  # arguments of an earlier version that are no JSON
        raise NotReadableJobError(f"Job {row.uuid} cannot be read: {error}") from error
