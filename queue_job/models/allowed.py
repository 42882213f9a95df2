# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Record rules for statements that the ORM does not write."""

from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.tools import SQL

from .queue_job.search import JobSearch

#: Whose ``_search`` hides no row.
_HIDE_NOTHING = {BaseModel.__module__, JobSearch.__module__}


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
    """Tell whether all that is asked for is one of the user's companies, and these are
    all there are. Not where an add-on finds rows in its own way."""
    search = next(c for c in type(model).__mro__ if "_search" in c.__dict__)
    if search.__module__ not in _HIDE_NOTHING or model._active_name:
        return False
    companies = model.env["res.company"].sudo().with_context(active_test=False)
    everyone = {False, *companies.search([]).ids}

    def without(condition):
        is_any = (
            condition.field_expr == "company_id"
            and condition.operator == "in"
            and everyone.issubset(condition.value)
        )
        return Domain.TRUE if is_any else condition

    rules = model.env["ir.rule"]._compute_domain(model._name, "read")
    return rules.map_conditions(without).is_true()
