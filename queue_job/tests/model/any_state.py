# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs in any state, for tests of what people do with them."""

from odoo.addons.queue_job.core.states import State


def write_row(job, **columns):
    """Set columns of a job's row as they are, past every check, as another process
    does.

    :param job: its record
    """
    job.env.flush_all()
    assignments = ", ".join(f"{column} = %s" for column in columns)
    job.env.cr.execute(
        f"UPDATE queue_job SET {assignments} WHERE id = %s",  # noqa: S608
        (*columns.values(), job.id),
    )
    job.invalidate_recordset()


class AnyState:
    def make_job(self, state=State.PENDING, **columns):
        """Record of a job of the test method, put into ``state``; ``columns`` are set
        as they are, past every check."""
        job = self.env["queue.job"].with_delay()._test_job().db_record()
        write_row(job, state=str(state), **columns)
        return job

    def make_job_in_each_state(self):
        """``{state: record}``"""
        return {state: self.make_job(state) for state in State}
