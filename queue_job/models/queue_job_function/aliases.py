# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods that had another name, or whose model had."""

from odoo import api, tools

from ...delaying.aliases import declared_aliases, former_names
from ..part import ModelPart


class FunctionAliases(ModelPart):
    """What is stored under a former name goes on under the new one."""

    _name = "queue.job.function"
    _register = False

    @api.model
    @tools.ormcache()
    def _aliases(self):
        """Return {(former model, former method): (model, method)}, as code declares."""
        return dict(declared_aliases(self.env))

    def _rename_former(self, entries):
        """Give the records of former names the new ones: what a manager chose there
        goes on to hold. Called for methods that have no record yet.

        :param entries: (model name, method name, default channel) of each method
        :return: those for which there is no record of a former name
        """
        left = []
        for entry in entries:
            model, method, _channel = entry
            names = [
                self.job_function_name(*former)
                for former in former_names(self.env, model, method)
            ]
            found = self.search([("name", "in", names)], limit=1) if names else None
            if found:
                found.name = self.job_function_name(model, method)
            else:
                left.append(entry)
        return left
