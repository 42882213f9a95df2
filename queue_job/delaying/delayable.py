# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is said about calls that are to be delayed together: which methods, with
which options, one after the other or side by side.

How jobs are made of them is the matter of the ``delay`` module.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..core.graph.composition import Element, Follower
from ..core.graph.graph import IfFailed
from ..core.text import summary_of
from .delay_options import RULES, THERE_ARE, DelayOptions, takes_options

_logger = logging.getLogger("odoo.addons.queue_job.delay")


class CallTaker:
    """Stands for a recordset and takes a call of one of its methods, with options that
    are attributes of it."""

    recordset: Any
    _options: DelayOptions

    def __getattr__(self, name: str) -> Any:
        # copy and pickle probe for special names before anything is set
        if name.startswith("__") or "recordset" not in self.__dict__:
            raise AttributeError(name)
        self._check(name)
        return self._taking(name)

    def _taking(self, name: str) -> Callable[..., Any]:
        def take(*args: Any, **kwargs: Any) -> Any:
            if name in RULES:  # not checked yet: it may be meant as an option
                self._check(name)
            return self._take(getattr(self.recordset, name), args, kwargs)

        return take

    def _check(self, name: str) -> None:
        """Refuse a method that may not be delayed."""

    def _take(self, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError


class _Option:
    """An option as an attribute; the method, where the recordset has one of that
    name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, taker: CallTaker | None, _owner: type | None = None) -> Any:
        if taker is None:
            return self
        if callable(getattr(type(taker.recordset), self._name, None)):
            return taker._taking(self._name)
        return getattr(taker._options, self._name)

    def __set__(self, taker: CallTaker, value: Any) -> None:
        taker._options = replace(taker._options, **{self._name: value})


for _name in RULES:
    setattr(CallTaker, _name, _Option(_name))


class Followed(Element):
    """An element that others can follow."""

    def on_done(self, *others: Element, if_failed: str = IfFailed.WAIT) -> Any:
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

    def on_finished(self, *others: Element) -> Any:
        """Let ``others`` start when all of this has ended, however it ended: done,
        failed or cancelled.

        Calls inside this element that wait for a failed one are cancelled, because
        otherwise it would not end.

        :return: this element
        """
        self.ends_anyway = True
        return self.on_done(*others, if_failed=IfFailed.RUN)


class DelayableCall(CallTaker, Followed):
    """One method call to be delayed: ``delayable.method(argument)`` records the call
    and returns the delayable itself."""

    @takes_options
    def __init__(self, recordset: Any, *given: Any, **options: Any) -> None:
        super().__init__()
        self.recordset = recordset
        self._options = DelayOptions.of_call("Delayable", given, options)
        self._method: Any = None
        self._args: tuple[Any, ...] = ()
        self._kwargs: dict[str, Any] = {}
        self._generated_job: Any = None
        self._is_used = False  # delayed, split or run: nothing to warn of

    def __del__(self) -> None:
        if not self.__dict__.get("_is_used", True):
            _logger.warning("Delayable %s was prepared but never delayed", self)

    def __repr__(self) -> str:
        name = getattr(self._method, "__name__", None)
        return f"Delayable({self.recordset}.{name}({self._args}, {self._kwargs}))"

    __str__ = __repr__

    def _take(self, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._method, self._args, self._kwargs = method, args, kwargs
        return self

    def _need_method(self) -> Any:
        if self._method is None:
            raise ValueError(
                f"{self!r}: no method was called on it. Call one, for example"
                " record.delayable().method()"
            )
        return self._method

    @property
    def properties(self) -> dict[str, Any]:
        """The options as they were given, by name."""
        return dict(vars(self._options))

    def set(self, *args: Any, **kwargs: Any) -> Any:
        """Change options: ``set(priority=5)`` or ``set({"priority": 5})``.

        :return: this delayable
        :raise ValueError: for a name that is none of them
        """
        values = {**dict(*args), **kwargs}
        unknown = sorted(values.keys() - RULES.keys())
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no property of a job; {THERE_ARE}")
        self._options = replace(self._options, **values)
        return self

    def slices(self, size: int) -> Iterator[Any]:
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
            yield part._take(part_method, self._args, self._kwargs)

    def _described(self) -> str:
        model = getattr(self.recordset, "_name", type(self.recordset).__name__)
        return summary_of(self._method) or f"{model}.{self._method.__name__}"


class Composite(Followed):
    """Elements to be delayed together."""

    def __init__(self, *delayables: Element) -> None:
        super().__init__()
        self._delayables = list(delayables)

    @property
    def members(self) -> list[Element]:
        return self._delayables

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self._delayables[:5]))
        more = ", ..." if len(self._delayables) > 5 else ""
        return f"{type(self).__name__}({inside}{more})"
