# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..core.actions import CHANGES, Operation
from ..models.bounds import JOB_BOUNDS


class QueueJobsChange(models.TransientModel):
    """Move the selected jobs to another channel, or change their rank or user."""

    _name = "queue.jobs.change"
    _inherit = "queue.job.selection"
    _description = "Change Jobs"

    _bounds = {"priority": JOB_BOUNDS["priority"]}

    operation = fields.Selection(
        [
            (Operation.CHANGE_CHANNEL.value, "Channel"),
            (Operation.CHANGE_PRIORITY.value, "Priority"),
            (Operation.CHANGE_USER.value, "User"),
        ],
        string="What to Change",
        required=True,
        default=Operation.CHANGE_CHANNEL.value,
    )
    channel_id = fields.Many2one("queue.job.channel", string="New Channel")
    priority = fields.Integer(
        string="New Priority",
        default=10,
        help="Within a channel, jobs with a smaller number run first.",
    )
    user_id = fields.Many2one("res.users", string="New User")

    def _operation(self):
        return Operation(self.operation or Operation.CHANGE_CHANNEL)

    def change(self):
        name = CHANGES[self._operation()]
        new = {
            "channel": self.channel_id.complete_name,
            "priority": self.priority,
            "user_id": self.user_id.id,
        }
        return self._run(new[name])
