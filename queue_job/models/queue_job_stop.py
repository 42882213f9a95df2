# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to stop jobs that run."""

from odoo import api, fields, models

from ..store import stopping
from .loose import LooseMany2one

_AT_A_TIME = 1000


class QueueJobStop(models.Model):
    """A request to stop one attempt of a job. It lies beside the job, whose row is
    written by no one while it runs, and is deleted with the end of the attempt."""

    _name = "queue.job.stop"
    _description = "Request to Stop a Job"
    _log_access = False
    _rec_name = "job_id"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    attempt = fields.Integer(
        string="Dispatch", readonly=True, required=True, aggregator=None
    )
    user_id = LooseMany2one("res.users", string="Asked by", readonly=True)
    date_asked = fields.Datetime(string="Asked on", readonly=True)
    reason = fields.Char(readonly=True)
    result = fields.Char(
        readonly=True,
        help="What the result of the job will be; empty where nobody asked.",
    )
    server_limit = fields.Char(
        readonly=True,
        help="The limit of its server by which the worker of the job ended.",
    )
    is_stuck = fields.Boolean(
        readonly=True,
        help="All was done to end the job but to end its server, which has other work.",
    )

    # what asks, and what a worker notes, go by ON CONFLICT
    _job_unique = models.Constraint("UNIQUE (job_id)", "A job is asked to stop once.")

    @api.autovacuum
    def _gc_stop_requests(self):
        """Delete what is about attempts that are over. Called by Odoo's own vacuum.

        :return: (number deleted, whether there are more)
        """
        self.flush_model()
        dropped = stopping.drop_old(self.env.cr, _AT_A_TIME)
        self.invalidate_model()
        return dropped, dropped == _AT_A_TIME
