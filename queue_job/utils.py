# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The switches that make delayed calls run at once, for tests and debugging.

Each exists as environment variable (any text but the empty one is on) and as context
key (any true value is on, unless a client has sent it).
"""

import logging
import os

from odoo.tools import config

from .client_context import is_set_by_code

_logger = logging.getLogger(__name__)

#: ``with_delay()`` gives the recordset itself: the call is an ordinary one.
PLAIN_CALL_VARIABLE = "TEST_QUEUE_JOB_NO_DELAY"
PLAIN_CALL_KEY = "test_queue_job_no_delay"
#: A job is made, performed in the caller's transaction and returned; not stored.
DIRECT_RUN_VARIABLE = "QUEUE_JOB__NO_DELAY"
DIRECT_RUN_KEYS = ("queue_job__no_delay", "_job_force_sync")

#: What code on the server says of delayed calls in a context, and no client.
SWITCHES = frozenset({PLAIN_CALL_KEY, *DIRECT_RUN_KEYS, "job_uuid", "company_id"})


def is_on(env, key) -> bool:
    """Tell whether code on the server has put a true value under the key of the
    context."""
    return bool(env.context.get(key)) and is_set_by_code(env, key)


def is_plain_call(env) -> bool:
    """Tell whether ``with_delay()`` is to return the recordset itself."""
    return bool(os.environ.get(PLAIN_CALL_VARIABLE)) or is_on(env, PLAIN_CALL_KEY)


def is_direct_run(env) -> bool:
    """Tell whether a delayed call is to be performed at once."""
    if os.environ.get(DIRECT_RUN_VARIABLE):
        _logger.warning("`%s` is set: jobs run at once", DIRECT_RUN_VARIABLE)
        return True
    key = next((key for key in DIRECT_RUN_KEYS if is_on(env, key)), None)
    if key and not config["test_enable"]:
        _logger.info("`%s` is in the context: the job runs at once", key)
    return key is not None


def must_run_without_delay(env) -> bool:
    """Tell whether any switch is on."""
    return is_plain_call(env) or is_direct_run(env)
