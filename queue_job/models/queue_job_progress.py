# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far running jobs have come, and where their next attempts go on."""

from odoo import api, fields, models

from ..core.progress import percentage
from ..fields import JobSerialized
from ..store import progress as store


class QueueJobProgress(models.Model):
    """What a job tells of itself while it runs; written by its worker, in SQL, beside
    the job's transaction. The row of a started job is written by no one."""

    _name = "queue.job.progress"
    _description = "Progress of a Job"
    _log_access = False
    _rec_name = "job_id"

    job_id = fields.Many2one(
        "queue.job", required=True, readonly=True, ondelete="cascade"
    )
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    done = fields.Float(readonly=True)
    total = fields.Float(readonly=True)
    text = fields.Char(readonly=True)
    date_told = fields.Datetime(string="Told on", readonly=True)

    # a worker writes it by ON CONFLICT
    _job_unique = models.Constraint("UNIQUE (job_id)", "A job has one progress.")


class QueueJobCheckpoint(models.Model):
    """Where the next attempt of a job goes on; the latest row of a job counts. Written
    by its worker, in SQL, with the work that it is about."""

    _name = "queue.job.checkpoint"
    _description = "Checkpoint of a Job"
    _log_access = False
    _rec_name = "job_id"
    _order = "attempt DESC, id DESC"

    job_id = fields.Many2one(
        "queue.job", required=True, readonly=True, ondelete="cascade"
    )
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    data = JobSerialized(readonly=True)

    _latest_idx = models.Index("(job_id, attempt, id)")


class QueueJob(models.Model):
    _inherit = "queue.job"

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
