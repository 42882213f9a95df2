# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every model gets: ``with_delay()`` and ``delayable()``."""

import logging

from odoo import api, models

from ..client_context import with_sent_noted
from ..delay import Delayable, DelayableRecordset
from ..delay_many import DelayableSlices, delay_many
from ..delaying import auto_delay
from ..delaying.decorators import DECORATED_NAMES, SQL_NAMES, declaration
from ..delaying.delay_options import DelayOptions, takes_options
from ..delaying.no_storing import during_onchange
from ..utils import SWITCHES, is_plain_call

_logger = logging.getLogger(__name__)


class Base(models.AbstractModel):
    _inherit = "base"
    #: Whether records show their jobs, see ``queue.job.mixin``.
    _shows_jobs = False

    @api.private
    def with_context(self, ctx=None, /, **overrides):
        records = super().with_context(ctx, **overrides)
        given = ctx and not SWITCHES.isdisjoint(ctx)
        if given or not SWITCHES.isdisjoint(overrides):
            return with_sent_noted(records, SWITCHES, self.env)
        return records

    @takes_options
    def with_delay(self, *given, **options):
        """Delay the next method call: ``records.with_delay().method(argument)``.

        The job is stored in the current transaction and runs after its commit, as
        the current user.

        :param int priority: smaller runs earlier; default 10
        :param eta: not before: a ``datetime``, in UTC unless it has a time zone, a
            ``timedelta``, or whole seconds from now
        :param int max_retries: attempts before the job fails; default 5, 0 endless
        :param str description: shown to people; default is the first line of the
            method's docstring
        :param str channel: complete name of a channel (``root.heavy``); default is
            the method's
        :param expires: a moment like ``eta``: a job that has not begun by then is
            cancelled
        :param identity_key: text, or a function of the job that returns it: while a
            job of that key waits, no second one is made. An
            :class:`~..identity.Identity` says otherwise
        :param lock_key: of the jobs that have the same key, no more than ``lock_limit``
            run at a time, in whatever channels; text or function as in ``@job``, whose
            key is the default. ``""`` for none
        :param int lock_limit: how many jobs of the key run at a time; default 1
        :param timeout: seconds, or a ``timedelta``, that an attempt may take before it
            is ended; 0: no limit; default is the method's
        :return: an object whose methods return the :class:`~..job.Job`
        :raise TypeError: for an option that there is not
        """
        chosen = DelayOptions.of_call("with_delay", given, options)
        if is_plain_call(self.env):
            _logger.warning(
                "`test_queue_job_no_delay` is on: %s is called at once", self
            )
            return self
        return DelayableRecordset(self, **chosen.as_keywords())

    @takes_options
    def delayable(self, *given, **options):
        """Prepare the delay of the next method call, to be put into a group or chain:
        ``records.delayable().method(argument).on_done(other).delay()``.

        Takes the options of :meth:`with_delay`. Nothing is stored before ``delay()``.

        :return: :class:`~..delay.Delayable`
        """
        return Delayable(
            self, **vars(DelayOptions.of_call("delayable", given, options))
        )

    def _patch_job_auto_delay(self, method_name, context_key=None):
        """Make a method delay itself when it is called outside of a job::

            def _register_hook(self):
                patched = self._patch_job_auto_delay("export", "auto_export")
                type(self).export = patched
                return super()._register_hook()

        A method ``export_job_options``, if there is one, is called with the same
        arguments and returns the options of ``with_delay()``. The call then returns
        the :class:`~..job.Job`.

        :param context_key: delay only where the context has a true value under it
        :return: the function to put in place of the method, which is its ``origin``
        """
        return auto_delay.wrap(
            method_name, getattr(type(self), method_name), context_key
        )

    @takes_options
    def with_delay_each(self, size=1, *given, **options):
        """Delay the next method call for each record by itself, or for slices:
        ``records.with_delay_each().method(argument)``.

        The same as ``record.with_delay().method(argument)`` for one record after the
        other, but stored in few statements.

        :param int size: most records of one job
        :param identity_key: should be a function of the job, so that each slice has
            its own

        The other options are those of :meth:`with_delay`.

        :return: an object whose methods return the list of :class:`~..job.Job`
        """
        return DelayableSlices(self, size, *given, **options)

    @api.private
    @takes_options
    def delay_many(self, method_name, argument_sets, *given, **options):
        """Delay a method of this recordset once for each set of arguments:
        ``shop.delay_many("import_order", [(1,), (2,), {"number": 3}])``.

        The same as one ``with_delay()`` after the other, but stored in few statements.

        :param str method_name: what is delayed
        :param argument_sets: tuples or lists of positional arguments, or dictionaries
            of keyword ones

        The other options are those of :meth:`with_delay`.

        :return: the list of :class:`~..job.Job`, in the order of the sets
        """
        return delay_many(self, method_name, argument_sets, *given, **options)

    @api.model
    def _job_prepare_context_before_enqueue_keys(self):
        """Keys of the context that a job keeps. Extend it to keep more; values must
        be JSON."""
        return ("tz", "lang", "allowed_company_ids", "force_company", "active_test")

    def _job_prepare_context_before_enqueue(self):
        """Return the part of the context that is stored with a job."""
        keys = self._job_prepare_context_before_enqueue_keys()
        return {key: self.env.context[key] for key in keys if key in self.env.context}

    def _job_store_values(self, job):
        """Values of further ``queue.job`` fields, written at each ``store()`` of one
        of this model's jobs. ``_job_store_values_for_<method>(job)`` does the same
        for one method and wins."""
        return {}

    def onchange(self, values, field_names, fields_spec):
        self.env.flush_all()  # what others left to compute is not the form's
        with during_onchange(self.env):
            return super().onchange(values, field_names, fields_spec)

    def _register_hook(self):
        super()._register_hook()
        if self._name == "base":  # once, for all models together
            functions = self.env["queue.job.function"]
            functions._register_jobs(_declared_methods(self.env))
            functions._register_sql(_methods_for_sql(self.env, functions))
            registry = self.env.registry
            if registry.updated_modules and not registry.ready:  # this is the update
                functions._tell_of_differences(registry.updated_modules)


def _methods_for_sql(env, functions):
    """Names of the functions that may be delayed in SQL."""
    return [
        functions.job_function_name(model_name, name)
        for model_name in (env.registry if SQL_NAMES else ())
        for name in SQL_NAMES
        if model_name != "base"
        and hasattr(env.registry[model_name], name)
        and getattr(declaration(env[model_name], name), "sql", False) is True
    ]


def _declared_methods(env):
    """(model, method, default channel) of every decorated method of the registry."""
    for model_name, model_class in env.registry.items():
        if model_name == "base":
            continue
        for name in DECORATED_NAMES:
            definition = declaration(env[model_name], name)
            if definition is not None and hasattr(model_class, name):
                yield model_name, name, definition.default_channel
