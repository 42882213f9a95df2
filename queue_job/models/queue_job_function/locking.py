# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lock key of a job function: which of its jobs have to wait for each other."""

from odoo import api, fields
from odoo.exceptions import ValidationError

from ...delaying.lock_keys import check_text
from ..part import ModelPart


class FunctionLocking(ModelPart):
    """What a manager may choose; the decorator holds where he says nothing."""

    _name = "queue.job.function"
    _register = False

    lock_key = fields.Char(
        help="Of the jobs that have the same key, only so many run at a time as the"
        " limit says, in whatever channels. {self.id} stands for the id of the job's"
        " record, {company.id} and {user.id} for those of its company and user,"
        " {argument} for an argument of the method, {argument.id} for the id of one"
        " that is a record: partner-{self.partner_id.id}. Empty: what the method's"
        " decorator says. Jobs that were delayed before keep theirs.",
    )
    lock_limit = fields.Integer(
        aggregator=None,
        help="How many jobs of a lock key run at a time. 0: what the method's decorator"
        " says, else 1.",
    )

    @api.constrains("lock_key")
    def _check_lock_key(self):
        for function in self.filtered("lock_key"):
            try:
                check_text(function.lock_key)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Lock key %(key)s of %(function)s: %(reason)s.",
                        key=function.lock_key,
                        function=function.name,
                        reason=error,
                    )
                ) from None
