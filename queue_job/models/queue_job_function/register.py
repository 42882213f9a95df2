# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Decorated methods get their function record when the server loads a database."""

import logging

from psycopg2 import errors

from odoo import api
from odoo.tools import mute_logger

from ...core.channels.name import ROOT
from ..part import ModelPart

_logger = logging.getLogger(__name__)

#: What a server meets that registers the same methods as another one just now.
RACES = (
    errors.UniqueViolation,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


class FunctionRegistration(ModelPart):
    """Makes the records of methods that have none."""

    _name = "queue.job.function"
    _register = False

    @api.model
    def _register_jobs(self, entries):
        """Make function records for methods that have none yet.

        Called each time a server loads a database, so usually there is nothing to do
        and one query finds that out. Existing records are left as they are: the
        channel a manager chose survives.

        :param entries: (model name, method name, default channel) of each method
        """
        if self.env.cr.readonly:
            return
        missing = self._missing_jobs(entries)
        if not missing or self._try_create_jobs(missing):
            return
        # another server was faster with some of them: which ones shows one by one
        for entry in missing:
            if not self._try_create_jobs([entry]):
                _logger.debug("%s.%s is registered by another server", *entry[:2])

    def _missing_jobs(self, entries):
        by_name = {
            self.job_function_name(model, method): (model, method, channel)
            for model, method, channel in entries
        }
        self.env.cr.execute(
            "SELECT name FROM queue_job_function WHERE name = ANY(%s)",
            (list(by_name),),
        )
        known = {name for (name,) in self.env.cr.fetchall()}
        # in one order everywhere, so that two servers do not wait for each other
        return [by_name[name] for name in sorted(by_name.keys() - known)]

    def _try_create_jobs(self, entries) -> bool:
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.sudo()._create_jobs(entries)
        except RACES:
            return False
        return True

    def _create_jobs(self, entries):
        entries = self._rename_former(entries)
        channels = {
            path: self._find_or_create_channel(path)
            for path in dict.fromkeys(channel for _model, _method, channel in entries)
        }
        models_by_name = {
            model: self.env["ir.model"]._get(model) for model, _, _ in entries
        }
        self.create(
            [
                {
                    "model_id": models_by_name[model].id,
                    "method": method,
                    "channel_id": channels[channel].id,
                }
                for model, method, channel in entries
                if models_by_name[model]
            ]
        )
        self.env.flush_all()  # a race shows at the INSERT: inside the savepoint

    @api.model
    def _register_job(self, model, job_method):
        """Make the function record of one decorated method if it has none.

        :param model: recordset of the method's model
        :param job_method: the method
        :return: the function record
        """
        method_name = job_method.__name__
        channel = getattr(job_method, "default_channel", ROOT)
        self._register_jobs([(model._name, method_name, channel)])
        name = self.job_function_name(model._name, method_name)
        return self.search([("name", "=", name)], limit=1)

    @api.model
    def _find_or_create_channel(self, channel_path):
        """Return the channel record of a complete name; its ancestors are created, too.

        :raise AssertionError: when the name does not begin with ``root``
        """
        root, *names = channel_path.split(".")
        if root != ROOT:
            raise AssertionError(
                f"Channel {channel_path!r}: names of channels begin with 'root'"
            )
        Channel = self.env["queue.job.channel"]
        channel = Channel.search([("complete_name", "=", channel_path)], limit=1)
        if channel:
            return channel
        if not names:
            return Channel.create({"name": ROOT})
        parent = self._find_or_create_channel(channel_path.rpartition(".")[0])
        return Channel.create({"name": names[-1], "parent_id": parent.id})
