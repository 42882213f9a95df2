# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import fields, models

from ..store import copy_guard

_logger = logging.getLogger(__name__)


class QueueJobsAdopt(models.TransientModel):
    """Let a copy of a database run the jobs that it has from the original."""

    _name = "queue.jobs.adopt"
    _description = "Adopt Jobs"

    is_copy = fields.Boolean(
        string="Copy", default=lambda self: copy_guard.look(self.env.cr).is_copy
    )

    def adopt(self):
        """From now on the jobs are those of this database."""
        self.check_access("write")
        copy_guard.remember(self.env.cr)
        self.env.cr.postcommit.add(self.env["queue.job"]._tell_runners)
        _logger.warning(
            "user %s lets database %s run the jobs that it has from another one",
            self.env.user.login,
            self.env.cr.dbname,
        )
        return {"type": "ir.actions.act_window_close"}
