# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which methods the record of a job function may name.

Managers write these records, and what they name becomes a call: the related action
with the rights of the user who clicks, the method called on failure with those of the
job. So a name opens only what code meant for it.
"""

from typing import Any

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method

#: How methods of ``queue.job`` begin that are meant as related actions.
RELATED_ACTION = ("related_action", "_related_action")
#: ... and private methods of any model that are meant to be called on failure.
CALLED_ON_FAILURE = ("_on_fail", "_job_on_fail")


def is_related_action(model: Any, name: str) -> bool:
    """Tell whether a record may name this method of ``queue.job`` as related action: by
    its beginning, or its attribute ``is_related_action``, set in code."""
    return name.startswith(RELATED_ACTION) or _is_marked(
        model, name, "is_related_action"
    )


def is_called_on_failure(model: Any, name: str, declared: Any = None) -> bool:
    """Tell whether a record may name this method as the one called on failure: one that
    clients can call and that stands on the model itself, or one that says so by its
    beginning, or its attribute ``is_on_fail_method``, set in code, or that code
    declares for the delayed method itself.

    :param declared: the name that the decorator of the delayed method gives
    """
    if (
        name == declared
        or name.startswith(CALLED_ON_FAILURE)
        or _is_marked(model, name, "is_on_fail_method")
    ):
        return hasattr(model, name)
    return _is_public(model, name) and not _is_general(model, name)


def _is_marked(model: Any, name: str, mark: str) -> bool:
    return getattr(getattr(type(model), name, None), mark, False) is True


def _is_public(model: Any, name: str) -> bool:
    try:
        get_public_method(model, name)
    except (AccessError, AttributeError):
        return False
    return True


def _is_general(model: Any, name: str) -> bool:
    """Tell whether the model has the method from all models, or from a mixin; also
    where it extends it."""
    return any(
        hasattr(klass, name)
        for klass in type(model).__mro__[1:]
        if getattr(klass, "_abstract", False) and _is_of_registry(model, klass)
    )


def _is_of_registry(model: Any, klass: Any) -> bool:
    return model.env.registry.get(klass._name) is klass
