# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What jobs tell that a runner's request runs."""

from odoo.tools import mute_logger

from odoo.addons.queue_job.job import current_job

from .case import RUNJOB, QueueHttpCase

WORKER_LOGGER = "odoo.addons.queue_job.controllers.main"


def tell(self):
    current_job(self.env).progress(1, 4, "a quarter")
    current_job(self.env).checkpoint({"page": 1})
    self.name = "told"


def go_on_as_if_dispatched_anew(self):
    self.name = "stale"
    self.env.flush_all()
    self.env.cr.execute("UPDATE queue_job SET attempt = attempt + 1")
    current_job(self.env).progress(3, 4)
    current_job(self.env).checkpoint("stale")


class TestProgress(QueueHttpCase):
    def outcome(self, delayed):
        response = self.get(RUNJOB, self.dispatch(delayed))
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()["outcomes"][delayed.uuid]

    def rows(self, table):
        self.env.cr.execute(f"SELECT id FROM {table}")  # noqa: S608
        return self.env.cr.fetchall()

    def test_a_job_tells_how_far_it_is(self):
        delayed = self.delay(tell)
        self.assertEqual(self.outcome(delayed), "done")
        record = delayed.db_record()
        self.assertEqual((record.progress, record.progress_text), (25, "a quarter"))
        self.assertEqual(self.partner.name, "told")

    def test_an_attempt_that_counts_no_more_tells_nothing_and_is_lost(self):
        delayed = self.delay(go_on_as_if_dispatched_anew)
        with mute_logger(WORKER_LOGGER):
            self.assertEqual(self.outcome(delayed), "lost")
        self.assertEqual(self.partner.name, "A")
        self.assertEqual(self.rows("queue_job_progress"), [])
        self.assertEqual(self.rows("queue_job_checkpoint"), [])
        self.assertEqual(delayed.db_record().state, "started")

    def test_nothing_is_left_of_one_job_for_the_next_of_its_request(self):
        seen = []

        def look(self):
            seen.append(
                (current_job(self.env).uuid, current_job(self.env).last_checkpoint)
            )

        jobs = [self.delay(tell), self.delay(look)]
        response = self.get(RUNJOB, self.dispatch(*jobs))
        self.assertEqual(set(response.json()["outcomes"].values()), {"done"})
        self.assertEqual(seen, [(jobs[1].uuid, None)])
