# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobsToCancelled(models.TransientModel):
    """Cancel the selected jobs."""

    _name = "queue.jobs.to.cancelled"
    _inherit = "queue.job.selection"
    _description = "Cancel Jobs"

    _transition = "cancel"

    def set_cancelled(self):
        return self._run()

    def _say_done(self, count):
        return self.env._("%s jobs were cancelled.", count)
