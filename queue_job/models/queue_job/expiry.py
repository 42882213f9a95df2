# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Until when a job has to begin."""

from odoo import models
from odoo.tools import format_datetime

from ...core.states import WAITING
from ...db import server_clock
from ...delaying.moment import Moment
from ..part import ModelPart


class JobExpiry(ModelPart):
    """Looked at by the runner and by the workers; see ``store/sql/expiry.sql``."""

    _name = "queue.job"
    _register = False

    expires_at = Moment(
        string="Expires",
        copy=False,
        help="The job is cancelled if it has not begun by this time. Empty: it may"
        " begin at any time, or it has begun.",
    )

    _expiry_idx = models.Index(
        "(expires_at) WHERE expires_at IS NOT NULL"
        " AND state IN ('pending', 'wait_dependencies')"
    )

    def _with_expiry(self, sentence):
        """Return what is said of a job that waits, and until when it may."""
        if not self.expires_at or self.state not in WAITING:
            return sentence
        when = format_datetime(self.env, self.expires_at)
        if self.expires_at <= server_clock.now(self.env.cr):
            late = self.env._(
                "It expired on %s: it is not begun any more, and the runner cancels it"
                " within seconds.",
                when,
            )
            return f"{late} {sentence}"
        until = self.env._("It expires on %s, if it has not begun by then.", when)
        return f"{sentence} {until}"
