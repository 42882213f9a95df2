from odoo import models


class QueueRequeueJob(models.TransientModel):
    """Run the selected jobs again."""

    _name = "queue.requeue.job"
    _inherit = "queue.job.selection"
    _description = "Requeue Jobs"

    _transition = "requeue"

    def requeue(self):
        self.job_ids.requeue()
        return self._close()
