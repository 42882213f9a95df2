# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""After which exceptions the jobs of a function are retried."""

from odoo import api, fields
from odoo.exceptions import UserError

from ...core.listed_exceptions import names_in, text_of
from ...delaying.decorators import declaration
from ..part import ModelPart

_LISTS = ("retry_on", "give_up_on")


class FunctionRetries(ModelPart):
    """The exceptions, as text that a manager can edit."""

    _name = "queue.job.function"
    _register = False

    retry_on = fields.Char(
        help="Names of exceptions, separated by commas, such as"
        " requests.exceptions.ConnectionError or TimeoutError: a job that raises one of"
        " them, or of what derives from it, is retried as the retry pattern says, until"
        " it has no attempt left. Empty: those of the method's decorator.",
    )
    give_up_on = fields.Char(
        string="But Give Up On",
        help="Names of exceptions that fail a job at once though they are among those"
        " on which it would be retried. Empty: those of the method's decorator.",
    )
    retries_in_code = fields.Char(
        string="In the Method's Code",
        compute="_compute_retries_in_code",
        help="What the method's decorator says of retries. It holds where nothing is"
        " chosen here.",
    )

    @api.depends("model_id", "method")
    def _compute_retries_in_code(self):
        for function in self:
            model = self.env.get(function.model_id.model or "")
            found = None
            if model is not None and function.method:
                found = declaration(model, function.method)
            function.retries_in_code = _told(found) or False

    def _exceptions(self):
        """Return the names that the record lists, for its configuration."""
        return {
            name: tuple((self[name] or "").split(", ")) for name in _LISTS if self[name]
        }

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_names(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_names(vals))

    @api.model
    def _with_names(self, vals):
        """``vals`` with the names of exceptions as they are stored.

        :raise UserError: for what names no exception
        """
        return {
            key: self._names(key, value) if key in _LISTS and value else value
            for key, value in vals.items()
        }

    @api.model
    def _names(self, key, text):
        try:
            return text_of(names_in(str(text))) or False
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(field)s: %(error)s.",
                    field=self._fields[key].string,
                    error=error,
                )
            ) from None


def _told(found):
    """Return what a declaration says of retries."""
    if found is None:
        return ""
    pattern = getattr(found, "retry_pattern", None)
    told = [f"retry_pattern={pattern}"] if pattern else []
    for name in _LISTS:
        listed = text_of(getattr(found, name, ()))
        told += [f"{name}={listed}"] if listed else []
    return "; ".join(told)
