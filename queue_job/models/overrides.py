# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who else wants to see what happens to jobs."""

_OWN = "odoo.addons.queue_job.models.queue_job.queue_job"


def is_overridden(model, method_name):
    """Tell whether another add-on overrides a method that ``queue.job`` itself defines:
    in a class of its own, or by putting one on the class of the registry, as automation
    rules do.

    :param method_name: name of a method of the class ``QueueJob``
    """
    for klass in type(model).__mro__:
        if method_name in klass.__dict__:
            return is_of_registry(klass) or klass.__module__ != _OWN
    return False


def is_of_registry(klass):
    """Tell whether a class was made for one database, and not written by a
    developer."""
    return getattr(klass, "pool", None) is not None
