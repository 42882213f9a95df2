# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Find the modules of tests that Odoo runs: there is no list of them to keep."""

import importlib
import pkgutil


def load_tests(package, folders=("",)):
    """Import every ``test_*.py`` and make it known where Odoo looks for tests.

    Odoo's loader runs the modules that are attributes of the package ``tests`` and
    whose name begins with ``test_``; the folder in the name keeps two files of the same
    name apart. Called by ``tests/__init__.py`` while its package is imported.

    :param package: the namespace of the package: ``globals()``
    :param folders: those inside it; an empty name is the package itself
    """
    for folder in folders:
        inside = f"{package['__name__']}.{folder}".rstrip(".")
        place = importlib.import_module(inside).__path__
        for found in pkgutil.iter_modules(place):
            if found.name.startswith("test_"):
                module = importlib.import_module(f"{inside}.{found.name}")
                package[known_as(folder, found.name)] = module


def known_as(folder, name):
    """Tell the attribute of the package ``tests`` that holds a module."""
    return f"test_{folder}_{name}" if folder else name
