# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..delaying.edited import editable_text
from ..fields import as_stored
from ..models.loose import LooseMany2one
from ..models.queue_job.run_again import MOST_EDITED


class QueueJobRunAgain(models.TransientModel):
    """Let a manager call the method of a job again with other arguments."""

    _name = "queue.job.run.again"
    _description = "Run a Job Again with Changed Arguments"

    job_id = LooseMany2one("queue.job", required=True, readonly=True)
    call = fields.Char(
        related="job_id.channel_method_name", string="Method", related_sudo=False
    )
    records_text = fields.Char(
        string="Records", compute="_compute_records_text", compute_sudo=False
    )
    args = fields.Text(
        string="Arguments",
        compute="_compute_args",
        store=True,
        readonly=False,
        compute_sudo=False,
        help="A list in JSON.",
    )
    kwargs = fields.Text(
        string="Keyword Arguments",
        compute="_compute_kwargs",
        store=True,
        readonly=False,
        compute_sudo=False,
        help="An object in JSON.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Run as User",
        required=True,
        default=lambda self: self.env.user,
        help="Yourself, or a user who may do no more than you.",
    )

    @api.depends("job_id")
    def _compute_records_text(self):
        for wizard in self:
            stored = as_stored(wizard.job_id).records
            ids = stored.get("ids") or []
            shown = ", ".join(map(str, ids[:20])) + (", …" if len(ids) > 20 else "")
            wizard.records_text = f"{stored.get('model')} ({shown})"

    # one compute for each: what a client has given of one is not to be computed anew

    @api.depends("job_id")
    def _compute_args(self):
        for wizard in self:
            wizard.args = wizard._to_edit(as_stored(wizard.job_id).args)

    @api.depends("job_id")
    def _compute_kwargs(self):
        for wizard in self:
            wizard.kwargs = wizard._to_edit(as_stored(wizard.job_id).kwargs)

    def _to_edit(self, stored):
        text = editable_text(stored)
        if len(text) > MOST_EDITED:
            raise UserError(
                self.env._(
                    "The arguments of this job are too large to be edited here:"
                    " requeue it as it is, or delay the call in code."
                )
            )
        return text

    def run_again(self):
        """Make the new job, and open it."""
        self.ensure_one()
        new = self.job_id._run_again(self.args, self.kwargs, self.user_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Job"),
            "res_model": "queue.job",
            "res_id": new.id,
            "views": [[False, "form"]],
        }
