# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The records that a job works on, for models that show it."""

from odoo import fields, models

from ...store import job_records
from ..part import ModelPart

#: Records of a job that show it, at most: a job of all products is no matter of one.
MOST_LINKED = 1000


class JobRecords(ModelPart):
    """The part of ``queue.job`` that knows the records a job works on."""

    _name = "queue.job"
    _register = False

    job_record_ids = fields.One2many(
        "queue.job.record",
        "job_id",
        string="Records Shown",
        readonly=True,
        help="Records of models that show their jobs.",
    )

    is_shown = fields.Boolean(
        string="Shown on Records",
        readonly=True,
        copy=False,
        help="Whether the records that the job works on show it.",
    )
    # records with jobs under way
    _shown_idx = models.Index(
        "(model_name, id) WHERE is_shown"
        " AND state IN ('wait_dependencies', 'pending', 'enqueued', 'started')"
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
            if self.env.registry[name]._shows_jobs:
                shown = vals["records"].ids[:MOST_LINKED]
                pairs = [(job_id, res_id) for res_id in shown]
                links.setdefault(name, []).extend(pairs)
        for name, pairs in links.items():
            job_records.link(self.env.cr, name, pairs)
