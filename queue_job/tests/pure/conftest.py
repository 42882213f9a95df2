# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Let the pure tests import ``odoo.addons.queue_job.core`` without Odoo.

The addon's own ``__init__`` imports Odoo models. A bare package module of that name,
whose ``__path__`` is the addon's folder, lets its pure parts be imported alone. It is
registered only where the real one was not imported before; ``odoo`` and
``odoo.addons`` stay the real ones wherever Odoo is installed.
"""

import importlib
import logging
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# A busy machine is no reason to fail. ``HYPOTHESIS_PROFILE=thorough`` looks longer.
settings.register_profile("daily", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=3000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))

ADDON = Path(__file__).resolve().parents[2]
NAME = "odoo.addons.queue_job"


def _ensure_package(name: str, path: list[str]) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        _register(name, path)


def _register(name: str, path: list[str]) -> None:
    package = ModuleType(name)
    package.__path__ = path
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)


if NAME not in sys.modules:
    _ensure_package("odoo", [])
    _ensure_package("odoo.addons", [])
    _register(NAME, [str(ADDON)])


@pytest.fixture(scope="module")
def silent_channels():
    """What the channels log of their thousands of configurations is not read."""
    logger = logging.getLogger("odoo.addons.queue_job.jobrunner.channels")
    logger.disabled = True
    yield
    logger.disabled = False
