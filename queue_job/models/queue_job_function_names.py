# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Names of methods that people write into the record of a job function."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

from ..delaying.decorators import declaration
from ..delaying.named_calls import is_called_on_failure, is_related_action


class QueueJobFunction(models.Model):
    _inherit = "queue.job.function"

    def _is_written_by_code(self):
        """Tell whether a data file, say, writes the record: constraints are checked in
        superuser mode, whichever user writes. What must not be called is refused at the
        call, whichever user named it."""
        return self.env.uid == SUPERUSER_ID

    @api.constrains("related_action")
    def _check_name_of_related_action(self):
        for function in self.browse() if self._is_written_by_code() else self:
            name = function.related_action.get("func_name")
            if isinstance(name, str) and not is_related_action(
                self.env["queue.job"], name
            ):
                raise UserError(
                    self.env._(
                        "Job function %(function)s: %(name)s is not meant as a related"
                        " action. Name a method that begins with related_action.",
                        function=function.name,
                        name=name,
                    )
                )

    @api.constrains("on_fail_method", "name", "model_id")
    def _check_on_fail_method(self):
        named = self.filtered("on_fail_method")
        for function in self.browse() if self._is_written_by_code() else named:
            model = self.env.get(function.model_id.model)
            name = function.on_fail_method
            if model is None:
                continue
            declared = declaration(model, function.method or "")
            declared_name = getattr(declared, "on_fail_method", None)
            if not is_called_on_failure(model, name, declared_name):
                raise UserError(
                    self.env._(
                        "Job function %(function)s: %(name)s cannot be called on"
                        " failure. Name a public method of %(model)s itself.",
                        function=function.name,
                        name=name,
                        model=model._name,
                    )
                )
