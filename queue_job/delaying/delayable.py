# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is said about calls that are to be delayed together: which methods, with
which properties, one after the other or side by side.

How jobs are made of them is the matter of the ``delay`` module.
"""

import logging

from ..core.graph.composition import Element, Follower
from ..core.graph.graph import IfFailed

_logger = logging.getLogger("odoo.addons.queue_job.delay")

#: What ``with_delay()``, ``delayable()`` and ``set()`` take.
PROPERTIES = (
    "priority", "eta", "max_retries", "description", "channel", "identity_key",
)  # fmt: skip


def methods_named_like_options(recordset):
    """Tell which properties a recordset has a method of the same name of."""
    model = type(recordset)
    return [name for name in PROPERTIES if callable(getattr(model, name, None))]


class Followed(Element):
    """An element that others can follow."""

    def on_done(self, *others, if_failed=IfFailed.WAIT):
        """Let ``others`` start when all of this is done.

        :param if_failed: what becomes of them when a part of it fails: ``"wait"``
            until it is done after all (requeued, say), ``"cancel"``, or ``"run"``,
            which lets them start also when a part was cancelled
        :return: this element
        :raise ValueError: for another word
        """
        policy = IfFailed(if_failed)
        self.followers += [Follower(other, policy) for other in others]
        return self

    def on_finished(self, *others):
        """Let ``others`` start when all of this has ended, however it ended: done,
        failed or cancelled.

        Calls inside this element that wait for a failed one are cancelled, because
        otherwise it would not end.

        :return: this element
        """
        self.ends_anyway = True
        return self.on_done(*others, if_failed=IfFailed.RUN)


class DelayableCall(Followed):
    """One method call to be delayed: ``delayable.method(argument)`` records the call
    and returns the delayable itself."""

    def __init__(
        self, recordset, priority=None, eta=None, max_retries=None, description=None,
        channel=None, identity_key=None,
    ):  # fmt: skip
        super().__init__()
        self.recordset = recordset
        self.priority = priority
        self.eta = eta
        self.max_retries = max_retries
        self.description = description
        self.channel = channel
        self.identity_key = identity_key
        self._method = None
        self._args = ()
        self._kwargs = {}
        self._generated_job = None
        self._is_used = False  # delayed, split or run: nothing to warn of
        self._hidden = {}
        for name in methods_named_like_options(recordset):
            self._hidden[name] = getattr(self, name)
            setattr(self, name, self._recording(name))

    def __del__(self):
        if not self.__dict__.get("_is_used", True):
            _logger.warning("Delayable %s was prepared but never delayed", self)

    def __repr__(self):
        name = getattr(self._method, "__name__", None)
        return f"Delayable({self.recordset}.{name}({self._args}, {self._kwargs}))"

    __str__ = __repr__

    def __getattr__(self, name):
        # copy and pickle probe for special names before anything is set
        if name.startswith("__") or "recordset" not in self.__dict__:
            raise AttributeError(name)
        self._check(name)
        return self._recording(name)

    def _recording(self, name):
        def record(*args, **kwargs):
            if name in self._hidden:  # not checked yet: it may be meant as an option
                self._check(name)
            return self._record(getattr(self.recordset, name), args, kwargs)

        return record

    def _check(self, name):
        """Refuse a method that may not be delayed."""

    def _record(self, method, args, kwargs):
        self._method, self._args, self._kwargs = method, args, kwargs
        return self

    def _need_method(self):
        if self._method is None:
            raise ValueError(
                f"{self!r}: no method was called on it. Call one, for example"
                " record.delayable().method()"
            )
        return self._method

    @property
    def properties(self):
        """The six properties as they were given."""
        return {name: getattr(self, name) for name in PROPERTIES} | self._hidden

    def set(self, *args, **kwargs):
        """Change properties: ``set(priority=5)`` or ``set({"priority": 5})``.

        :return: this delayable
        :raise ValueError: for a name that is none of them
        """
        values = {**dict(*args), **kwargs}
        unknown = sorted(set(values) - set(PROPERTIES))
        if unknown:
            raise ValueError(
                f"{', '.join(unknown)}: no property of a job. There are"
                f" {', '.join(PROPERTIES)}"
            )
        for name, value in values.items():
            if name in self._hidden:
                self._hidden[name] = value
            else:
                setattr(self, name, value)
        return self

    def slices(self, size):
        """Return this call for at most ``size`` records at a time.

        :raise ValueError: when no method was called yet, or for a size below 1
        """
        method = self._need_method()
        if size < 1:
            raise ValueError(f"split({size!r}): a slice has at least one record")
        starts = range(0, len(self.recordset), size)
        description = self.properties["description"] or self._described()
        self._is_used = True
        for number, start in enumerate(starts, 1):
            properties = self.properties
            properties["description"] = f"{description} (split {number}/{len(starts)})"
            part = type(self)(self.recordset[start : start + size], **properties)
            part_method = getattr(part.recordset, method.__name__)
            yield part._record(part_method, self._args, self._kwargs)

    def _described(self):
        lines = (getattr(self._method, "__doc__", None) or "").splitlines()
        first = next((line.strip() for line in lines if line.strip()), None)
        model = getattr(self.recordset, "_name", type(self.recordset).__name__)
        return first or f"{model}.{self._method.__name__}"


class Composite(Followed):
    """Elements to be delayed together."""

    def __init__(self, *delayables):
        super().__init__()
        self._delayables = list(delayables)

    @property
    def members(self):
        return self._delayables

    def __repr__(self):
        inside = ", ".join(map(repr, self._delayables[:5]))
        more = ", ..." if len(self._delayables) > 5 else ""
        return f"{type(self).__name__}({inside}{more})"
