# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the suites with real servers get from ``script/test``, by environment
variables; ``tooling/suite_env.py`` lists them all."""

import os

import pytest

#: What every suite on a PostgreSQL needs.
_ALWAYS = (
    "PGHOST",
    "QUEUE_JOB_TEMPLATE_DB",
    "QUEUE_JOB_TEST_DB_PREFIX",
    "QUEUE_JOB_LOG_DIR",
    "QUEUE_JOB_SERVER_RC",
    "ODOO_BIN",
)


def need(suite, *more):
    """End the run with status 2 where the surroundings of a suite are not there.

    :param more: further variables that it needs
    """
    missing = [name for name in (*_ALWAYS, *more) if not os.environ.get(name)]
    if missing:
        pytest.exit(f"not set: {', '.join(missing)}; use script/test {suite}", 2)


def database_prefix():
    """How the name of every database of this run begins: ``script/test`` drops what is
    left of them."""
    return os.environ["QUEUE_JOB_TEST_DB_PREFIX"]


def first_port():
    """The first of 40 ports on loopback that are this run's alone."""
    return int(os.environ["QUEUE_JOB_PORT_BASE"])
