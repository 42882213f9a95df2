# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The records that jobs work on, for models that show it."""

from odoo import fields, models

from ..store import job_records


class QueueJobRecord(models.Model):
    """A job works on a record. Written in SQL when a job of a model is stored that
    inherits ``queue.job.mixin``; others have none."""

    _name = "queue.job.record"
    _description = "Record of a Job"
    _log_access = False
    _rec_name = "job_id"

    job_id = fields.Many2one(
        "queue.job", required=True, readonly=True, index=True, ondelete="cascade"
    )
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="model", required=True, readonly=True
    )

    _record_idx = models.Index("(model, res_id, job_id)")


class QueueJob(models.Model):
    _inherit = "queue.job"

    job_record_ids = fields.One2many(
        "queue.job.record",
        "job_id",
        string="Records Shown",
        readonly=True,
        help="Records of models that show their jobs.",
    )

    def _insert_jobs(self, vals_list, calls):
        ids = super()._insert_jobs(vals_list, calls)
        self._link_records(vals_list, ids)
        return ids

    def _link_records(self, vals_list, ids):
        """Note the records of new jobs whose models ask for it."""
        links = {}
        for vals, job_id in zip(vals_list, ids, strict=True):
            name = vals["model_name"]
            if getattr(self.env.registry[name], "_shows_jobs", False):
                pairs = [(job_id, res_id) for res_id in vals["records"].ids]
                links.setdefault(name, []).extend(pairs)
        for name, pairs in links.items():
            job_records.link(self.env.cr, name, pairs)
