# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the *Related* button of a job opens."""

from odoo.exceptions import UserError

from ...exception import NotReadableJobError
from ...job import Job
from ..part import ModelPart


class JobRelatedAction(ModelPart):
    """The part of ``queue.job`` with the methods that ``@related_action`` names."""

    _name = "queue.job"
    _register = False

    _default_related_action = "related_action_open_record"

    def open_related_action(self):
        """Return the action configured for the job's method, as the user who asks for
        it.

        :raise UserError: when there is nothing to open, or what is configured is wrong
        """
        self.ensure_one()
        try:
            action = Job.load(self.env, self.uuid).related_action(self)
        except (NotReadableJobError, ValueError) as error:
            raise UserError(str(error)) from error
        if action is None:
            raise UserError(self.env._("No action available for this job"))
        return action

    def related_action_open_record(self):
        """Open the job's records as far as they still exist; ``None`` if none does."""
        self.ensure_one()
        records = self.records.with_env(self.env).exists()
        if not records:
            return None
        action = {
            "name": self.env._("Related Record"),
            "type": "ir.actions.act_window",
            "view_mode": "form",
            "res_model": records._name,
        }
        if len(records) == 1:
            action["res_id"] = records.id
            return action
        return {
            **action,
            "name": self.env._("Related Records"),
            "view_mode": "list,form",
            "domain": [("id", "in", records.ids)],
        }

    def _needaction_domain_get(self):
        """Find jobs that want attention."""
        return [("state", "=", "failed")]
