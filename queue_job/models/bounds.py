# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers that people write, judged before PostgreSQL refuses them without a name."""

from odoo.exceptions import ValidationError

from ..core.limits import MOST_DAYS, MOST_INTEGER

_ANY = (-MOST_INTEGER, MOST_INTEGER)
JOB_BOUNDS = {
    "priority": _ANY,
    "max_retries": _ANY,
    "retry": _ANY,
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


def check_bounds(model, vals, bounds):
    """Refuse numbers that are too small or too large.

    :param bounds: the least and the greatest number by name of the field
    :raise ValidationError: names field, value and bounds
    """
    for name in bounds.keys() & vals.keys():
        least, most = bounds[name]
        number = _number(vals[name])
        if number is not None and not least <= number <= most:
            raise ValidationError(
                model.env._(
                    "%(field)s cannot be %(value)s: give a number from %(least)s to"
                    " %(most)s.",
                    field=model._fields[name]._description_string(model.env),
                    value=vals[name],
                    least=least,
                    most=most,
                )
            )


def _number(value):
    """Return what is stored of it; ``None`` for what Odoo itself refuses."""
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return None
