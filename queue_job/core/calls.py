# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a function can be a job: it does its work when it is called, and takes these
arguments."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

#: What becomes of a function when it is merely called: nothing, so far.
_PUTS_OFF = (
    (
        inspect.isgeneratorfunction,
        "is a generator: it does nothing until it is iterated",
    ),
    (inspect.iscoroutinefunction, "is async: it does nothing until it is awaited"),
    (inspect.isasyncgenfunction, "is async: it does nothing until it is iterated"),
)
_CURE = "delay an ordinary method that does so"


class _Known(NamedTuple):
    refusal: str | None
    signature: inspect.Signature | None
    #: So many positional arguments, without others, are right for certain.
    fitting: range


_known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()


def refusal_of(
    func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str | None:
    """Tell why ``func``, called with these arguments, would not do its work.

    :param func: the plain function; ``args`` begin with its ``self``. Of a decorated
        one, the outermost counts: what it does with its arguments is its matter
    """
    try:
        known = _known[func]
    except (KeyError, TypeError):
        known = _look_at(func)
    if known.refusal or known.signature is None:
        return known.refusal
    if not kwargs and len(args) in known.fitting:
        return None
    try:
        known.signature.bind(*args, **kwargs)
    except TypeError as error:
        return f"does not take these arguments: {error}"
    return None


def left_undone(name: str, result: Any) -> str | None:
    """Tell why a method called ``name`` did no work, where it returned ``result``: its
    own work, backed off. A decorator may hide that a method yields or is async."""
    code = getattr(result, "gi_code", None) or getattr(result, "cr_code", None)
    if code is None or code.co_name != name:
        return None
    if inspect.isgenerator(result):
        is_begun = inspect.getgeneratorstate(result) != inspect.GEN_CREATED
        why = _PUTS_OFF[0][1]
    elif inspect.iscoroutine(result):
        is_begun = inspect.getcoroutinestate(result) != inspect.CORO_CREATED
        why = _PUTS_OFF[1][1]
    else:
        return None
    if is_begun:
        return None
    result.close()  # or Python warns of it
    return f"{why}; {_CURE}"


def _look_at(func: Callable[..., Any]) -> _Known:
    refusal = next((f"{why}; {_CURE}" for test, why in _PUTS_OFF if test(func)), None)
    try:
        signature = inspect.signature(func, follow_wrapped=False)
    except (TypeError, ValueError):  # it does not say
        known = _Known(refusal, None, range(0))
    else:
        known = _Known(refusal, signature, _fitting(signature))
    try:
        _known[func] = known
    except TypeError:  # not to be remembered
        pass
    return known


def _fitting(signature: inspect.Signature) -> range:
    least = most = 0
    for parameter in signature.parameters.values():
        is_required = parameter.default is parameter.empty
        if parameter.kind in (
            parameter.POSITIONAL_ONLY,
            parameter.POSITIONAL_OR_KEYWORD,
        ):
            least += is_required
            most += 1
        elif parameter.kind is parameter.KEYWORD_ONLY and is_required:
            return range(0)
    return range(least, most + 1)
