# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The message of a failure takes long, and tells how many are under way: each holds a
lock meanwhile."""

import time

from odoo.sql_db import db_connect

from odoo.addons.queue_job.models.queue_job import QueueJob

post = QueueJob._message_post_on_failure


def _post_slowly(self):
    with db_connect(self.env.cr.dbname).cursor() as cr:
        cr.execute("SELECT pg_advisory_xact_lock_shared(4711)")
        cr.execute(
            "INSERT INTO messages SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = 4711"
            " AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        time.sleep(0.3)
    post(self)


QueueJob._message_post_on_failure = _post_slowly
