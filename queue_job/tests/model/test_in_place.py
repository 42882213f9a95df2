# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Work that met a concurrent transaction is tried again by the same worker."""

from odoo.tools import mute_logger

from odoo.addons.queue_job.core.retry import IN_PLACE
from odoo.addons.queue_job.exception import RetryableJobError

from .case import WORKER_LOGGER, JobCase

TRIES = 1 + len(IN_PLACE)


class TestInPlace(JobCase):
    def setUp(self):
        super().setUp()
        self.tries = []
        self.pauses = []

    def run_waiting(self, delayed, wait=None):
        """Hand the job out and run it; note the pauses instead of making them."""
        attempt = self.dispatch(delayed)

        def pass_time(seconds):
            self.pauses.append(seconds)
            if wait is not None:
                wait()

        [answer] = self.run_together([delayed], [attempt], wait=pass_time)
        return answer

    def _meet(self, *sqlstates):
        """A method that meets these errors, one at each try, and then goes well."""
        tries = self.tries

        def meet_others(self, lines):
            tries.append((self.env, list(lines), self.name))
            lines.append("changed by the job")
            self.name = "half done"
            self.env.flush_all()
            if len(tries) <= len(sqlstates):
                state = sqlstates[len(tries) - 1]
                self.env.cr.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'busy'"
                    f" USING ERRCODE = '{state}'; END $$",
                    log_exceptions=False,
                )
            self.name = "done"

        return self.delay(meet_others, [])

    def test_it_goes_well_the_second_time(self):
        for sqlstate in ("40001", "40P01", "55P03"):
            with self.subTest(sqlstate):
                self.tries.clear()
                self.partner.name = "A"
                delayed = self._meet(sqlstate)
                self.assertEqual(self.run_waiting(delayed), "done")
                self.assertEqual(len(self.tries), 2)
                self.assertEqual(self.partner.name, "done")
                record = delayed.db_record()
                self.assertEqual((record.state, record.retry), ("done", 1))
                self.assertFalse(record.attempt_ids)

    def test_each_try_begins_afresh(self):
        delayed = self._meet("40001", "40001")
        self.run_waiting(delayed)
        self.assertEqual([lines for _env, lines, _name in self.tries], [[], [], []])
        self.assertEqual([name for _env, _lines, name in self.tries], ["A", "A", "A"])

    def test_the_tries_are_few_and_count_as_one(self):
        delayed = self._meet(*["40001"] * 10)
        self.assertEqual(self.run_waiting(delayed), "postponed")
        self.assertEqual(len(self.tries), TRIES)
        self.assertEqual(len(self.pauses), TRIES - 1)
        record = delayed.db_record()
        self.assertEqual((record.state, record.retry), ("pending", 1))
        self.assertEqual(len(record.attempt_ids), 1)
        self.assertEqual(self.partner.name, "A")

    def test_other_errors_are_not_tried_again_in_place(self):
        tries = []

        def fail(self):
            tries.append(self)
            raise RetryableJobError("not now")

        self.assertEqual(self.run_waiting(self.delay(fail)), "postponed")
        self.assertEqual((len(tries), self.pauses), (1, []))

    def test_another_error_in_the_second_try_ends_it(self):
        delayed = self._meet("40001", "22012")  # division by zero
        with self.assertLogs(WORKER_LOGGER, "ERROR"):
            self.assertEqual(self.run_waiting(delayed), "failed")
        self.assertEqual(len(self.tries), 2)
        self.assertEqual(delayed.db_record().retry, 1)

    def test_who_lost_the_job_meanwhile_does_not_try_again(self):
        delayed = self._meet("40001")

        def dispatch_again():
            self.env.cr.execute(
                "UPDATE queue_job SET attempt = attempt + 1 WHERE uuid = %s",
                (delayed.uuid,),
            )

        with mute_logger(WORKER_LOGGER):
            self.assertEqual(self.run_waiting(delayed, dispatch_again), "lost")
        self.assertEqual(len(self.tries), 1)
        record = delayed.db_record()
        self.assertEqual((record.state, record.retry), ("started", 0))
        self.assertFalse(record.attempt_ids)
