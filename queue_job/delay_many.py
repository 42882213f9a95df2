# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One method delayed many times, in few statements."""

from . import delay as delay_module
from .delaying.delay_options import DelayOptions, takes_options
from .utils import is_direct_run, is_plain_call


class DelayableSlices:
    """What ``with_delay_each()`` returns: calling a method on it stores one job for
    each slice of the records.

    ``DelayableSlices(records, 1, priority=5).method(1, key=2)`` returns the list of
    :class:`~.job.Job`, in the order of the records.

    :param size: most records of one job; the options are those of ``with_delay()``
    :raise ValueError: for a size below 1
    :raise TypeError: for an option that there is not
    """

    @takes_options
    def __init__(self, recordset, size=1, *given, **options):
        if size < 1:
            raise ValueError(f"with_delay_each(size={size!r}): give 1 or more records")
        self.recordset = recordset
        self._size = size
        self._options = DelayOptions.of_call("with_delay_each", given, options)

    def __getattr__(self, name):
        # copy and pickle probe for special names before anything is set
        if name.startswith("__") or "recordset" not in self.__dict__:
            raise AttributeError(name)
        if not is_plain_call(self.recordset.env):
            delay_module.check_may_be_delayed(self.recordset, name)

        def delay(*args, **kwargs):
            ids, size = self.recordset.ids, self._size
            calls = [
                (self.recordset.browse(ids[start : start + size]), args, kwargs)
                for start in range(0, len(ids), size)
            ]
            return _delay(self.recordset.env, name, calls, self._options)

        return delay

    def __repr__(self):
        return f"DelayableSlices({self.recordset}, {self._size})"


@takes_options
def delay_many(recordset, method_name, argument_sets, *given, **options):
    """Delay a method of ``recordset`` once for each set of arguments.

    :param argument_sets: tuples or lists of positional arguments, or dictionaries of
        keyword ones
    The options are those of ``with_delay()``.

    :return: the jobs, in the order of the sets
    :raise TypeError: when a set is something else, or there is no such option
    """
    chosen = DelayOptions.of_call("delay_many", given, options)
    if not is_plain_call(recordset.env):
        delay_module.check_may_be_delayed(recordset, method_name)
    calls = [(recordset, *_split(given)) for given in argument_sets]
    return _delay(recordset.env, method_name, calls, chosen)


def _split(given):
    if isinstance(given, dict):
        return (), given
    if isinstance(given, tuple | list):
        return given, {}
    raise TypeError(
        f"delay_many() wants each set of arguments as a tuple, a list or a dictionary,"
        f" got {given!r:.80}; a lone argument is written (argument,)"
    )


def _delay(env, method_name, calls, options):
    if is_plain_call(env):
        return [getattr(on, method_name)(*args, **kw) for on, args, kw in calls]
    job_class = delay_module.Job
    jobs = [
        job_class(getattr(on, method_name), args=args, kwargs=kwargs, **vars(options))
        for on, args, kwargs in calls
    ]
    if is_direct_run(env):
        for job in jobs:
            job.perform()
        return jobs
    return job_class.enqueue_many(jobs)
