# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import controllers
from . import models
from . import wizards
from .delaying.identity import Identity, identity_exact
from .models.uninstall import uninstall_hook


def post_load():
    """Called by Odoo once the module's code is loaded, before any database."""
    from . import server  # noqa: PLC0415  # nothing of it without need

    server.install()
