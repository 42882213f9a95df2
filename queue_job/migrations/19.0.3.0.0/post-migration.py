"""What needs tables and columns that earlier versions did not have."""

from odoo.addons.queue_job.store import migration


def migrate(cr, _version):
    migration.date_failures(cr)
    migration.respell_channels(cr)
