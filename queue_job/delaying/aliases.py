# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that were stored under a former name of their method, or of its model.

Asked only when what a row calls is not there: where it is, nothing is looked up.
"""

from collections.abc import Iterator
from typing import Any

from .decorators import ALIASED_NAMES, declaration


def declared_aliases(env: Any) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """((former model, former method), (model, method)) of all that the code of the
    registry declares."""
    for model_name in sorted(env.registry) if ALIASED_NAMES else ():
        for method_name in sorted(ALIASED_NAMES):
            for former in former_names(env, model_name, method_name):
                yield former, (model_name, method_name)


def former_names(env: Any, model_name: str, method_name: str) -> list[tuple[str, str]]:
    """Return (model, method) of each former name of a method."""
    if not is_there(env, model_name, method_name):
        return []
    aliases = getattr(declaration(env[model_name], method_name), "aliases", ())
    return [(model or model_name, method) for model, method in aliases]


def is_there(env: Any, model_name: Any, method_name: Any) -> bool:
    """Tell whether the code has what a row calls."""
    registry = env.registry
    return model_name in registry and hasattr(registry[model_name], method_name or "")


def renamed(env: Any, model_name: Any, method_name: Any) -> tuple[str, str] | None:
    """Return (model, method) of what a row calls by a former name; ``None`` where the
    code has what it names, or knows of no other name."""
    if is_there(env, model_name, method_name):
        return None
    aliases: dict[tuple[str, str], tuple[str, str]]
    aliases = env["queue.job.function"]._aliases()
    return aliases.get((model_name, method_name))
