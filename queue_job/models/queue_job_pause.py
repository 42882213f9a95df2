"""Why a pending job does not begin, where its channel is paused."""

from odoo import api

from ..core.states import State


class PausedJobs:
    """The part of ``queue.job`` that knows of paused channels."""

    __slots__ = ()  # like every model: another layout could not be extended

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
