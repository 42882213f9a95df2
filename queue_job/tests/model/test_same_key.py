# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The page of a job leads to the others of its identity key."""

from odoo.addons.queue_job.core.states import State

from .cases import JobModelCase


class TestSameKey(JobModelCase):
    def test_others_that_are_not_done_are_counted_and_listed(self):
        rows = {state: self._row(state, identity_key="k") for state in State}
        self._row(identity_key="other")
        job = rows[State.FAILED]
        ended = {State.FAILED, State.DONE, State.CANCELLED}
        others = [row for state, row in rows.items() if state not in ended]
        self.assertEqual(job.key_jobs_shown, str(len(others)))
        action = job.open_jobs_of_key()
        found = self.env["queue.job"].search(action["domain"])
        self.assertEqual(set(found.ids), {row.id for row in others})

    def test_a_job_without_others_shows_none(self):
        self.assertFalse(self._row(identity_key="k").key_jobs_shown)
        self.assertFalse(self._row().key_jobs_shown)
