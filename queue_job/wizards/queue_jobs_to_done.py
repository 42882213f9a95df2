from odoo import models


class QueueJobsToDone(models.TransientModel):
    """Mark the selected jobs as done without running them."""

    _name = "queue.jobs.to.done"
    _inherit = "queue.job.selection"
    _description = "Set Jobs to Done"

    _transition = "set_done"

    def set_done(self):
        self.job_ids.button_done()
        return self._close()
