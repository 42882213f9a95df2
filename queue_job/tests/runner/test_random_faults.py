# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of all kinds under a random, but repeatable, schedule of kills and restarts.

Nothing is lost, nothing ends twice, capacity holds. ``QUEUE_JOB_FAULTS_JOBS`` says how
many jobs, ``QUEUE_JOB_FAULTS_SEED`` which schedule.
"""

import os
import random

import pytest
from rig.chaos import SAID, Chaos, strike_until_all_ended
from rig.finishes import check_accounts, count_finishes
from rig.mixed_jobs import ENDS, check_ends, delay_mixed

pytestmark = [pytest.mark.faults, pytest.mark.expects(*SAID)]

CAPACITY = 4
JOBS = int(os.environ.get("QUEUE_JOB_FAULTS_JOBS", "300"))
SEED = int(os.environ.get("QUEUE_JOB_FAULTS_SEED", "1"))


@pytest.mark.parametrize(("server_count", "share"), [(1, 1), (2, 5)])
def test_mixed_jobs_under_random_kills(
    servers, own_cluster, own_database, server_count, share
):
    """One server does all, two of them a fifth: their starts take long."""
    database, dice = own_database, random.Random(SEED)
    count_finishes(database)
    count = JOBS // share
    made = delay_mixed(database, dice, count)
    options = {"workers": str(CAPACITY)}
    started = [
        servers("prefork", [database], f"root:{CAPACITY}", options=options)
        for _number in range(server_count)
    ]
    chaos = Chaos(started, own_cluster, database, dice)
    strike_until_all_ended(chaos, count, per_fault=max(15, count // 200))
    check_accounts(database, CAPACITY)
    check_ends(database, made, ENDS)
    assert chaos.happened
