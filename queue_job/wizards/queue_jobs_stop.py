# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools.misc import split_every

from ..core.states import UNDER_WAY

#: So many jobs at once, to keep what a batch needs in memory and locks small.
STOPPED_AT_A_TIME = 5_000
#: So many are stopped by one press of the button: a request has a time limit.
MOST_JOBS = 100_000


class QueueJobsStop(models.TransientModel):
    """Stop the selected jobs: those that run, and those that wait."""

    _name = "queue.jobs.stop"
    _inherit = "queue.job.selection"
    _description = "Stop Jobs"

    reason = fields.Char(help="Shown with the request and in the results of the jobs.")

    def _allowed(self):
        return UNDER_WAY  # those that run stay started until they end

    def _movable(self):
        states = sorted(self._allowed())
        checked = self.env["queue.job.action"]._checked(self.selected_domain)
        return checked & fields.Domain("state", "in", states)

    def stop(self):
        """Stop the jobs, and tell what became of them."""
        jobs = self.job_ids
        if self._has_filter():
            jobs = jobs.search(self._movable(), order="id", limit=MOST_JOBS)
        asked = cancelled = 0
        for ids in split_every(STOPPED_AT_A_TIME, jobs.ids):
            running, waiting = jobs.browse(ids)._stop(self.reason)
            asked += len(running)
            cancelled += len(waiting)
            self.env.invalidate_all()
        over = len(jobs) - asked - cancelled
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(jobs._say_stopped(asked, cancelled, over)),
                "type": "warning" if over else "success",
                "next": self._close(),
            },
        }
