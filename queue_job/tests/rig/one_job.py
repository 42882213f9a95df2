# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a test looks at that has one job in the database."""

from odoo.addons.queue_job.store import dispatch

#: How many advisory locks of a class are held in the database.
LOCKS = """
    SELECT count(*) FROM pg_locks WHERE classid::bigint = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def row(database):
    """The row of the only job."""
    [found] = database.rows("SELECT * FROM queue_job")
    return found


def rescued(database):
    """What the runner finds dead, and puts back."""
    with database.connection.cursor() as cr:
        return dispatch.rescue(cr)
