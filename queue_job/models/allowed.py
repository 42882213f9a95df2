# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Record rules for statements that the ORM does not write."""

from odoo.tools import SQL


def allowed(model):
    """Return the condition that the record rules put on rows of a model, as SQL on its
    table. To whom they let see all, none: an index that does not know the companies can
    tell then.

    :raise AccessError: when the user may not read any
    """
    query = model._search([])
    if query.is_empty():
        return SQL("FALSE")
    if query.from_clause.code != SQL.identifier(model._table).code:  # a rule joins
        return SQL("%s IN %s", SQL.identifier(model._table, "id"), query.subselect())
    if not query.where_clause or _lets_see_all(model):
        return SQL("TRUE")
    return query.where_clause


def _lets_see_all(model):
    """Tell whether all that the rules ask for is one of the user's companies, and these
    are all there are."""
    domain = model.env["ir.rule"]._compute_domain(model._name, "read")
    companies = model.env["res.company"].sudo().with_context(active_test=False)
    everyone = {False, *companies.search([]).ids}
    return not domain.is_false() and all(
        condition.field_expr == "company_id"
        and condition.operator == "in"
        and everyone.issubset(condition.value)
        for condition in domain.iter_conditions()
    )
