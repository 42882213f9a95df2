# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The tests that Odoo runs. Those of the other folders are run by ``script/test``."""

from odoo.tools import config

# Add-ons import ``tests.common`` in servers that run no test: there the framework of
# Odoo's tests must not be loaded.
if config["test_enable"]:
    from .found import load_tests

    load_tests(globals(), ("http", "model", "ui"))
