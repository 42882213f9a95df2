# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Odoo does not clean up by itself when the addon is uninstalled."""

from ..store.sql import load


def uninstall_hook(env):
    """Called by Odoo before it removes the addon's records and tables.

    Functions found in the code and the channels made for them have no external id,
    so Odoo would stumble over them when it deletes the root channel.
    """
    env.flush_all()
    env.cr.execute(load("schema").forget)
    env.invalidate_all()
