# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..core.text import short_name
from .loose import LooseMany2one
from .queue_job.large_texts import shown_traceback


class QueueJobAttempt(models.Model):
    """An unsuccessful attempt of a job; written by the executor only."""

    _name = "queue.job.attempt"
    _description = "Unsuccessful Attempt of a Job"
    _log_access = False
    _order = "id DESC"

    job_id = LooseMany2one("queue.job", required=True, readonly=True, index=True)
    number = fields.Integer(
        string="Dispatch", readonly=True, help="Which dispatch of the job this was."
    )
    date_started = fields.Datetime(string="Start Date", readonly=True)
    duration = fields.Float(
        string="Duration (s)",
        readonly=True,
        help="Seconds; empty when the worker died.",
    )
    date_end = fields.Datetime(
        string="End Date",
        readonly=True,
        help="When the latest of these attempts ended.",
    )
    is_poll = fields.Boolean(
        string="Uncounted",
        readonly=True,
        help="The job asked to be retried later, without counting this attempt.",
    )
    times = fields.Integer(
        readonly=True,
        default=1,
        aggregator=None,
        help="How many uncounted attempts in a row ended for this reason; the "
        "first of them is kept.",
    )
    host = fields.Char(readonly=True)
    pid = fields.Integer(string="Worker Pid", readonly=True, aggregator=None)
    exc_name = fields.Char(string="Exception", readonly=True)
    exc_short = fields.Char(
        string="Exception (Short)",
        compute="_compute_exc_short",
        help="Its class, without the module.",
    )
    exc_message = fields.Char(string="Exception Message", readonly=True)
    exc_info = fields.Text(
        string="Exception Information", readonly=True, prefetch=False
    )
    shown_traceback = fields.Json(compute="_compute_shown_traceback")
    log = fields.Text(
        compute="_compute_log",
        help="What the job logged, if its function asks for it to be kept.",
    )

    @api.depends("exc_name")
    def _compute_exc_short(self):
        for attempt in self:
            attempt.exc_short = short_name(attempt.exc_name)

    @api.depends("exc_info")
    def _compute_shown_traceback(self):
        for attempt in self:
            attempt.shown_traceback = shown_traceback(attempt.exc_info)

    @api.depends("job_id", "number")
    def _compute_log(self):
        logs = self.env["queue.job.log"]
        for attempt in self:
            log_id = logs._by_attempt(attempt.job_id).get(attempt.number)
            attempt.log = logs.browse(log_id or []).text
