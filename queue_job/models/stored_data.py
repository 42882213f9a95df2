# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What clients read of stored calls and checkpoints."""

from odoo.tools import SQL

from ..fields import JobSerialized, as_stored
from .part import ModelPart

_WITHIN_YEARS = object()
#: A day less than Python has: people look at it in other time zones.
_FIRST, _LAST = "0001-01-02", "9999-12-30"


class StoredData(ModelPart):
    """A model with fields that stand for live values. Clients get them as they are
    stored: they have no use for live records, and are not to lose a page because the
    model of one is not installed any more."""

    _register = False

    def _fetch_query(self, query, fields):
        """PostgreSQL keeps moments that no ``datetime`` can hold: where there is one,
        all are read once more, those at the end of the years."""
        try:
            return super()._fetch_query(query, fields)
        except (ValueError, OverflowError):
            if self.env.context.get("queue_job__within_years") is _WITHIN_YEARS:
                raise
            within = self.with_context(queue_job__within_years=_WITHIN_YEARS)
            return within._fetch_query(query, fields).with_env(self.env)

    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        if self.env.context.get("queue_job__within_years") is not _WITHIN_YEARS:
            return sql
        if self._fields[field_expr].type != "datetime":
            return sql
        return SQL(
            "CASE WHEN %(moment)s < %(first)s THEN %(first)s::timestamp"
            " WHEN %(moment)s > %(last)s THEN %(last)s::timestamp"
            " ELSE %(moment)s END",
            moment=sql,
            first=_FIRST,
            last=_LAST,
        )

    def _read_format(self, fnames, load="_classic_read"):
        stored = [name for name in fnames if self._is_stored_data(name)]
        rest = [name for name in fnames if not self._is_stored_data(name)]
        rows = super()._read_format(rest, load)
        if not stored:
            return rows
        data = super(StoredData, as_stored(self))._read_format(stored, load)
        by_id = {row["id"]: row for row in data}
        return [{**row, **by_id[row["id"]]} for row in rows if row["id"] in by_id]

    def _export_rows(self, fields, *args, **kwargs):
        names = {path[0] for path in fields if path}  # empty: the record itself
        stored = {name for name in names if self._is_stored_data(name)}
        if not stored:
            return super()._export_rows(fields, *args, **kwargs)
        for name in names - stored:  # what is computed of a call: of the live one
            if name in self._fields:
                self.mapped(name)
        return super(StoredData, as_stored(self))._export_rows(fields, *args, **kwargs)

    def _is_stored_data(self, name):
        return isinstance(self._fields.get(name), JobSerialized)
