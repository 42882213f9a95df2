# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the table of jobs needs besides its columns; healed by every update."""

import logging

import psycopg2

from odoo.sql_db import db_connect

from ...store import migration
from ...store.sql import load

_logger = logging.getLogger(__name__)


class JobSchema:
    """The part of ``queue.job`` that keeps triggers and table settings."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _auto_init(self):
        migration.prepare_foreign(self.env.cr)
        super()._auto_init()

    def init(self):
        super().init()
        statements = load("schema")
        self.env.cr.execute(statements.notify_function)
        self.env.cr.execute(statements.notify_triggers)
        self.env.cr.execute(statements.table_settings)
        self.env.cr.postcommit.add(self._tell_runners)

    def _tell_runners(self):
        """Have the runner of this server look into the database at once. It would come
        to that by itself, but later the more databases there are."""
        try:
            with db_connect("postgres").cursor() as cr:
                database = {"database": self.env.cr.dbname}
                cr.execute(load("schema").tell_runners, database)
        except psycopg2.Error as error:
            _logger.debug("runners are not told of a new database: %s", error)
