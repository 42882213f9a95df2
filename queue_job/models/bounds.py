# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers and texts that people write, judged before PostgreSQL refuses them without a
name."""

from odoo.exceptions import ValidationError

from ..core.limits import MOST_DAYS, MOST_EXPIRY, MOST_INTEGER
from ..core.text import UNSTORABLE, shown

_ANY = (-MOST_INTEGER, MOST_INTEGER)
JOB_BOUNDS = {
    "priority": _ANY,
    "max_retries": (0, MOST_INTEGER),
    "retry": (0, MOST_INTEGER),
    "timeout": (0, MOST_INTEGER),
}
#: What is below 0 is told in words of its own.
CHANNEL_BOUNDS = {
    "removal_interval": (-MOST_INTEGER, MOST_DAYS),
    "failed_removal_interval": (-MOST_INTEGER, MOST_DAYS),
    "capacity_limit": _ANY,
    "aging_limit": _ANY,
    "per_limit": _ANY,
}
#: ... so is what is too much for one call.
FUNCTION_BOUNDS = {
    "timeout": _ANY,
    "expires": (-MOST_INTEGER, MOST_EXPIRY),
    "lock_limit": (0, 10_000),
    "chunk_size": _ANY,
}


def check_bounds(model, vals, bounds):
    """Refuse numbers that are too small or too large, and texts that PostgreSQL does
    not store.

    :param bounds: the least and the greatest number by name of the field
    :raise ValidationError: names field, value and bounds
    """
    for name in bounds.keys() & vals.keys():
        least, most = bounds[name]
        number = _number(vals[name])
        if number is None or not least <= number <= most:
            raise ValidationError(
                model.env._(
                    "%(field)s cannot be %(value)s: give a number from %(least)s to"
                    " %(most)s.",
                    field=_label(model, name),
                    value=shown(vals[name]),
                    least=least,
                    most=most,
                )
            )
    for name, value in vals.items():
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise ValidationError(
                model.env._(
                    "%(field)s cannot be stored: leave NUL characters and halves of"
                    " surrogate pairs out of it.",
                    field=_label(model, name),
                )
            )


def _label(model, name):
    field = model._fields.get(name)
    return field._description_string(model.env) if field else name


def _number(value):
    """Return what is stored of it; ``None`` for what is no number."""
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return None
