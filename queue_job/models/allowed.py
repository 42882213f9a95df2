# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Record rules for statements that the ORM does not write."""

from odoo.tools import SQL


def allowed(model):
    """Return the condition that the record rules put on rows of a model, as SQL on its
    table.

    :raise AccessError: when the user may not read any
    """
    query = model._search([])
    if query.is_empty():
        return SQL("FALSE")
    if query.from_clause.code != SQL.identifier(model._table).code:  # a rule joins
        return SQL("%s IN %s", SQL.identifier(model._table, "id"), query.subselect())
    return query.where_clause or SQL("TRUE")
