# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A filter of jobs, as users read it."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.orm.domains import (
    DomainAnd,
    DomainBool,
    DomainCondition,
    DomainNot,
    DomainOr,
)

from ...core.text import clipped

#: Characters of the whole, and values of one condition, that are shown.
_MOST = 1_000
_MOST_VALUES = 5


def in_words(model, domain):
    """Return what a filter of a model says, in the language of who reads it.

    :param domain: of which nothing is known but that it is one
    """
    return clipped(_Words(model).of(fields.Domain(domain)), _MOST)


class _Words:
    def __init__(self, model):
        self.model = model
        self.env = model.env

    def of(self, domain, is_inside=False):
        match domain:
            case DomainBool():
                return self.env._("none") if domain.is_false() else self.env._("all")
            case DomainNot():
                return self.env._("not (%s)", self.of(domain.child))
            case DomainAnd() | DomainOr():
                return self._joined(domain, is_inside)
            case DomainCondition():
                return self._condition(domain)
        return str(domain)

    def _joined(self, domain, is_inside):
        is_and = isinstance(domain, DomainAnd)
        word = self.env._(" and ") if is_and else self.env._(" or ")
        text = word.join(self.of(child, is_inside=True) for child in domain.children)
        return f"({text})" if is_inside else text

    def _condition(self, condition):
        label, field = self._named(str(condition.field_expr))
        operator, value = condition.operator, condition.value
        if isinstance(value, fields.Domain | list | tuple) and "any" in operator:
            return f"{label} {self._operator(operator)} ({self._within(field, value)})"
        return f"{label} {self._operator(operator)} {self._values(field, value)}"

    def _named(self, path):
        """Return the labels along a path of fields, and the last field."""
        model, field, labels = self.model, None, []
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            labels.append(field._description_string(self.env) if field else name)
            model = self.env.get(field.comodel_name) if _is_relation(field) else None
        return " → ".join(labels), field

    def _within(self, field, value):
        if not _is_relation(field):
            return str(value)
        return in_words(self.env[field.comodel_name], value)

    def _operator(self, operator):
        words = {
            "=": self.env._("is"),
            "!=": self.env._("is not"),
            "in": self.env._("is"),
            "not in": self.env._("is not"),
            "ilike": self.env._("contains"),
            "not ilike": self.env._("does not contain"),
            "any": self.env._("with"),
            "not any": self.env._("without"),
        }
        return words.get(operator, operator)

    def _values(self, field, value):
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            return self._value(field, value)
        values = list(value)
        if field is not None and field.name == "id" and len(values) > _MOST_VALUES:
            return self.env._("one of %s chosen ones", len(values))
        shown = [self._value(field, one) for one in values[:_MOST_VALUES]]
        text = self.env._(" or ").join(shown)
        if (more := len(values) - _MOST_VALUES) > 0:
            return self.env._("%(some)s or %(n)s others", some=text, n=more)
        return text

    def _value(self, field, value):
        if value is False or value is None:
            return self.env._("empty")
        if value is True:
            return self.env._("set")
        if field is not None and field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return str(labels.get(value, value))
        if field is not None and field.type == "datetime":
            return f"{value} UTC"
        if _is_relation(field) and isinstance(value, int):
            return self._record(field, value)
        return str(value)

    def _record(self, field, record_id):
        try:
            record = self.env[field.comodel_name].browse(record_id).exists()
            return record.display_name or str(record_id)
        except AccessError:
            return str(record_id)


def _is_relation(field):
    return field is not None and bool(field.relational)
