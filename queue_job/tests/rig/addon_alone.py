# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Let a suite import parts of the addon without its models, and without Odoo.

The addon's own ``__init__`` imports Odoo models. A bare package module of that name,
whose ``__path__`` is the addon's folder, lets its other parts be imported alone. It is
registered only where the real one was not imported before; ``odoo`` and
``odoo.addons`` stay the real ones wherever Odoo is installed.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

ADDON = Path(__file__).resolve().parents[2]
NAME = "odoo.addons.queue_job"


def use_addon_alone():
    """Let ``odoo.addons.queue_job`` be the folder, without what it imports."""
    if NAME not in sys.modules:
        _ensure_package("odoo")
        _ensure_package("odoo.addons")
        _register(NAME, [str(ADDON)])


def _ensure_package(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        _register(name, [])


def _register(name, path):
    package = ModuleType(name)
    package.__path__ = path
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)
