# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job calls: method, records and arguments, as whom, and how configured."""

from odoo import models

from ..client_context import is_set_by_code
from ..marks import KINDS_OF_DICT
from .decorators import declaration, related_action_of
from .named_calls import is_called_on_failure, is_related_action

_UNSET = object()


def rebind(value, env):
    """``value`` with the records in it on the cursor of ``env``, each as its user."""
    if isinstance(value, models.BaseModel):
        return value.with_env(value.env(cr=env.cr))
    if isinstance(value, list | tuple):
        kind = tuple if isinstance(value, tuple) else list  # a named tuple is one, too
        return kind(rebind(item, env) for item in value)
    if isinstance(value, dict):
        items = {key: rebind(item, env) for key, item in value.items()}
        kind = type(value)
        return kind(items) if kind in KINDS_OF_DICT else items
    return value


class JobCall:
    """The part of :class:`~.job.Job` that says what is called."""

    _company_id = _UNSET

    # --- the environment it runs in -----------------------------------------

    @property
    def env(self):
        return self.recordset.env

    @env.setter
    def env(self, env):
        self.recordset = self.recordset.with_env(env)
        self._args = rebind(self._args, env)
        self._kwargs = rebind(self._kwargs, env)

    _env = env

    @property
    def acting_env(self):
        """The environment the method is called in: whose user acts in the job."""
        return self.recordset.with_context(job_uuid=self.uuid).env

    @property
    def user_id(self):
        return self.recordset.env.uid

    @user_id.setter
    def user_id(self, uid):
        self.recordset = self.recordset.with_env(self.env(user=uid))

    @property
    def job_model(self):
        return self.env["queue.job"]

    @property
    def job_model_name(self):
        return "queue.job"

    # --- the call -----------------------------------------------------------

    @property
    def company_id(self):
        """For filtering and notification: the key of the context, if code has put it
        there, else the company of the delaying environment."""
        if self._company_id is _UNSET:
            env = self.recordset.env
            if is_set_by_code(env, "company_id"):
                self._company_id = env.context["company_id"]
            else:
                self._company_id = env.company.id
        return self._company_id

    @company_id.setter
    def company_id(self, company_id):
        self._company_id = company_id

    @property
    def model_name(self):
        return self._model_name or self.recordset._name

    @model_name.setter
    def model_name(self, name):
        self._model_name = name

    @property
    def args(self):
        return self._args

    @property
    def kwargs(self):
        return self._kwargs

    @property
    def func(self):
        """The method, bound to the recordset, knowing its job by the context."""
        return getattr(self.recordset.with_env(self.acting_env), self.method_name)

    @property
    def func_string(self):
        """``model(ids).method(argument, key=value)``"""
        arguments = [repr(value) for value in self.args]
        arguments += [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{self.recordset!r}.{self.method_name}({', '.join(arguments)})"

    @property
    def description(self):
        if self._description:
            return self._description
        method = getattr(self.recordset, self.method_name)
        lines = (getattr(method, "__doc__", None) or "").splitlines()
        first = next((line.strip() for line in lines if line.strip()), None)
        return first or f"{self.model_name}.{self.method_name}"

    @description.setter
    def description(self, value):
        self._description = value

    # --- configuration: the call > the record > the decorator > the default ---

    @property
    def job_function_name(self):
        functions = self.env["queue.job.function"]
        return functions.job_function_name(self.model_name, self.method_name)

    @property
    def job_config(self):
        functions = self.env["queue.job.function"]
        return functions.job_config(self.job_function_name)

    def _declared(self, name):
        definition = declaration(self.recordset, self.method_name)
        return getattr(definition, name, None)

    @property
    def channel(self):
        if self._channel:
            return self._channel
        config = self.job_config
        if config.job_function_id:
            return config.channel
        return self._declared("default_channel") or config.channel

    @channel.setter
    def channel(self, value):
        self._channel = value

    @property
    def retry_pattern(self):
        return self.job_config.retry_pattern or self._declared("retry_pattern")

    @property
    def may_repeat_in_place(self):
        """Whether work that met a concurrent transaction may be done again at once."""
        if self.job_config.is_never_repeated:
            return False
        return self._declared("repeat_in_place") is not False

    @property
    def on_fail_method_name(self):
        declared = self._declared("on_fail_method")
        return self.job_config.on_fail_method_name or declared

    def on_fail(self, vals):
        """Call the method that is configured for failures, if there is one.

        :param vals: ``exc_info``, ``exc_name`` and ``exc_message`` of the failure
        :raise ValueError: when it is not one that a record may name
        """
        name = self.on_fail_method_name
        if not name:
            return
        is_of_record = name == self.job_config.on_fail_method_name
        declared = self._declared("on_fail_method")
        if is_of_record and not is_called_on_failure(self.recordset, name, declared):
            raise ValueError(
                f"{name!r} is not called when {self.job_function_name} fails: make it a"
                f" public method of {self.model_name} itself, begin its name with"
                " _on_fail, or mark it in code with is_on_fail_method = True"
            )
        getattr(self.recordset, name)(**vals)

    def related_action(self, record=None):
        """Return the action of the *Related* button, or ``None``.

        :param record: the ``queue.job`` record, in the environment of who asks
        :raise ValueError: when the configured name is not that of a method of
            ``queue.job``, or not one that the record of a job function may name
        """
        record = self.db_record() if record is None else record
        config = self.job_config
        name, kwargs = config.related_action_func_name, config.related_action_kwargs
        if not config.related_action_enable:
            return None
        if not name and not kwargs:
            definition = related_action_of(self.recordset, self.method_name)
            if definition is not None:
                name, kwargs = definition.related_action, definition.kwargs
                if name is None:
                    return None
        elif name and not is_related_action(record, name):
            raise ValueError(
                f"{name!r} is not meant as the related action of"
                f" {self.job_function_name}: begin its name with related_action, or"
                " mark it in code with is_related_action = True"
            )
        name = name or record._default_related_action
        is_method = isinstance(name, str) and callable(
            getattr(type(record), name, None)
        )
        if not is_method:
            raise ValueError(
                f"The related action of {self.job_function_name} must be the name of"
                f" a method of queue.job, not {name!r}"
            )
        return getattr(record, name)(**kwargs)
