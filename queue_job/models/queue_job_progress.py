# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far running jobs have come, and where their next attempts go on."""

from odoo import fields, models

from ..fields import JobSerialized
from .loose import LooseMany2one
from .stored_data import StoredData


class QueueJobProgress(models.Model):
    """What a job tells of itself while it runs; written by its worker, in SQL, beside
    the job's transaction. The row of a started job is written by no one."""

    _name = "queue.job.progress"
    _description = "Progress of a Job"
    _log_access = False
    _rec_name = "job_id"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    done = fields.Float(readonly=True)
    total = fields.Float(readonly=True)
    text = fields.Char(readonly=True)
    date_told = fields.Datetime(string="Told on", readonly=True)

    # a worker writes it by ON CONFLICT
    _job_unique = models.Constraint("UNIQUE (job_id)", "A job has one progress.")


class QueueJobCheckpoint(StoredData, models.Model):
    """Where the next attempt of a job goes on; the latest row of a job counts. Written
    by its worker, in SQL, with the work that it is about."""

    _name = "queue.job.checkpoint"
    _description = "Checkpoint of a Job"
    _log_access = False
    _rec_name = "job_id"
    _order = "attempt DESC, id DESC"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    data = JobSerialized(readonly=True)

    _latest_idx = models.Index("(job_id, attempt, id)")
