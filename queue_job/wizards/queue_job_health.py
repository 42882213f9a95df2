# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The page *Health*."""

from odoo import Command, api, fields, models

from ..core.health import Severity


class QueueJobHealth(models.TransientModel):
    """What is wrong with the job queue just now, and what puts it right."""

    _name = "queue.job.health"
    _description = "Health of the Job Queue"

    finding_ids = fields.One2many(
        "queue.job.health.finding", "health_id", string="Findings", readonly=True
    )
    is_well = fields.Boolean(compute="_compute_is_well")

    @api.depends("finding_ids.severity")
    def _compute_is_well(self):
        for health in self:
            bad = health.finding_ids.filtered(lambda f: f.severity != Severity.NOTE)
            health.is_well = not bad

    def _compute_display_name(self):
        self.display_name = self.env._("Health")

    @api.model
    def action_examine(self):
        """Examine the queue, and show what was found."""
        self.check_access("read")
        # what clients write is no finding
        health = self.sudo().create({"finding_ids": self._found()})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Health"),
            "res_model": self._name,
            "res_id": health.id,
            "view_mode": "form",
            "target": "current",
        }

    def _found(self):
        doctor = self.env["queue.job.doctor"].sudo()
        found = []
        for finding in doctor._examine():
            words, cure = doctor._in_words(finding)
            values = {"severity": finding.severity.value, "words": words, "cure": cure}
            found.append(Command.create(values))
        return found


class QueueJobHealthFinding(models.TransientModel):
    """One thing that is not as it should be."""

    _name = "queue.job.health.finding"
    _description = "Finding about the Job Queue"

    health_id = fields.Many2one("queue.job.health", required=True, ondelete="cascade")
    severity = fields.Selection(
        [
            (Severity.CRITICAL.value, "Critical"),
            (Severity.WARNING.value, "Warning"),
            (Severity.NOTE.value, "Note"),
        ],
        required=True,
    )
    words = fields.Char(string="What Is Wrong", required=True)
    cure = fields.Char(string="What Puts It Right", required=True)
