# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What needs tables and columns that earlier versions did not have."""

from odoo.addons.queue_job.store import migration


def migrate(cr, _version):
    migration.date_failures(cr)
    migration.respell_channels(cr)
