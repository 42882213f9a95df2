# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many examples hypothesis takes. A busy machine is no reason to fail."""

import os

from hypothesis import settings


def choose():
    """Take 60 examples; ``HYPOTHESIS_PROFILE=thorough`` looks longer."""
    settings.register_profile("daily", max_examples=60, deadline=None)
    settings.register_profile("thorough", max_examples=3000, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))
