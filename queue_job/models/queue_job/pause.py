# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The channel a job is put in, and why it does not begin where that is paused."""

from odoo import api
from odoo.exceptions import UserError

from ...core.channels.name import normalise_channel_name
from ...core.states import State


class PausedJobs:
    """The part of ``queue.job`` that knows of channels."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _with_channel_spelt(self, vals):
        """Return the values to be written, the channel in the one spelling it has.

        :raise UserError: when no channel may be called so
        """
        if not isinstance(name := vals.get("channel"), str) or not name:
            return vals
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
