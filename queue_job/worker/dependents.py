# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letting those go on that waited for a job, after its end is committed.

In a transaction of its own: siblings that end at the same time must not make each
other run again.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import Any

import psycopg2

from odoo.tools import mute_logger

from ..db.transaction import side_transaction
from ..job import Job

_logger = logging.getLogger("odoo.addons.queue_job.controllers.main")

#: Attempts to release the jobs that wait for one that has ended.
RELEASE_TRIES = 5
_CONCURRENCY_ERRORS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)


def release_dependents(
    env: Any, job: Job, pause: Callable[[float], None] = time.sleep
) -> None:
    """Release the jobs that wait for one which has ended, as far as no other
    transaction keeps them back. Never raises: whom it misses, the runner finds."""
    for number in range(1, RELEASE_TRIES + 1):
        try:
            # that siblings meet is no error to tell of
            with mute_logger("odoo.sql_db"), side_transaction(env) as side:
                side["queue.job"].browse(job.row_id)._release_dependents()
            return
        except _CONCURRENCY_ERRORS:  # a sibling releases the same jobs
            pause(random.uniform(0, 0.05 * 2**number))
        except Exception:
            _logger.exception("jobs that wait for job %s are not released", job.uuid)
            return
    _logger.info("jobs that wait for job %s are left to the runner", job.uuid)
