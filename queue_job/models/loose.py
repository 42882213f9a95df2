# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""References without a foreign key."""

from odoo import fields
from odoo.tools import SQL, sql


def _drop_foreign_key(cr, table, column):
    cr.execute(
        "SELECT conname FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = to_regclass(%s)"
        " AND conkey = ARRAY[(SELECT attnum FROM pg_attribute"
        "  WHERE attrelid = conrelid AND attname = %s)]",
        (table, column),
    )
    for (name,) in cr.fetchall():
        sql.drop_constraint(cr, table, name)
        cr.execute(
            "DELETE FROM ir_model_constraint WHERE name = %s AND type = 'f'", (name,)
        )


class LooseMany2many(fields.Many2many):
    """A ``Many2many`` of a wizard whose relation has no foreign key to what it names:
    for each, PostgreSQL does something at every ``UPDATE`` of a row that may be named.
    Rows that name what is gone are not read, and go with the wizard.
    """

    def update_db_foreign_keys(self, model):
        """Make that to the wizard alone, and drop the other of an earlier version."""
        super().update_db_foreign_keys(model)
        model.pool._foreign_keys.pop((self.relation, self.column2), None)
        _drop_foreign_key(model.env.cr, self.relation, self.column2)


class LooseMany2one(fields.Many2one):
    """A ``Many2one`` whose column has no foreign key. The deletion of what it names
    writes no row, and looks for none; the id stays, and reads as empty from then on:
    in a record, as a group of ``_read_group``, in a search for ``False``.
    """

    def update_db_foreign_key(self, model, column):
        """Make none, and drop that of an earlier version."""
        _drop_foreign_key(model.env.cr, model._table, self.name)

    def _insert_cache(self, records, values):
        ids = list(values)
        named = records.env[self.comodel_name].browse({id_ for id_ in ids if id_})
        known = set(named.exists()._ids) if named else ()
        super()._insert_cache(records, [id_ if id_ in known else None for id_ in ids])

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        condition = super().condition_to_sql(
            field_expr, operator, value, model, alias, query
        )
        if operator not in ("in", "not in") or False not in value:
            return condition
        if operator == "in":
            return SQL("(%s OR %s)", condition, self._names_nobody(model, alias))
        return SQL("(%s AND NOT %s)", condition, self._names_nobody(model, alias))

    def _names_nobody(self, model, alias):
        """Tell whether the column holds the id of something that is gone."""
        comodel = SQL.identifier(model.env[self.comodel_name]._table)
        column = SQL.identifier(alias, self.name)
        if not self.index:
            return SQL(
                "(%s IS NOT NULL AND %s NOT IN (SELECT id FROM %s))",
                column, column, comodel,
            )  # fmt: skip
        # those that are gone, hopping through the index from one id to the next: a
        # search by company goes by this index, too
        return SQL(
            """%(column)s = ANY(ARRAY(
                WITH RECURSIVE used AS (
                    (SELECT %(name)s AS id FROM %(table)s
                     WHERE %(name)s IS NOT NULL ORDER BY %(name)s LIMIT 1)
                    UNION ALL
                    SELECT (SELECT %(name)s FROM %(table)s
                            WHERE %(name)s > used.id ORDER BY %(name)s LIMIT 1)
                    FROM used WHERE used.id IS NOT NULL
                )
                SELECT id FROM used
                WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM %(comodel)s)
            ))""",
            column=column,
            name=SQL.identifier(self.name),
            table=SQL.identifier(model._table),
            comodel=comodel,
        )

    def as_group(self, model, alias, query):
        """Return the column in ``query`` as something to group by."""
        comodel, coalias = self.join(model, alias, query)
        return comodel._field_to_sql(coalias, "id", query)
