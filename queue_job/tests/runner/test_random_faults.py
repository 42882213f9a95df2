# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of all kinds under a random, but repeatable, schedule of kills and restarts.

Nothing is lost, nothing ends twice, capacity holds. ``QUEUE_JOB_FAULTS_JOBS`` says how
many jobs, ``QUEUE_JOB_FAULTS_SEED`` which schedule.
"""

import os
import random
import time

import pytest
from rig.chaos import SAID, Chaos, finished, wait_for_finishes
from rig.finishes import check_accounts, count_finishes
from rig.mixed_jobs import ENDS, delay_mixed
from rig.recovery import note_recovery

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
    per_fault = max(15, count // 200)  # twice as many end between two, at most
    mark = 5
    while (done := wait_for_finishes(chaos, mark, count)) < count:
        mark = done + dice.randint(1, 2 * per_fault)
        begun = time.monotonic()
        name = chaos.strike()
        wait_for_finishes(chaos, finished(database) + 1, count)
        note_recovery(f"{name} (random)", time.monotonic() - begun)
    chaos.wake()
    check_accounts(database, CAPACITY)
    states = database.states()
    for kind, uuids in made.items():
        expected = ENDS.get(kind, "done")
        wrong = {u: states.get(u) for u in uuids if states.get(u) != expected}
        assert not wrong, kind
    assert chaos.happened
