# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server-wide module of the tests: one of the files in ``modules``."""

import shutil
from pathlib import Path

_MODULES = Path(__file__).parent / "modules"


def make_module(folder, code, name="queue_job_trouble", **manifest):
    """Make a module where the servers of a test look for add-ons.

    :param folder: that of the servers' configurations
    :param code: name of the file in ``modules`` that is its code; ``None`` = no code
    :param manifest: more of its manifest
    """
    module = folder / "site" / "odoo" / "addons" / name
    module.mkdir(parents=True)
    manifest = {"name": name, "author": "tests", "license": "LGPL-3", **manifest}
    (module / "__manifest__.py").write_text(repr(manifest))
    (module / "__init__.py").touch()
    if code is not None:
        shutil.copy(_MODULES / f"{code}.py", module / "__init__.py")


def make_trouble(folder, code="trouble"):
    """Make a server-wide module; return what such servers are to load."""
    make_module(folder, code)
    return "base,web,queue_job,queue_job_trouble"
