# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The smallest example: a button of one model delays a method of another."""

import logging

from odoo import fields, models

from odoo.addons.queue_job.job import job

_logger = logging.getLogger(__name__)


class MyModel(models.Model):
    _name = "my.model"
    _description = "Model with a Job"

    name = fields.Char(required=True)

    @job
    def my_method(self, a, k=None):
        """Say what was given."""
        _logger.info("executed with a: %s and k: %s", a, k)
        return f"a: {a}, k: {k}"


class MyOtherModel(models.Model):
    _name = "my.other.model"
    _description = "Model with a Button"

    name = fields.Char(required=True)

    def button_do_stuff(self):
        """Delay the call: it runs soon after this transaction is committed."""
        self.env["my.model"].with_delay().my_method("a", k=2)
