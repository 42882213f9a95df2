# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Filters that say "within the last hour" become those of a moment.

Odoo reads such a date anew each time that it searches, by the clock of its host. What
is to stay what a user has seen needs the moment itself; and the dates of jobs are those
of PostgreSQL's clock.
"""

from datetime import datetime

from odoo.fields import Datetime, Domain
from odoo.tools.date_utils import parse_date, parse_iso_date

from ..db import server_clock

#: What compares dates; others compare texts.
_COMPARISONS = {"=", "!=", "in", "not in", "<", "<=", ">", ">="}


def fixed(model, domain):
    """Return the filter that says now what a filter of a model says, and will say the
    same later.

    :param domain: a valid one
    """

    def of(condition):
        value = _fixed_value(model, condition)
        if value is condition.value:
            return condition
        return Domain(condition.field_expr, condition.operator, value)

    domain = Domain(domain)
    changes = any(of(one) is not one for one in domain.iter_conditions())
    return domain.map_conditions(of) if changes else domain


def _fixed_value(model, condition):
    """Return the value itself where it names no relative date."""
    field, value = _last_field(model, condition.field_expr), condition.value
    if field is None:
        return value
    if "any" in condition.operator:
        return _fixed_inside(model, field, value)
    is_date = field.type in ("date", "datetime")
    if not is_date or condition.operator not in _COMPARISONS:
        return value
    if isinstance(value, str):
        return _moment(model.env, value)
    if isinstance(value, list | tuple | set | frozenset):
        found = [_moment(model.env, one) for one in value]
        return value if found == list(value) else found
    return value


def _fixed_inside(model, field, value):
    if not field.relational or not isinstance(value, Domain | list | tuple):
        return value
    inside = Domain(value)
    found = fixed(model.env[field.comodel_name], inside)
    return value if found is inside else found


def _last_field(model, path):
    """Return the field that a path of names leads to; ``None`` for parts of a date."""
    field = None
    for name in str(path).split("."):
        field = model._fields.get(name) if model is not None else None
        is_relation = field is not None and field.relational
        model = model.env[field.comodel_name] if is_relation else None
    return field


def _moment(env, value):
    """Return a date as it stands, and a relative one as it is now."""
    if not isinstance(value, str) or _is_absolute(value):
        return value
    # "=" and "today" mean days of the user: seconds are nothing to them
    by_host = Datetime.now()
    found = parse_date(value, env)
    if isinstance(found, datetime) and "=" not in value:
        found += server_clock.now(env.cr) - by_host
        return Datetime.to_string(found.replace(microsecond=0))
    return str(found)


def _is_absolute(value):
    try:
        parse_iso_date(value)
    except ValueError:
        return False
    return True
