# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a model is written in several files."""

from odoo import models


class ModelPart(models.Model):
    """Some fields and indexes of a model, and the methods that belong to them.

    The class of the model lists its parts as bases. It alone is registered, so all
    stands on that one class, where other add-ons override and patch it. A part is made
    by Odoo's metaclass, which so finds its fields; it names the model, and says itself
    that it is not registered: Odoo does not look for that in its bases.
    """

    _register = False
    _module = "queue_job"
