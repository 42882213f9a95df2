# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tables of all earlier versions, of Odoo 11.0 and later, before the ORM looks at their
columns: it would convert each by itself."""

from odoo.addons.queue_job.store import migration


def migrate(cr, _version):
    migration.prepare(cr)
