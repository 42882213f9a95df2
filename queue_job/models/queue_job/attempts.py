# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How often a job was dispatched, by whom it is run, and how it went."""

from odoo import fields

from ..part import ModelPart


class JobAttempts(ModelPart):
    """What the worker records; see ``store.dispatch`` and ``worker/record.py``."""

    _name = "queue.job"
    _register = False

    attempt = fields.Integer(
        string="Dispatches",
        readonly=True,
        default=0,
        copy=False,
        help="How often the job was dispatched to a worker. Only the latest "
        "dispatch may record how the job went.",
    )
    retry = fields.Integer(
        string="Current try", readonly=True, help="Number of attempts so far."
    )
    max_retries = fields.Integer(
        string="Max. retries",
        help="After this many attempts the job fails instead of being retried. 0: "
        "no limit.",
    )
    repeats = fields.Integer(
        string="Repeated in Place",
        readonly=True,
        copy=False,
        aggregator=None,
        help="How often a worker repeated the work of the job at once, after a "
        "conflict with another transaction.",
    )
    attempt_ids = fields.One2many(
        "queue.job.attempt", "job_id", string="Unsuccessful Attempts", readonly=True
    )
    attempts_not_kept = fields.Integer(
        string="Attempts not Kept",
        readonly=True,
        copy=False,
        aggregator=None,
        help="How many unsuccessful attempts are no longer listed.",
    )
    worker_pid = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Process that runs the job.",
    )
    worker_host = fields.Char(
        string="Host",
        readonly=True,
        copy=False,
        help="Host of the process that runs the job.",
    )
    worker_backend = fields.Integer(
        string="Database Session",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Process id, in PostgreSQL, of the session that the job works on.",
    )
    exec_time = fields.Float(
        string="Execution Time (avg)",
        readonly=True,
        aggregator="avg",
        help="Seconds the job took, from its start to its end.",
    )

    result = fields.Text(readonly=True, prefetch=False)
    exc_name = fields.Char(string="Exception", readonly=True)
    exc_message = fields.Char(string="Exception Message", readonly=True)
    exc_info = fields.Text(
        string="Exception Information", readonly=True, prefetch=False
    )
