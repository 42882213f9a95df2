# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The records that jobs work on, for models that show it."""

from odoo import fields, models

from .loose import LooseMany2one


class QueueJobRecord(models.Model):
    """A job works on a record. Written in SQL when a job of a model is stored that
    inherits ``queue.job.mixin``; others have none."""

    _name = "queue.job.record"
    _description = "Record of a Job"
    _log_access = False
    _rec_name = "job_id"

    job_id = LooseMany2one("queue.job", required=True, readonly=True, index=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="model", required=True, readonly=True
    )

    _record_idx = models.Index("(model, res_id, job_id)")
