# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The story of a job, as its form tells it."""

import json
import socket

from odoo.addons.queue_job.exception import RetryableJobError

from .any_state import write_row
from .case import JobCase


class TestTimeline(JobCase):
    def told(self, record):
        record.invalidate_recordset()
        return record.with_user(self.manager).timeline

    def kinds(self, record):
        return [event["kind"] for event in self.told(record)]

    def test_a_job_that_waits(self):
        def wait_for_it(self):
            return None

        record = self.delay(wait_for_it).db_record()
        [created] = self.told(record)
        self.assertEqual(created["kind"], "created")
        self.assertIn(self.env.user.name, created["text"])
        self.assertIn("<res.partner>.wait_for_it", created["details"])

    def test_attempts_and_the_end_are_told_in_order(self):
        left = [RetryableJobError("not yet", seconds=0), OSError("closed"), None]

        def try_it(self):
            if error := left.pop(0):
                raise error

        delayed = self.delay(try_it, options={"max_retries": 3})
        record = delayed.db_record()
        self.run_job(delayed)
        write_row(record, eta=None)
        self.run_failing(delayed)
        self.assertEqual(
            self.kinds(record), ["created", "attempt", "attempt", "failed"]
        )
        _created, first, second, _failed = self.told(record)
        self.assertIn("not yet", first["details"][0])
        self.assertIn("OSError: closed", second["details"][0])
        self.assertIn(socket.gethostname(), " ".join(second["details"]))
        self.assertRegex(" ".join(second["details"]), r"took \d+\.\d{3} s")
        attempts = record.attempt_ids.sorted("id")
        self.assertEqual([first["attempt_id"], second["attempt_id"]], attempts.ids)
        record.requeue()
        self.run_job(delayed)
        self.assertEqual(
            self.kinds(record),
            ["created", "attempt", "attempt", "dispatched", "begun", "done"],
        )
        *_, begun, done = self.told(record)
        self.assertIn(socket.gethostname(), " ".join(begun["details"]))
        self.assertRegex(done["details"][0], r"took \d+\.\d{3} s")

    def test_attempts_that_are_not_kept_are_counted(self):
        def fail_it(self):
            raise OSError

        delayed = self.delay(fail_it)
        record = delayed.db_record()
        self.run_failing(delayed)
        record.requeue()
        self.run_failing(delayed)
        write_row(record, attempts_not_kept=12)
        self.assertEqual(
            self.kinds(record), ["created", "attempt", "not_kept", "attempt", "failed"]
        )
        self.assertIn("12", self.told(record)[2]["text"])

    def test_a_host_is_forgotten_when_the_job_is_dispatched_again(self):
        def do_it(self):
            return None

        delayed = self.delay(do_it)
        self.run_job(delayed)
        record = delayed.db_record()
        self.assertEqual(record.worker_host, socket.gethostname())
        record.requeue()
        self.assertFalse(record.worker_host)

    def test_a_user_that_is_gone_is_said_to_be(self):
        def do_it(self):
            return None

        record = self.delay(do_it).db_record()
        gone = 999_999_999
        records = {"_type": "odoo_recordset", "model": "res.partner", "ids": []}
        records = json.dumps({**records, "uid": gone, "su": False})
        write_row(record, user_id=gone, records=records)
        self.assertIn("gone", self.told(record)[0]["text"])
