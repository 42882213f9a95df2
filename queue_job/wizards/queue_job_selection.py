"""What the wizards on a selection of jobs have in common."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.states import TRANSITIONS


class QueueJobSelection(models.AbstractModel):
    """The jobs ticked in a list, and how many of them an action can move."""

    _name = "queue.job.selection"
    _description = "Selection of Jobs"

    #: Name of the move the wizard makes; jobs it does not start from are left alone.
    _transition = None

    job_ids = fields.Many2many(
        "queue.job", string="Jobs", default=lambda self: self._default_job_ids()
    )
    moving_count = fields.Integer(
        string="Jobs to Change", compute="_compute_moving_count"
    )
    skipped_count = fields.Integer(
        string="Jobs Left as They Are",
        compute="_compute_moving_count",
        help="Jobs whose state does not allow this.",
    )

    @api.model
    def _default_job_ids(self):
        if self.env.context.get("active_model") != "queue.job":
            return False
        ids = self.env.context.get("active_ids") or []
        if not (isinstance(ids, list | tuple) and all(type(i) is int for i in ids)):
            raise UserError(self.env._("These are no ids of jobs: %s", ids))
        return ids

    @api.depends("job_ids.state")
    def _compute_moving_count(self):
        sources = TRANSITIONS[self._transition].sources
        for wizard in self:
            moving = wizard.job_ids.filtered(lambda job: job.state in sources)
            wizard.moving_count = len(moving)
            wizard.skipped_count = len(wizard.job_ids) - len(moving)

    def _close(self):
        return {"type": "ir.actions.act_window_close"}
