# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of a lock key never more jobs run than may, whatever becomes of the servers."""

import random

import pytest
from rig.chaos import SAID, Chaos, finished, wait_for_finishes
from rig.finishes import check_accounts, count_finishes, most_at_once

pytestmark = [pytest.mark.faults, pytest.mark.expects(*SAID)]

COUNT, CAPACITY, FAULTS = 300, 4, 3
LIMITS = {"one": 1, "two": 2, "three": 1}


@pytest.mark.parametrize("server_count", [1, 2])
def test_overlaps_never_exceed_the_limit(
    servers, own_cluster, own_database, server_count
):
    database, dice = own_database, random.Random(1)
    count_finishes(database)
    for _number in range(COUNT):
        key = dice.choice(sorted(LIMITS))
        database.delay(
            _kwargs={"job_duration": dice.choice([0, 0, 0.05])},
            lock_key=key, lock_limit=LIMITS[key], lane=f"key={key}", max_retries=0,
        )  # fmt: skip
    options = {"workers": str(CAPACITY)}
    started = [
        servers("prefork", [database], f"root:{CAPACITY}", options=options)
        for _number in range(server_count)
    ]
    chaos = Chaos(started, own_cluster, database, dice)
    for fault in range(FAULTS):
        wait_for_finishes(chaos, (fault + 1) * COUNT // (FAULTS + 2), COUNT)
        chaos.strike()
        wait_for_finishes(chaos, finished(database) + 1, COUNT)
    wait_for_finishes(chaos, COUNT, COUNT)
    chaos.wake()
    check_accounts(database, CAPACITY)
    for key, limit in LIMITS.items():
        assert most_at_once(database, key=key) <= limit, key
    assert chaos.happened
