"""``with_delay()``: from a method call to a stored job."""

from . import job as job_module
from .config import delay_any_method
from .decorators import declaration
from .job import Job
from .utils import is_direct_run


def check_may_be_delayed(recordset, method_name):
    """Only declared methods are delayed: a job is a call made as somebody else,
    later, out of sight.

    :raise AttributeError: when the method does not exist or is not declared
    """
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


class DelayableRecordset:
    """What ``with_delay()`` returns: calling a method on it stores a job.

    ``DelayableRecordset(recordset, priority=5).method(1, key=2)`` returns the
    :class:`~.job.Job`.
    """

    def __init__(
        self, recordset, priority=None, eta=None, max_retries=None, description=None,
        channel=None, identity_key=None,
    ):  # fmt: skip
        self.recordset = recordset
        self.priority = priority
        self.eta = eta
        self.max_retries = max_retries
        self.description = description
        self.channel = channel
        self.identity_key = identity_key

    def __getattr__(self, name):
        # copy and pickle probe for special names before anything is set
        if name.startswith("__") or "recordset" not in self.__dict__:
            raise AttributeError(name)
        check_may_be_delayed(self.recordset, name)
        method = getattr(self.recordset, name)

        def delay(*args, **kwargs):
            return self._delay(method, args, kwargs)

        return delay

    def _delay(self, method, args, kwargs):
        new = Job(
            method,
            args=args,
            kwargs=kwargs,
            priority=self.priority,
            max_retries=self.max_retries,
            eta=self.eta,
            description=self.description,
            channel=self.channel,
            identity_key=self.identity_key,
        )
        if is_direct_run(self.recordset.env):
            new.perform()
            return new
        return new.store_unless_waiting()

    def __str__(self):
        return f"DelayableRecordset({self.recordset})"

    __repr__ = __str__


# its home in modules written for Odoo 11.0
job_module.DelayableRecordset = DelayableRecordset
