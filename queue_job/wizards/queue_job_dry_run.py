# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..models.loose import LooseMany2one
from ..models.queue_job.large_texts import shown_traceback


class QueueJobDryRun(models.TransientModel):
    """Show an administrator what a job would come to."""

    _name = "queue.job.dry.run"
    _description = "Dry Run of a Job"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    call = fields.Char(
        related="job_id.channel_method_name", string="Method", related_sudo=False
    )
    user_id = fields.Many2one(
        related="job_id.user_id", string="Acts as", related_sudo=False
    )
    is_run = fields.Boolean(readonly=True)
    is_well = fields.Boolean(readonly=True)
    result = fields.Text(readonly=True)
    error = fields.Text(readonly=True)
    traceback = fields.Text(readonly=True)
    shown_traceback = fields.Json(compute="_compute_shown_traceback")
    seconds = fields.Float(string="Duration (s)", digits=(16, 3), readonly=True)
    statements = fields.Integer(string="SQL Statements", readonly=True)
    log = fields.Text(readonly=True)
    lines_cut = fields.Integer(string="Lines Left out", readonly=True)

    @api.depends("traceback")
    def _compute_shown_traceback(self):
        for wizard in self:
            wizard.shown_traceback = shown_traceback(wizard.traceback)

    def run(self):
        """Do the dry run, and show what it came to."""
        self.ensure_one()
        found = self.job_id._dry_run()
        self.write(
            {
                "is_run": True,
                "is_well": found.error is None,
                "result": found.result,
                "error": found.error,
                "traceback": found.traceback,
                "seconds": found.seconds,
                "statements": found.statements,
                "log": found.log,
                "lines_cut": found.lines_cut,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry Run"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
