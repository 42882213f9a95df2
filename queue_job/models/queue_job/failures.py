# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that failed for the same reason, and who hears of it."""

from odoo import fields, models

from ..loose import LooseMany2one
from ..part import ModelPart

#: Setting (of the database) that says how often users are told of failures.
TOLD_PER = "queue_job.failure_messages"
#: ... its value that tells them once of each failure that is new, or came back.
_PER_FAILURE = "failure"


class JobFailures(ModelPart):
    """The part of ``queue.job`` that knows its failure, and asks that before users are
    told of it."""

    _name = "queue.job"
    _register = False

    failure_id = LooseMany2one(
        "queue.job.failure",
        string="Kind of Failure",
        readonly=True,
        copy=False,
        help="What its last failure has in common with those of other jobs.",
    )
    alike_shown = fields.Char(
        related="failure_id.failed_jobs_shown",
        string="Failed for the Same Reason",
        related_sudo=False,
        groups="queue_job.group_queue_job_manager",
    )
    # the jobs of a failure
    _same_failure_idx = models.Index("(failure_id, state) WHERE failure_id IS NOT NULL")

    def _is_told_of_another(self):
        """Tell whether users need not hear of the failure of this job."""
        failure = self.sudo().failure_id
        if failure.status == "ignored":
            return True
        told_per = self.env["ir.config_parameter"].sudo().get_param(TOLD_PER)
        if failure and told_per == _PER_FAILURE:
            return not failure._is_told_with(self)
        return super()._is_told_of_another()
