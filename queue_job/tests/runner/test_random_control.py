# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stops, time limits, lock keys and rates hold whoever is killed meanwhile.

``QUEUE_JOB_FAULTS_JOBS`` says how many jobs, ``QUEUE_JOB_FAULTS_SEED`` which schedule.
"""

import os
import random
import time

import pytest
from rig import controlled_jobs
from rig.addons import make_module
from rig.chaos import SAID, Chaos, because, strike_until_all_ended
from rig.finishes import count_finishes
from rig.mixed_jobs import delay_mixed
from rig.recovery import note_recovery

JOBS = int(os.environ.get("QUEUE_JOB_FAULTS_JOBS", "400"))
SEED = int(os.environ.get("QUEUE_JOB_FAULTS_SEED", "1"))
LIMITED = [
    because("job .* failed: .*JobTimeout in ", "(JobTimeout|JobStopped|QueryCanceled)"),
    "its worker process .*end",
]


class Kills(Chaos):
    """Kills workers and runners, and stops jobs that are to be stopped."""

    def __init__(self, *surroundings):
        super().__init__(*surroundings)
        kills = ("worker killed", "runner killed")
        self.faults = {kill: self.faults[kill] for kill in kills}

    def supervise(self):
        controlled_jobs.stop_running(self.database)


@pytest.mark.faults
@pytest.mark.expects(*SAID, *LIMITED)
def test_every_control_holds_under_random_kills(servers, database, tmp_path):
    dice, began = random.Random(SEED), time.monotonic()
    count_finishes(database)
    controlled_jobs.count_runs(database)
    made = delay_mixed(database, dice, JOBS, controlled_jobs.KINDS)
    for code in ("noted", "stuck"):
        make_module(tmp_path, code, name=f"queue_job_{code}")
    started = [
        servers(
            "prefork",
            [database],
            controlled_jobs.CHANNELS,
            server_wide="base,web,queue_job,queue_job_noted,queue_job_stuck",
            section={"stop_after": "1,2,4"},
            options={"workers": str(controlled_jobs.CAPACITY)},
        )
        for _number in range(2)
    ]
    kills = Kills(started, None, database, dice)
    strike_until_all_ended(kills, JOBS, per_fault=max(40, JOBS // 150))
    ends = controlled_jobs.told_ends(database)
    took = time.monotonic() - began
    note_recovery(f"{len(kills.happened)} kills, and jobs under control: {ends}", took)
    controlled_jobs.check_control(database, made)
    assert len(kills.happened) > 1
