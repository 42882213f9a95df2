# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobsToDone(models.TransientModel):
    """Mark the selected jobs as done without running them."""

    _name = "queue.jobs.to.done"
    _inherit = "queue.job.selection"
    _description = "Set Jobs to Done"

    _transition = "set_done"

    def set_done(self):
        return self._run()

    def _say_done(self, count):
        return self.env._("%s jobs were set to done.", count)
