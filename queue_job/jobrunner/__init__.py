# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Decides which jobs run when, and has Odoo run them.

The names below are looked up on first use: importing this package, or any module in
it, changes nothing in Odoo's servers and reads no configuration.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "QueueJobRunner": ".runner",
    "QueueJobRunnerThread": "..server",
    "START_DELAY": "..server",
    "WorkerJobRunner": "..server",
    "_is_runner_enabled": "..server",
    "_start_runner_thread": "..server",
    "channels": None,
    "queue_job_config": "..config",
    "runner": None,
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    if home is None:
        return import_module(f".{name}", __name__)
    return getattr(import_module(home, __name__), name)
