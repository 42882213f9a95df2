# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a job may begin: its rank and time, its channel, and whether that is paused."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.channels.name import normalise_channel_name
from ...core.states import State
from ...core.text import shown
from ...delaying.moment import Moment
from ..part import ModelPart


class JobScheduling(ModelPart):
    """What the runner goes by; see ``store/sql/candidates.sql``."""

    _name = "queue.job"
    _register = False

    priority = fields.Integer(
        aggregator=None,
        default=10,
        help="Within a channel, jobs with a smaller number run first.",
    )
    date_created = fields.Datetime(string="Created Date", readonly=True)
    eta = Moment(
        string="Execute only after", help="The job does not start before this time."
    )
    channel = fields.Char(
        default="root",
        help="Complete name of the channel, whose capacity says how many jobs run at"
        " a time.",
    )
    paused_channel_id = fields.Many2one(
        "queue.job.channel", compute="_compute_paused_channel_id"
    )
    pause_note = fields.Char(compute="_compute_paused_channel_id")

    _due_idx = models.Index(
        # those in lanes stand behind the others, so that neither hide the rest
        "(channel, ((lane IS NOT NULL)::int), priority, date_created, id)"
        " WHERE state = 'pending' AND eta IS NULL"
    )
    _eta_idx = models.Index(
        "(channel, eta) WHERE state = 'pending' AND eta IS NOT NULL"
    )
    _eta_rank_idx = models.Index(
        "(channel, ((lane IS NOT NULL)::int), priority, date_created, id)"
        " WHERE state = 'pending' AND eta IS NOT NULL"
    )
    _failed_idx = models.Index("(channel) WHERE state = 'failed'")

    def _with_channel_spelt(self, vals):
        """Return the values to be written, the channel in the one spelling it has.

        :raise UserError: when no channel may be called so
        """
        name = vals.get("channel")
        if name is None or name is False or name == "":
            return vals
        if not isinstance(name, str):  # it would be stored as its text, unjudged
            raise UserError(
                self.env._("%s is no name of a channel: give a text", shown(name))
            )
        try:
            return {**vals, "channel": normalise_channel_name(name)}
        except ValueError as error:
            raise UserError(str(error)) from None

    @api.depends("channel", "state")
    def _compute_paused_channel_id(self):
        pending = self.filtered(lambda job: job.state == State.PENDING)
        paused = self.env["queue.job.channel"]._paused_by_name(
            pending.mapped("channel")
        )
        for job in self:
            holds = job in pending and paused.get(job.channel)
            job.paused_channel_id = holds or False
            job.pause_note = (holds or job.paused_channel_id)._say_paused()
