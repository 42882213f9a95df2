# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The runner goes by the clock of PostgreSQL, not by its host's."""

import time

import pytest
from rig.loop import looping

from odoo.addons.queue_job.jobrunner import clock as clock_module
from odoo.addons.queue_job.jobrunner.clock import Clock


@pytest.mark.parametrize("ahead", [600, -600])
def test_what_the_host_says_makes_nothing_due_and_keeps_nothing(
    database, monkeypatch, ahead
):
    wall = time.time
    monkeypatch.setattr(clock_module.time, "time", lambda: wall() + ahead)
    database.delay(uuid="in five minutes")
    database.delay(uuid="a minute ago")
    for uuid, seconds in (("in five minutes", 300), ("a minute ago", -60)):
        database.rows(
            "UPDATE queue_job SET eta = clock_timestamp() AT TIME ZONE 'UTC'"
            " + %s * interval '1 second' WHERE uuid = %s",
            seconds,
            uuid,
        )
    with looping([database], clock=Clock()) as loop:
        loop.runner.cycle()
        loop.runner.cycle()
    sent = [h.uuid for r in loop.dispatcher.sent for h in r.dispatched_jobs]
    assert sent == ["a minute ago"]
