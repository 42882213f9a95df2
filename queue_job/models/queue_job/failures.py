# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that failed for the same reason, and who hears of it."""

#: Setting (of the database) that says how often users are told of failures.
TOLD_PER = "queue_job.failure_messages"
#: ... its value that tells them once of each failure that is new, or came back.
_PER_FAILURE = "failure"


class JobsOfAFailure:
    """The part of ``queue.job`` that knows its failure, and asks that before users are
    told of it."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _is_told_of_another(self):
        """Tell whether users need not hear of the failure of this job."""
        failure = self.sudo().failure_id
        if failure.status == "ignored":
            return True
        told_per = self.env["ir.config_parameter"].sudo().get_param(TOLD_PER)
        if failure and told_per == _PER_FAILURE:
            return failure.told_job_id != self
        return super()._is_told_of_another()
