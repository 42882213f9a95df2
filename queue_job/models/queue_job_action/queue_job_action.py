# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users did to jobs: asked for, counted, carried out, and kept for later."""

from datetime import timedelta

from odoo import api, fields, models

from ...core.actions import Operation
from ...core.limits import MOST_DAYS
from ...core.progress import percentage
from ...core.states import FINAL
from ...db import server_clock
from ..loose import LooseMany2one
from .asking import ActionAsking
from .buttons import ActionButtons
from .changing import ActionChanging
from .in_words import in_words
from .work import ActionWork

#: States of an action that is not over.
UNDER_WAY = ("waiting", "counting", "running")
_DELETED_AT_A_TIME = 1000


class QueueJobAction(
    ActionAsking, ActionWork, ActionChanging, ActionButtons, models.Model
):
    """One thing that was done to jobs. Written by the add-on alone."""

    _name = "queue.job.action"
    _description = "Action on Jobs"
    _log_access = False
    _order = "id DESC"

    # --- what was asked for, by whom ----------------------------------------------

    operation = fields.Selection(
        [
            (Operation.REQUEUE.value, "Requeue"),
            (Operation.SET_DONE.value, "Set to Done"),
            (Operation.CANCEL.value, "Cancel"),
            (Operation.STOP.value, "Stop"),
            (Operation.CHANGE_CHANNEL.value, "Change Channel"),
            (Operation.CHANGE_PRIORITY.value, "Change Priority"),
            (Operation.CHANGE_USER.value, "Change User"),
        ],
        string="Action",
        required=True,
        readonly=True,
    )
    channel = fields.Char(string="New Channel", readonly=True)
    priority = fields.Integer(string="New Priority", readonly=True, aggregator=None)
    new_user_id = LooseMany2one("res.users", string="New User", readonly=True)
    reason = fields.Char(readonly=True, help="Why the jobs were to stop.")
    what = fields.Char(compute="_compute_what")
    origin = fields.Selection(
        [
            ("filter", "Everything that matches a filter"),
            ("selection", "Selected jobs"),
            ("button", "Button of a job"),
            ("command", "Command line"),
        ],
        string="Asked by Way of",
        required=True,
        readonly=True,
    )
    # a selection has 20,000 ids: no list is to read them
    domain = fields.Json(readonly=True, prefetch=False)
    domain_text = fields.Char(
        string="Filter (Domain)", compute="_compute_domain_text", help="As Odoo has it."
    )
    filter_text = fields.Char(
        string="Filter",
        compute="_compute_filter_text",
        store=True,
    )
    user_id = LooseMany2one("res.users", string="Asked by", readonly=True)
    operator = fields.Char(
        readonly=True, help="User of the operating system who called the command."
    )
    company_id = LooseMany2one("res.company", string="Company", readonly=True)

    # --- how it went ------------------------------------------------------------------

    status = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("counting", "Counting"),
            ("running", "Running"),
            ("done", "Done"),
            ("stopped", "Stopped"),
            ("failed", "Failed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    date_asked = fields.Datetime(string="Asked at", readonly=True)
    date_started = fields.Datetime(string="Began at", readonly=True)
    date_ended = fields.Datetime(string="Ended at", readonly=True)
    job_id = LooseMany2one(
        "queue.job",
        string="Carried Out by",
        readonly=True,
        help="The job that works it off, batch by batch.",
    )
    error = fields.Text(readonly=True)
    note = fields.Text(string="Stopped and Resumed", readonly=True)
    is_stalled = fields.Boolean(compute="_compute_is_stalled")
    progress = fields.Float(compute="_compute_progress", aggregator=None)
    explanation = fields.Char(
        compute="_compute_explanation", help="Why its job does not run."
    )

    _date_ended_idx = models.Index("(date_ended)")

    @api.depends("operation", "channel", "priority", "new_user_id", "reason")
    def _compute_what(self):
        labels = dict(self._fields["operation"]._description_selection(self.env))
        for action in self:
            value = action._new_value_shown()
            label = labels.get(action.operation, "")
            action.what = f"{label}: {value}" if value else label

    def _new_value_shown(self):
        match self.operation:
            case Operation.CHANGE_CHANNEL:
                return self.channel
            case Operation.CHANGE_PRIORITY:
                return str(self.priority)
            case Operation.CHANGE_USER:
                return self.sudo().new_user_id.name
        return self.reason or ""

    @api.depends("operation", "channel", "priority", "new_user_id", "reason")
    def _compute_display_name(self):
        for action in self:
            action.display_name = f"{action.what} (#{action.id})"

    @api.depends("domain")
    def _compute_domain_text(self):
        for action in self:
            action.domain_text = repr(action.domain)

    @api.depends("domain")
    def _compute_filter_text(self):
        """Tell the filters of actions of before there was such a column."""
        for action in self:
            action.filter_text = in_words(self.env["queue.job"], action.domain or [])

    @api.depends("status", "job_id")
    def _compute_is_stalled(self):
        """Tell whether nothing works on it any more, or never will by itself."""
        for action in self:
            job = action.sudo().job_id
            is_over = not job or job.state in FINAL
            action.is_stalled = action.status in UNDER_WAY and is_over

    @api.depends("job_id")
    def _compute_explanation(self):
        for action in self:
            job = action.job_id if action.status == "waiting" else None
            is_seen = job and job.has_access("read")
            action.explanation = is_seen and job.explanation

    @api.depends("status", "matched_count", "expected_count")
    def _compute_progress(self):
        for action in self:
            share = percentage(action.matched_count, action.expected_count)
            action.progress = 100.0 if action.status == "done" else min(share, 99.0)

    @api.autovacuum
    def _gc_actions(self):
        """Delete actions that ended as long ago as jobs are kept, one batch of them.
        Called by Odoo's own vacuum.

        :return: (number deleted, whether there are more)
        """
        root = self.env.ref("queue_job.channel_root", False)
        days = root and root.sudo().removal_interval
        days = self.env["queue.job"]._removal_interval if days is False else days
        past = server_clock.now(self.env.cr) - timedelta(days=min(days, MOST_DAYS))
        old = [("date_ended", "<=", past)]
        found = self.sudo().search(old, order="id", limit=_DELETED_AT_A_TIME + 1)
        batch = found[:_DELETED_AT_A_TIME]
        batch.unlink()
        return len(batch), len(found) > _DELETED_AT_A_TIME
