"""Functions of earlier versions of the addon."""

from odoo import models

from .. import takeover


class QueueJobFunction(models.Model):
    _inherit = "queue.job.function"

    def _auto_init(self):
        takeover.before_columns(self.env.cr, self._table)
        super()._auto_init()

    def init(self):
        super().init()
        takeover.functions(self.env.cr)
