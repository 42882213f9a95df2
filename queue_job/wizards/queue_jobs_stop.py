# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class QueueJobsStop(models.TransientModel):
    """Stop the selected jobs: those that run, and those that wait."""

    _name = "queue.jobs.stop"
    _inherit = "queue.job.selection"
    _description = "Stop Jobs"

    _transition = "stop"

    reason = fields.Char(help="Shown with the request and in the results of the jobs.")

    def stop(self):
        return self._run(self.reason)

    def _say_done(self, count):
        return self.env._(
            "%s jobs were stopped: those that run are asked to end, and are made to if"
            " they do not; the others are cancelled.",
            count,
        )
