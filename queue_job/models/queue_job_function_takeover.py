"""Functions of earlier versions of the addon."""

from odoo import models

from ..store import migration


class QueueJobFunction(models.Model):
    _inherit = "queue.job.function"

    def _auto_init(self):
        migration.before_columns(self.env.cr, self._table)
        super()._auto_init()

    def init(self):
        super().init()
        migration.functions(self.env.cr)
