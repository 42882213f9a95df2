# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What jobs have logged, where their function asks for it."""

from odoo import api, fields, models

from .loose import LooseMany2one


class QueueJobLog(models.Model):
    """The lines that a job logged during one attempt; written by the worker only."""

    _name = "queue.job.log"
    _description = "Log of a Job"
    _log_access = False
    _rec_name = "job_id"
    _order = "id DESC"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    text = fields.Text(string="Lines", readonly=True, prefetch=False)
    lines_cut = fields.Integer(
        string="Lines Left out",
        readonly=True,
        aggregator=None,
        help="How many lines are not kept, between the first and the last ones.",
    )

    _job_idx = models.Index("(job_id, id)")

    @api.model
    def _by_attempt(self, job):
        """Return the ids of a job's logs, by number of the dispatch."""
        logs = self.search([("job_id", "=", job.id)], order="id")
        return {log.attempt: log.id for log in logs}
