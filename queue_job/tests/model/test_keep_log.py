# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What jobs log is kept with their attempts, where their function asks for it."""

import logging
import threading
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import job
from odoo.addons.queue_job.store import logs as store
from odoo.addons.queue_job.worker import log_keeping

from .any_state import write_row
from .case import JobCase

_logger = logging.getLogger("odoo.addons.shop")


def talk(self, error=None):
    _logger.debug("not this")
    _logger.info("line of %s", self.name)
    if error:
        raise OSError(error)


class KeepLogCase(JobCase):
    def setUp(self):
        super().setUp()
        # whatever the level of the server
        level = _logger.level
        _logger.setLevel(logging.DEBUG)
        self.addCleanup(_logger.setLevel, level)

    def talking(self, *args, **options):
        self.put_job(talk, **options)
        return self.partner.with_delay(max_retries=3).talk(*args)

    def logs(self, delayed):
        record = delayed.db_record()
        return self.env["queue.job.log"].search([("job_id", "=", record.id)])


class TestKeepLog(KeepLogCase):
    def test_nothing_is_kept_unless_it_is_asked_for(self):
        handlers = list(logging.getLogger().handlers)

        def look(self):
            assert list(logging.getLogger().handlers) == handlers
            return None

        for options in ({}, {"keep_log": "off"}):
            self.put_job(look, **options)
            delayed = self.partner.with_delay().look()
            with self.subTest(**options):
                self.assertEqual(self.run_job(delayed), "done")
                self.assertFalse(self.logs(delayed))

    def test_of_a_failure(self):
        delayed = self.talking("closed", keep_log="on_failure")
        self.run_failing(delayed)
        log = self.logs(delayed)
        self.assertRegex(log.text, r"INFO odoo.addons.shop: line of A$")
        self.assertEqual(log.lines_cut, 0)
        attempt = delayed.db_record().attempt_ids
        self.assertEqual(attempt.log, log.text)
        told = delayed.db_record().timeline
        self.assertEqual([e["log_id"] for e in told], [False, log.id, False])

    def test_of_a_success_only_if_always(self):
        delayed = self.talking(keep_log="on_failure")
        self.run_job(delayed)
        self.assertFalse(self.logs(delayed))
        delayed = self.talking(keep_log="always")
        self.run_job(delayed)
        log = self.logs(delayed)
        self.assertIn("line of A", log.text)
        self.assertEqual(delayed.db_record().timeline[-1]["log_id"], log.id)

    def test_the_record_of_the_function_has_the_last_word(self):
        self.put_job(talk, keep_log="always")
        functions = self.env["queue.job.function"]
        function = functions.create({"name": "<res.partner>.talk"})
        for chosen, count in (("off", 0), ("always", 1), (False, 1)):
            function.keep_log = chosen
            delayed = self.partner.with_delay().talk()
            self.run_job(delayed)
            with self.subTest(chosen=chosen):
                self.assertEqual(len(self.logs(delayed)), count)

    def test_another_attempt_has_a_log_of_its_own(self):
        errors = [RetryableJobError("later", seconds=0), None]

        def try_it(self):
            _logger.info("attempt with %d left", len(errors))
            if error := errors.pop(0):
                raise error

        self.put_job(try_it, keep_log="always")
        delayed = self.partner.with_delay(max_retries=3).try_it()
        self.run_job(delayed)
        write_row(delayed.db_record(), eta=None)
        self.run_job(delayed)
        texts = [log.text[-1 - len("1 left") :] for log in self.logs(delayed)]
        self.assertEqual(texts, [" 1 left", " 2 left"])

    def test_what_other_threads_log_is_not_of_the_job(self):
        def let_others_log(self):
            other = threading.Thread(target=_logger.info, args=["of another thread"])
            other.start()
            other.join()
            _logger.info("of the job")

        self.put_job(let_others_log, keep_log="always")
        delayed = self.partner.with_delay().let_others_log()
        self.run_job(delayed)
        self.assertIn("of the job", self.logs(delayed).text)
        self.assertNotIn("of another thread", self.logs(delayed).text)

    def test_afterwards_there_is_no_handler(self):
        self.run_job(self.talking(keep_log="always"))
        self.assertNotIn(log_keeping._handler, logging.getLogger().handlers)

    def test_lines_are_bounded_and_logs_too(self):
        def talk_a_lot(self):
            for number in range(1000):
                _logger.info("line %d", number)

        self.put_job(talk_a_lot, keep_log="always")
        delayed = self.partner.with_delay().talk_a_lot()
        with patch.object(store, "MOST_LOGS", 2):
            for _ in range(3):
                self.run_job(delayed)
                delayed.db_record().requeue()
        found = self.logs(delayed)
        self.assertEqual(found.mapped("attempt"), [3, 2])
        self.assertEqual(found[0].lines_cut, 800)
        self.assertIn("line 0\n", found[0].text)
        self.assertTrue(found[0].text.endswith("line 999"))

    def test_a_log_that_cannot_be_kept_does_not_undo_the_work(self):
        delayed = self.talking(keep_log="always")
        with (
            patch.object(store, "write", side_effect=OSError("full")),
            self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"),
        ):
            self.assertEqual(self.run_job(delayed), "done")

    def test_what_there_is_not_is_refused_where_it_is_declared(self):
        with self.assertRaisesRegex(TypeError, "off, on_failure, always"):
            job(talk, keep_log="sometimes")


class TestWhoReadsLogs(KeepLogCase):
    def test_those_who_read_the_job(self):
        delayed = self.talking(keep_log="always")
        self.run_job(delayed)
        log = self.logs(delayed)
        reader = new_test_user(
            self.env, "reader", "base.group_user,queue_job.group_queue_job_user"
        )
        for user in (reader, self.manager):
            [row] = self.rpc(user, "queue.job.log", "read", log.ids, ["text"])
            self.assertIn("line of A", row["text"])
            for method, args in (
                ("write", [log.ids, {"text": "x"}]),
                ("create", [{"job_id": log.job_id.id, "attempt": 1}]),
                ("unlink", [log.ids]),
            ):
                with self.subTest(method), self.assertRaises(AccessError):
                    self.rpc(user, "queue.job.log", method, *args)
        foreign = self.env["res.company"].create({"name": "Foreign"})
        write_row(delayed.db_record(), company_id=foreign.id)
        for user in (reader, self.manager, self.user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, "queue.job.log", "read", log.ids, ["text"])
