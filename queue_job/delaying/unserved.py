# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a runner serves the jobs that this server stores, where it runs none itself.

Jobs may be stored by one server and run by another, so a server in whose
``server_wide_modules`` the module is missing may be right. It is told that it is not
where no runner leads the database, at two checks with some time between.
"""

import logging
import time
from collections import defaultdict

import psycopg2

from odoo.http import request
from odoo.tools import config

from ..core.runner.runner_watch import LEADER_KEY, RunnerWatch
from ..db.transaction import in_test, side_transaction
from ..store.sql import load

_logger = logging.getLogger(__name__)
_SQL = load("leader")
_IS_SERVED = _SQL.is_served.format(has_leader=_SQL.has_leader)
#: Of this process, by database: a check costs a transaction, and one line is enough.
_watches: defaultdict[str, RunnerWatch] = defaultdict(RunnerWatch)


def job_was_stored(env) -> None:
    """Look for a runner, now and then, once the job is committed."""
    watch = _watches[env.cr.dbname]
    if watch.is_due(time.monotonic()) and _is_serving(env) and not in_test():
        if "queue_job" in config["server_wide_modules"]:
            watch.end()
        else:
            env.cr.postcommit.add(lambda: _look(env))


def _is_serving(env) -> bool:
    """Tell whether this is a server at work: no shell, script or update of modules."""
    return bool(request) or "ir_cron_progress_id" in env.context


def _look(env) -> None:
    watch, monotonic = _watches[env.cr.dbname], time.monotonic()
    if not watch.is_due(monotonic):
        return  # many jobs were stored in one transaction
    try:
        with side_transaction(env) as side:
            side.cr.execute(_IS_SERVED, {"key": LEADER_KEY})
            [is_served] = side.cr.fetchone()
    except psycopg2.Error as error:  # the job is stored all the same
        _logger.debug("cannot look for a runner: %s", error)
        return
    if is_served:
        watch.end()
    elif watch.miss(monotonic):
        _logger.warning(
            "jobs are stored in database %s, but no runner serves it: add queue_job to"
            " server_wide_modules, here or on the server that is to run them, and"
            " restart that",
            env.cr.dbname,
        )
