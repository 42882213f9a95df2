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
from rig.chaos import LOST, Chaos, because
from rig.finishes import check_accounts, count_finishes
from rig.mixed_jobs import ENDS, delay_mixed
from rig.recovery import note_recovery

pytestmark = [
    pytest.mark.faults,
    pytest.mark.expects(
        because("job .* failed: .*JobError in ", "JobError: Job failed"),
        "Re-queued dead job",
        "exception in GET",
        "job .* is lost to this worker",
        "database .* is set aside",
        "ended the session of a silent runner",
        "cannot list databases",
        "Database or registry unusable, trying without",
        because("Exception during request handling", LOST),
        because(
            "what follows the end of an attempt has failed",
            f"({LOST}|rendering the template)",
        ),
        "Gevent Parent changed",
        "odoo.sql_db: bad query",
        rf"odoo.service.server: .*{LOST}",
        because("exception: sleeping", LOST),
        because("jobs that wait for job .* are not released", LOST),
        "odoo.registry: Failed to load registry",
        "odoo.modules.loading: Transient module states were reset",
        "odoo.sql_db: Cursor not closed explicitly",
    ),
]

CAPACITY = 4
JOBS = int(os.environ.get("QUEUE_JOB_FAULTS_JOBS", "300"))
SEED = int(os.environ.get("QUEUE_JOB_FAULTS_SEED", "1"))
#: Longest time without any job ending, in seconds.
PATIENCE = 180


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


def finished(database):
    return database.value("SELECT count(DISTINCT uuid) FROM finishes")


def wait_for_finishes(chaos, mark, count):
    """Wait until so many jobs, or all, have ended; returns how many."""
    begun = time.monotonic()
    while (done := finished(chaos.database)) < min(mark, count):
        waited = time.monotonic() - begun
        assert waited < PATIENCE, f"{done} of {count} after {chaos.happened}"
        if waited > 8:
            chaos.wake()
        chaos.supervise()
        time.sleep(0.05)
    return done
