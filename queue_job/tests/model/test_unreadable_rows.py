# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rows that hold what PostgreSQL keeps and Python cannot read: whoever wrote them, such
a job fails alone, and no page is lost for it."""

import json

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import NotReadableJobError
from odoo.addons.queue_job.job import Job, current_job, job
from odoo.addons.queue_job.worker import executor

from .case import WORKER_LOGGER
from .cases import FailureCase
from .test_explanation import ExplanationCase

NOT_READABLE = "odoo.addons.queue_job.exception.NotReadableJobError"
DEEP = "[" * 1_500 + "]" * 1_500
#: What a column may hold, and what is said of it.
ODD = (
    ("args", f"[{'9' * 5_000}]", "4300 digits"),
    ("args", f"[{DEEP}]", "nested too deep"),
    ("args", '[{"_type": "date_isoformat", "value": "soon"}]', "soon"),
    ("args", '[{"_type": "etree_element", "value": "<a><b></a>"}]', "XMLSyntaxError"),
    ("args", '[{"_type": "python_dict", "value": 5}]', "TypeError"),
    (
        "args",
        '[{"_type": "datetime_isoformat", "value": "2026-01-01", "pytz": "No/Zone"}]',
        "No/Zone",
    ),
    ("kwargs", f'{{"a": {"9" * 5_000}}}', "4300 digits"),
    ("records", f'{{"ids": {DEEP}}}', "nested too deep"),
    ("records", "[1]", "cannot be made again"),
    ("eta", "0044-03-15 BC", "eta is 0044-03-15 00:00:00 BC"),
    ("date_created", "20000-01-01", "date_created is 20000-01-01"),
)


#: ... that says nothing of the call.
BESIDE = (("expires_at", "20000-01-01", ""), ("args", "[1e999]", ""))


def rename(self, *args, **kwargs):
    self.name = "renamed"


class UnreadableCase(FailureCase):
    def _damaged(self, column, value, delayed=None, **options):
        """A job whose column holds what nobody can read."""
        delayed = delayed or self.delay(rename, options=options)
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE queue_job SET {column} = %s WHERE uuid = %s", (value, delayed.uuid)
        )
        self.env.invalidate_all()
        return delayed


class TestUnreadableRows(UnreadableCase):
    def test_each_fails_and_says_why(self):
        for column, value, told in ODD:
            with self.subTest(column, told=told):
                delayed = self._damaged(column, value)
                self.run_failing(delayed)
                record = self._assert_failed(delayed, NOT_READABLE, told)
                self.assertIn(f"Job {delayed.uuid} cannot be read", record.exc_message)
                self.assertTrue(record.attempt_ids)
                self.assertTrue(record.message_ids)
        self.assertEqual(self.partner.name, "A")

    def test_the_others_of_its_batch_run(self):
        for column, value, _told in ODD:
            jobs = [self.delay(rename) for _number in range(3)]
            self._damaged(column, value, jobs[1])
            attempts = [self.dispatch(delayed) for delayed in jobs]
            with self.subTest(column, value=value[:20]), mute_logger(WORKER_LOGGER):
                ends = self.run_together(jobs, attempts)
                self.assertEqual(ends, ["done", "failed", "done"])

    def test_so_do_those_that_would_be_one_call_with_it(self):
        for column, value, _told in (*ODD, ("args", r'["\u0000"]', ""),
                                     ("records", '{"ids": 5}', "")):  # fmt: skip
            self.put(job(rename, chunk=10))
            jobs = [self.partner.with_delay().rename() for _number in range(3)]
            self._damaged(column, value, jobs[1])
            self.env.registry.clear_cache()
            attempts = [self.dispatch(delayed) for delayed in jobs]
            muted = mute_logger(WORKER_LOGGER, "odoo.sql_db")
            with self.subTest(column, value=value[:20]), muted:
                first, _odd, last = self.run_together(jobs, attempts, may_chunk=True)
                self.assertEqual((first, last), ("done", "done"))

    def test_it_fails_for_a_controller_that_takes_it_alone(self):
        delayed = self._damaged(*ODD[0][:2])
        attempt = self.dispatch(delayed)
        with self.assertLogs(WORKER_LOGGER, "ERROR"):
            taken = executor.acquire(self.env, delayed.uuid, attempt)
        self.assertIsNone(taken)
        self.env.invalidate_all()
        self._assert_failed(delayed, NOT_READABLE, "4300 digits")

    def test_a_time_zone_that_is_not_there_is_not_taken_for_the_model(self):
        delayed = self._damaged(*ODD[5][:2])
        self.run_failing(delayed)
        self.assertNotIn("does not exist", delayed.db_record().exc_message)

    def test_code_that_loads_it_hears_the_same(self):
        for column, value, told in ODD[:9]:
            with self.subTest(column, told=told):
                delayed = self._damaged(column, value)
                with self.assertRaisesRegex(NotReadableJobError, "cannot be read"):
                    Job.load(self.env, delayed.uuid)

    def test_a_checkpoint_fails_the_job_that_asks_for_it(self):
        def go_on(self):
            return current_job(self.env).last_checkpoint

        delayed = self.delay(go_on)
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job_checkpoint (job_id, attempt, data)"
            " SELECT id, 0, %s FROM queue_job WHERE uuid = %s",
            (f"[{'9' * 5_000}]", delayed.uuid),
        )
        self.run_failing(delayed)
        self._assert_failed(delayed, "ValueError", "what is stored cannot be read")


class TestPagesWithUnreadableRows(ExplanationCase, UnreadableCase):
    """Whatever one row holds, the others are shown."""

    def setUp(self):
        super().setUp()
        self.sound = self.delay(rename, 5)

    def _page(self, delayed, *names):
        domain = [("uuid", "in", [self.sound.uuid, delayed.uuid])]
        rows = self.rpc(
            self.manager, "queue.job", "search_read", domain, list(names), order="id"
        )
        json.dumps(rows, allow_nan=False, default=str)
        return rows

    def test_all_that_there_is_to_read_of_a_page_is_read(self):
        names = list(self.rpc(self.manager, "queue.job", "fields_get"))
        for column, value, told in (*ODD, *BESIDE):
            delayed = self._damaged(column, value)
            with self.subTest(column, told=told):
                sound, odd = self._page(delayed, *names)
                self.assertEqual(sound["args"], [5])
                self.assertEqual(odd["uuid"], delayed.uuid)

    def test_of_failed_ones_too(self):
        names = list(self.rpc(self.manager, "queue.job", "fields_get"))
        for column, value, told in ODD:
            delayed = self._damaged(column, value)
            self.run_failing(delayed)
            with self.subTest(column, told=told):
                self.assertEqual(self._page(delayed, *names)[1]["state"], "failed")

    def test_what_cannot_be_read_is_shown_as_such(self):
        delayed = self._damaged("args", f"[{'9' * 5_000}]")
        [mark] = self._page(delayed, "args")[1]["args"]
        self.assertEqual(mark["_type"], "unreadable")
        self.assertIn("4300 digits", mark["value"])
        self.assertIn(
            "cannot be read", self._page(delayed, "explanation")[1]["explanation"]
        )

    def test_a_moment_beyond_all_years_is_shown_at_their_end(self):
        for value, shown in (("20000-01-01", 9999), ("0044-03-15 BC", 1)):
            record = self._damaged("eta", value).db_record()
            self.assertEqual(record.eta.year, shown)

    def test_its_buttons_say_it(self):
        for column, value, _told in ODD[:9]:
            delayed = self._damaged(column, value)
            with self.subTest(column, value=value[:20]):
                record = delayed.db_record().with_user(self.manager)
                with self.assertRaises(UserError):
                    record.open_related_action()

    def test_pages_of_checkpoints_are_read(self):
        self.env.flush_all()
        gone = '{"_type": "odoo_recordset", "model": "gone.model", "ids": [1]}'
        xml = '{"_type": "etree_element", "value": "<a><b></a>"}'
        for number, data in enumerate((gone, xml, "9" * 5_000, '{"at": 7}'), 1):
            self.env.cr.execute(
                "INSERT INTO queue_job_checkpoint (job_id, attempt, data)"
                " SELECT id, %s, %s FROM queue_job WHERE uuid = %s",
                (number, data, self.sound.uuid),
            )
        domain = [("job_id.uuid", "=", self.sound.uuid)]
        asked = ("queue.job.checkpoint", "search_read", domain, ["data"])
        rows = self.rpc(self.manager, *asked)
        self.assertEqual(rows[0]["data"], {"at": 7})
        self.assertEqual(len(rows), 4)
        found = self.env["queue.job.checkpoint"].search(domain)
        exported = found.export_data(["data"])
        self.assertEqual(len(exported["datas"]), 4)
