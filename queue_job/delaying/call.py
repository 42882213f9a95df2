# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job calls: method, records and arguments, as whom, and how configured."""

import inspect
from typing import Any

from odoo import models

from ..client_context import is_set_by_code
from ..core.kept_log import KeepLog
from ..core.listed_exceptions import RetryRules
from ..core.text import summary_of
from ..fields import HIDDEN, encode, storable_text
from ..marks import KINDS_OF_DICT, Unfaithful
from .decorators import declaration, related_action_of
from .named_calls import is_called_on_failure, is_related_action

_UNSET = object()


def is_model_method(func: Any) -> bool:
    """Tell whether this is a method bound to a recordset."""
    return inspect.ismethod(func) and isinstance(func.__self__, models.BaseModel)


def rebind(value: Any, env: Any) -> Any:
    """``value`` with the records in it on the cursor of ``env``, each as its user."""
    if isinstance(value, models.BaseModel):
        return value.with_env(value.env(cr=env.cr))
    if isinstance(value, list | tuple):
        kind = tuple if isinstance(value, tuple) else list  # a named tuple is one, too
        return kind(rebind(item, env) for item in value)
    if isinstance(value, dict):
        items = {key: rebind(item, env) for key, item in value.items()}
        kind_of_dict = type(value)
        return kind_of_dict(items) if kind_of_dict in KINDS_OF_DICT else items
    return value


class Call:
    """The call that a job makes. It knows nothing of the job.

    :param method: bound method of a recordset
    :param args: list or tuple of positional arguments
    :param kwargs: dictionary of keyword arguments
    :raise TypeError: when ``method`` is not a method of a recordset
    :raise AssertionError: when ``args`` or ``kwargs`` have another type
    """

    def __init__(self, method: Any, args: Any = None, kwargs: Any = None) -> None:
        if not is_model_method(method):
            raise TypeError(f"Job accepts only methods of Odoo models, got {method!r}")
        if args is not None and not isinstance(args, tuple | list):
            raise AssertionError(f"args of a job must be a list or tuple: {args!r}")
        if kwargs is not None and not isinstance(kwargs, dict):
            raise AssertionError(f"kwargs of a job must be a dictionary: {kwargs!r}")
        self.recordset = method.__self__
        self.method_name: str = method.__name__
        self.args: tuple[Any, ...] = tuple(args or ())
        self.kwargs: dict[str, Any] = kwargs or {}
        self._model_name: str | None = None
        self._company_id: Any = _UNSET
        self._is_encrypted: bool | None = None
        self._named: tuple[Any, str] = (None, "")  # what is called, and its function
        self._config: Any = None  # while it is kept
        self._declaration: Any = None  # ... too

    # --- as whom ----------------------------------------------------------------

    @property
    def env(self) -> Any:
        return self.recordset.env

    @env.setter
    def env(self, env: Any) -> None:
        self.recordset = self.recordset.with_env(env)
        self.args = rebind(self.args, env)
        self.kwargs = rebind(self.kwargs, env)

    @property
    def user_id(self) -> Any:
        return self.recordset.env.uid

    @user_id.setter
    def user_id(self, uid: int) -> None:
        self.recordset = self.recordset.with_env(self.env(user=uid))

    @property
    def company_id(self) -> Any:
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
    def company_id(self, company_id: Any) -> None:
        self._company_id = company_id

    # --- what -------------------------------------------------------------------

    @property
    def model_name(self) -> str:
        name: str = self._model_name or self.recordset._name
        return name

    @model_name.setter
    def model_name(self, name: str) -> None:
        self._model_name = name

    @property
    def func_string(self) -> str:
        """``model(ids).method(argument, key=value)``"""
        if self.is_encrypted:
            return f"{self.recordset!r}.{self.method_name}({HIDDEN})"
        arguments = [repr(value) for value in self.args]
        arguments += [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{self.recordset!r}.{self.method_name}({', '.join(arguments)})"

    @property
    def description(self) -> str:
        """The first line of the method's docstring, or its name."""
        method = getattr(self.recordset, self.method_name)
        return summary_of(method) or f"{self.model_name}.{self.method_name}"

    def texts(self) -> dict[str, str]:
        """Return records, args and kwargs as the JSON texts that are stored.

        :raise TypeError: when one of them cannot be stored; names it
        """
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

    def _records_text(self) -> str:
        try:
            return encode(self.recordset)
        except Unfaithful as error:
            raise TypeError(f"the recordset {error}") from None

    # --- configuration: the record > the decorator > the default ----------------

    @property
    def job_function_name(self) -> str:
        called = self.model_name, self.method_name
        if self._named[0] != called:  # asked some six times when a job is stored
            functions = self.env["queue.job.function"]
            self._named = called, functions.job_function_name(*called)
        return self._named[1]

    @property
    def job_config(self) -> Any:
        """What the record of the function says."""
        if self._config is not None:
            return self._config
        functions = self.env["queue.job.function"]
        return functions.job_config(self.job_function_name)

    def keep_config(self) -> None:
        """Look up no more what the record and the decorator say, until
        :meth:`forget_config`: they are asked some six times when a job is stored, and
        several times while it runs."""
        self._config = self.job_config
        self._declaration = declaration(self.recordset, self.method_name)

    def forget_config(self) -> None:
        """Look it up again, each time: somebody may change it."""
        self._config = self._declaration = None

    def declared(self, name: str) -> Any:
        """Return what the decorator of the method says."""
        definition = self._declaration
        if self._config is None:
            definition = declaration(self.recordset, self.method_name)
        return getattr(definition, name, None)

    @property
    def channel(self) -> Any:
        """Complete name of the channel of the method's jobs."""
        config = self.job_config
        if config.job_function_id:
            return config.channel
        return self.declared("default_channel") or config.channel

    @property
    def retry_pattern(self) -> Any:
        return self.job_config.retry_pattern or self.declared("retry_pattern")

    @property
    def retry_rules(self) -> RetryRules:
        """Which exceptions have the job retried, and which do not: each list by
        itself is that of the record, else that of the decorator."""
        config = self.job_config
        return RetryRules(
            config.retry_on or self.declared("retry_on") or (),
            config.give_up_on or self.declared("give_up_on") or (),
        )

    @property
    def expires(self) -> int:
        """How many seconds after it is due a job has to begin at the latest; 0: it may
        begin at any time."""
        declared = self.declared("expires")  # in tests, perhaps a mock's
        chosen: int = self.job_config.expires
        return chosen or (declared if isinstance(declared, int) else 0)

    @property
    def may_repeat_in_place(self) -> bool:
        """Whether work that met a concurrent transaction may be done again at once."""
        if self.job_config.is_never_repeated:
            return False
        return self.declared("repeat_in_place") is not False

    def notifies_user(self, has_told_progress: bool) -> bool:
        """Tell whether the user who delayed the job is told of its end."""
        chosen: str | None = self.job_config.notify_user
        if chosen:
            return chosen == "always"
        wanted = self.declared("notify_user")
        return has_told_progress if wanted is None else bool(wanted)

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody is to see the arguments: they are stored encrypted, and what
        an error says of them is withheld."""
        if self._is_encrypted is None:
            is_declared = self.declared("encrypted") is True
            self._is_encrypted = is_declared or self.job_config.is_encrypted
        return self._is_encrypted

    @is_encrypted.setter
    def is_encrypted(self, value: bool) -> None:
        self._is_encrypted = value

    @property
    def keep_log(self) -> str:
        """Of which attempts the log is kept; see :class:`~.core.kept_log.KeepLog`."""
        if self.is_encrypted:  # what is logged may quote the arguments
            return KeepLog.OFF.value
        chosen = self.job_config.keep_log or self.declared("keep_log")
        return chosen or KeepLog.OFF.value

    @property
    def timeout(self) -> Any:
        """Seconds that an attempt may take; 0: no limit."""
        return self.job_config.timeout or self.declared("timeout") or 0

    @property
    def is_retried_on_timeout(self) -> bool:
        """Whether a job whose time was over is retried, rather than failed."""
        chosen = self.job_config.on_timeout or self.declared("on_timeout")
        return bool(chosen == "retry")

    @property
    def on_fail_method_name(self) -> Any:
        declared = self.declared("on_fail_method")
        return self.job_config.on_fail_method_name or declared

    def check_on_fail_method(self) -> None:
        """Refuse a call whose method for failures does not exist.

        :raise TypeError: names the method
        """
        name = self.on_fail_method_name
        if name and not callable(getattr(self.recordset, name, None)):
            raise TypeError(
                f"{self.job_function_name} cannot be delayed: its job function or its"
                f" decorator names {name!r} as the method called on failure, which"
                f" {self.model_name} does not have"
            )

    def on_fail(self, vals: dict[str, Any]) -> None:
        """Call the method that is configured for failures, if there is one.

        :param vals: ``exc_info``, ``exc_name`` and ``exc_message`` of the failure
        :raise ValueError: when it is not one that a record may name
        """
        name = self.on_fail_method_name
        if not name:
            return
        is_of_record = name == self.job_config.on_fail_method_name
        declared = self.declared("on_fail_method")
        if is_of_record and not is_called_on_failure(self.recordset, name, declared):
            raise ValueError(
                f"{name!r} is not called when {self.job_function_name} fails: make it a"
                f" public method of {self.model_name} itself, begin its name with"
                " _on_fail, or mark it in code with is_on_fail_method = True"
            )
        getattr(self.recordset, name)(**vals)

    def related_action(self, record: Any) -> Any:
        """Return the action of the *Related* button, or ``None``.

        :param record: the ``queue.job`` record, in the environment of who asks
        :raise ValueError: when the configured name is not that of a method of
            ``queue.job``, or not one that the record of a job function may name
        """
        config = self.job_config
        name, kwargs = config.related_action_func_name, config.related_action_kwargs
        if not config.related_action_enable:
            return None
        if not name and not kwargs:
            definition: Any = related_action_of(self.recordset, self.method_name)
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
