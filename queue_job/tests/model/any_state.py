# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.core.states import State


class AnyState:
    """Jobs in any state, for tests of what people do with them."""

    def make_job(self, state=State.PENDING, **columns):
        """Record of a job of the test method, put into ``state``; ``columns`` are set
        as they are, past every check."""
        job = self.env["queue.job"].with_delay()._test_job().db_record()
        self.env.flush_all()
        values = {"state": str(state), **columns}
        assignments = ", ".join(f"{column} = %s" for column in values)
        self.env.cr.execute(
            f"UPDATE queue_job SET {assignments} WHERE id = %s",
            (*values.values(), job.id),
        )
        job.invalidate_recordset()
        return job

    def make_job_in_each_state(self):
        """``{state: record}``"""
        return {state: self.make_job(state) for state in State}
