# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods that delay themselves when they are called."""

import functools
from collections.abc import Callable
from typing import Any

from ..utils import is_on, must_run_without_delay


def wrap(
    method_name: str, origin: Callable[..., Any], context_key: str | None = None
) -> Callable[..., Any]:
    """Return a method that delays the call of ``origin`` instead of making it.

    :param context_key: when given, it does so only where the context has a true value
        under this key
    :return: function; the original is its attribute ``origin``
    """
    origin = getattr(origin, "origin", origin)  # patched by an earlier registry

    @functools.wraps(origin)
    def auto_delay(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_called_now(self.env, context_key):
            return wrapped.origin(self, *args, **kwargs)
        options = getattr(self, f"{method_name}_job_options", None)
        chosen = options(*args, **kwargs) if options else {}
        return getattr(self.with_delay(**chosen), method_name)(*args, **kwargs)

    wrapped: Any = auto_delay
    wrapped.origin = origin
    wrapped.is_itself = wrapped  # not so in a wrapper that copies the marks
    wrapped.delayable = True  # to patch a method is to declare it
    wrapped.default_channel = getattr(origin, "default_channel", "root")
    wrapped.retry_pattern = getattr(origin, "retry_pattern", None)
    return wrapped  # type: ignore[no-any-return]


def _is_called_now(env: Any, context_key: str | None) -> bool:
    return bool(
        is_on(env, "job_uuid")
        or (context_key and not env.context.get(context_key))
        or must_run_without_delay(env)
    )
