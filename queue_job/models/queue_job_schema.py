"""What the table of jobs needs besides its columns; healed by every update."""

from .. import takeover
from ..sql import load


class JobSchema:
    """The part of ``queue.job`` that keeps triggers and table settings."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _auto_init(self):
        takeover.before_columns(self.env.cr, self._table)
        super()._auto_init()

    def init(self):
        super().init()
        statements = load("schema")
        self.env.cr.execute(statements.notify_function)
        self.env.cr.execute(statements.notify_triggers)
        self.env.cr.execute(statements.table_settings)
