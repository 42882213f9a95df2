# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pure tests import ``odoo.addons.queue_job.core`` without Odoo."""

import logging

import pytest
from rig import thoroughness
from rig.addon_alone import use_addon_alone

thoroughness.choose()
use_addon_alone()


@pytest.fixture(scope="module")
def silent_channels():
    """What the channels log of their thousands of configurations is not read."""
    logger = logging.getLogger("odoo.addons.queue_job.jobrunner.channels")
    logger.disabled = True
    yield
    logger.disabled = False
