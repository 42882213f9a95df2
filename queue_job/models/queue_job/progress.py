# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a job has come."""

from odoo import api, fields

from ...core.progress import percentage
from ...store import progress as store
from ..part import ModelPart


class JobProgress(ModelPart):
    """The part of ``queue.job`` that shows how far a job has come."""

    _name = "queue.job"
    _register = False

    progress = fields.Float(
        compute="_compute_progress",
        aggregator=None,
        help="How far the latest attempt has come, in percent, as the job tells.",
    )
    progress_text = fields.Char(
        string="At",
        compute="_compute_progress",
        help="What the latest attempt is at, as the job tells.",
    )
    has_progress = fields.Boolean(compute="_compute_progress")

    @api.depends("attempt")
    def _compute_progress(self):
        """Read what jobs tell, in one query for all that are shown."""
        self.flush_recordset(["attempt"])
        told = store.progress_of(self.env.cr, self.ids)
        for job in self:
            done, total, text = told.get(job.id, (0.0, None, None))
            job.has_progress = job.id in told
            job.progress = percentage(done, total)
            job.progress_text = _shown(done, total, text) if job.id in told else False


def _shown(done, total, text):
    """Return what is shown beside the bar; where there is none, the bare number."""
    if total:
        return text or False
    return f"{done:g}: {text}" if text else f"{done:g}"
