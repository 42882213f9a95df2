from odoo import fields, models


class QueueJobAttempt(models.Model):
    """A try of a job that did not succeed; written by the executor only."""

    _name = "queue.job.attempt"
    _description = "Unsuccessful Try of a Job"
    _log_access = False
    _order = "id DESC"

    job_id = fields.Many2one(
        "queue.job", required=True, readonly=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(
        string="Hand-out", readonly=True, help="Which hand-out of the job this was."
    )
    date_started = fields.Datetime(string="Start Date", readonly=True)
    duration = fields.Float(
        string="Duration (s)",
        readonly=True,
        help="Seconds; empty when the worker died.",
    )
    host = fields.Char(readonly=True)
    pid = fields.Integer(string="Worker Pid", readonly=True, aggregator=None)
    exc_name = fields.Char(string="Exception", readonly=True)
    exc_message = fields.Char(string="Exception Message", readonly=True)
    exc_info = fields.Text(string="Exception Information", readonly=True)
