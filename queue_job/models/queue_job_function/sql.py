# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which methods may be delayed in SQL: those that code declares."""

import logging

from psycopg2 import errors

from odoo import api, fields
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ...store import delay_in_sql
from ..part import ModelPart
from .register import RACES

_logger = logging.getLogger(__name__)
_FIELD = "is_sql_allowed"


class FunctionInSQL(ModelPart):
    """What ``queue_job_delay()`` of PostgreSQL asks."""

    _name = "queue.job.function"
    _register = False

    is_sql_allowed = fields.Boolean(
        string="May Be Delayed in SQL",
        readonly=True,
        copy=False,
        help="Whether the function queue_job_delay() in PostgreSQL takes this method:"
        " its code says so, with @job(sql=True).",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_sql_is_code_s(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_sql_is_code_s(vals)
        result = super().write(vals)
        if vals.keys() & {"name", "model_id", "method"}:  # it is another method now
            self.flush_recordset()
            delay_in_sql.withdraw(self.env.cr, self.ids)
            self.invalidate_recordset([_FIELD])
        return result

    @api.model
    def default_get(self, fields):
        """Begin without it: any user may send defaults in a context."""
        return super().default_get([name for name in fields if name != _FIELD])

    def _check_sql_is_code_s(self, vals):
        if _FIELD in vals:
            raise AccessError(
                self.env._(
                    "Only code says which methods may be delayed in SQL: declare the"
                    " method with @job(sql=True)"
                )
            )

    @api.model
    def _register_sql(self, names):
        """Note which methods code declares for SQL. Called each time a server loads a
        database, so usually one statement finds that nothing changed.

        :param names: ``<model>.method`` each
        """
        if self.env.cr.readonly:
            return
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                changed = delay_in_sql.declare(self.env.cr, names)
        except (*RACES, errors.UndefinedColumn) as error:
            # another server does the same, or the module is not updated yet
            _logger.debug("methods for SQL are not registered now: %s", error)
            return
        self.browse(changed).invalidate_recordset([_FIELD])
