# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class QueueRequeueJob(models.TransientModel):
    """Run the selected jobs again."""

    _name = "queue.requeue.job"
    _inherit = "queue.job.selection"
    _description = "Requeue Jobs"

    _transition = "requeue"

    failure_shown = fields.Char(
        string="Failure", readonly=True, help="What the chosen jobs failed with."
    )

    def requeue(self):
        return self._run()

    def _say_done(self, count):
        return self.env._("%s jobs were requeued.", count)
