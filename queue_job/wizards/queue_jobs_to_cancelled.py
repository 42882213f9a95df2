from odoo import models


class QueueJobsToCancelled(models.TransientModel):
    """Cancel the selected jobs."""

    _name = "queue.jobs.to.cancelled"
    _inherit = "queue.job.selection"
    _description = "Cancel Jobs"

    _transition = "cancel"

    def set_cancelled(self):
        self.job_ids.button_cancelled()
        return self._close()
