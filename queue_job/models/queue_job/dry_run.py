# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job would come to, if it ran now."""

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError

from ...core.states import DISPATCHED
from ...exception import NotReadableJobError
from ...store import dispatch
from ...worker.dry_run import dry_run
from ..part import ModelPart


class JobDryRun(ModelPart):
    """The part of ``queue.job`` that lets administrators do the work of a job for
    trial."""

    _name = "queue.job"
    _register = False

    def open_dry_run(self):
        """Return the dialogue that says what a dry run is, and does it."""
        self.ensure_one()
        self._check_may_dry_run()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry Run"),
            "res_model": "queue.job.dry.run",
            "view_mode": "form",
            "target": "new",
            "context": {"default_job_id": self.id},
        }

    def _dry_run(self):
        """Do the work of the job in a transaction that is rolled back.

        :return: :class:`~..worker.dry_run.DryRun`
        :raise AccessError: for others than administrators
        :raise UserError: while the job runs, or when it cannot be read
        """
        self.ensure_one()
        self._check_may_dry_run()
        self._check_not_encrypted()
        self.flush_model()
        runs = dispatch.locked(self.env.cr, self.ids)
        if runs or self.state in DISPATCHED:
            raise UserError(
                self.env._("Job %s is running: wait until it ends", self.uuid)
            )
        try:
            return dry_run(self.env(user=SUPERUSER_ID, context={}), self.uuid)
        except NotReadableJobError as error:
            raise UserError(str(error)) from error

    def _check_may_dry_run(self):
        is_manager = self.env.user.has_group("queue_job.group_queue_job_manager")
        if not (self.env.is_system() and is_manager):
            raise AccessError(
                self.env._(
                    "Only administrators who also manage jobs may do a dry run: it acts"
                    " as the user of the job"
                )
            )
        self.check_access("write")
